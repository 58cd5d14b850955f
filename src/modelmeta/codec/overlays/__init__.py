"""What somebody says besides upstream: how it is written, and how it is laid over a snapshot."""
