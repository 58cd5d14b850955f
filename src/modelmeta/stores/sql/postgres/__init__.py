"""What only PostgreSQL needs: its connections, its migrations and its queries."""
