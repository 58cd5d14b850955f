"""What was used, and what it cost: kept in a store, added up, and watched over."""
