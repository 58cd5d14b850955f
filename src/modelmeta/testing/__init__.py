"""For your tests and ours: hypothesis strategies and synthetic catalogs."""
