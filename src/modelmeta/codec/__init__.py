"""What bytes mean: models.dev's documents and our own snapshot format."""
