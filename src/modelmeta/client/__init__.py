"""The only sockets: documents of models.dev over HTTP, with retries, a rate limit, and bounds on time and size."""
