"""What routers ask of a catalog: where to go next, what fits, what it costs to grow, what to begin with, and what looks wrong."""
