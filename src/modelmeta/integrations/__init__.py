"""The catalog in the hands of other packages: one module for each, imported by its name and loading its package only when called."""
