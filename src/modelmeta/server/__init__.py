"""The catalog over HTTP: an ASGI app, a router for other apps, a mirror of models.dev."""
