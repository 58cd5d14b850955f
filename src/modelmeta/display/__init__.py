"""How facts are shown to people: as text, on a terminal, in a notebook."""
