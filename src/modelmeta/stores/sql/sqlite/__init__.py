"""What only SQLite needs: its connections, its migrations and its queries."""
