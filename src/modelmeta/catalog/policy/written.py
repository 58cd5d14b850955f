"""Policies that are written down in TOML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..._toml import parse_toml
from ...errors import SourceError, SourceNotFoundError

if TYPE_CHECKING:
    import os

    from ...records.problem import Mistakes

__all__ = ["read_toml"]

_LARGEST = 1 << 20
"""More bytes than this are no policy that anybody wrote."""


def read_toml(path: str | os.PathLike[str], mistakes: Mistakes) -> dict[str, Any]:
    """Return what the file says; nothing where that is no TOML.

    Raises:
        SourceError: it cannot be read; ``SourceNotFoundError`` when there is none.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        message = f"there is no policy {name!r}"
        raise SourceNotFoundError(message, source=name) from None
    except OSError as error:
        message = f"{name!r} cannot be read: {error}"
        raise SourceError(message, source=name) from error
    if len(data) > _LARGEST:
        message = f"{name!r} is larger than {_LARGEST:,} bytes, which no policy is"
        raise SourceError(message, source=name)
    try:
        return parse_toml(data.decode("utf-8-sig"))
    except ValueError as error:
        mistakes.wrong((), f"{Path(path).name} is not TOML: {error}", None)
        return {}
