"""The snapshot in the wheel."""

from __future__ import annotations

import sys

__all__ = ["NAME", "read_bundled"]

NAME = "models.snapshot"


def read_bundled() -> bytes:
    """Return the bytes of the snapshot this release came with."""
    loader = sys.modules[__name__].__spec__.loader  # type: ignore[union-attr]  # a module being run has one
    return loader.get_data(__file__.replace("bundled.py", NAME))  # type: ignore[union-attr]  # so do zip files
