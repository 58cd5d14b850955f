"""What can be asked: an immutable, indexed catalog and the values it answers with."""

from __future__ import annotations

from .catalog import Catalog
from .reading import Reading

__all__ = ["Catalog", "Reading"]
