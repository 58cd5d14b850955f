"""Where sources, codec and catalog meet: registries, and catalogs without one."""
