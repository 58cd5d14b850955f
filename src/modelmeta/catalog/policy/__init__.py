"""What may be used: rules, what they rule, and catalogs of only that."""
