"""The routes, one module for each part of the catalog; each adds its own to a router."""
