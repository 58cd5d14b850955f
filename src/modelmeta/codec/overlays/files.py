"""Where overlays are written down: one TOML file, or a folder laid out as models.dev's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..._toml import parse_toml
from ...errors import SourceError, SourceNotFoundError

if TYPE_CHECKING:
    import os

    from ...records.problem import Mistakes
    from ..shape import Json

__all__ = ["read_path", "read_toml"]

_LARGEST = 16 << 20
"""More bytes than this are no file that anybody wrote."""


def read_path(path: str | os.PathLike[str], mistakes: Mistakes) -> Json:
    """Return the form that is written at *path*.

    Raises:
        SourceError: it cannot be read; ``SourceNotFoundError`` when there is nothing.
    """
    place = Path(path)
    if not place.is_dir():
        return _read_file(place, mistakes, place.name)
    top, providers = place / "overlay.toml", sorted((place / "providers").glob("*/"))
    if not top.is_file() and not providers:
        message = f"{str(place)!r} holds neither an overlay.toml nor providers/<id>/provider.toml"
        raise SourceNotFoundError(message, source=str(place))
    tree: Json = _read_file(top, mistakes, top.name) if top.is_file() else {}
    read = {folder.name: _read_provider(place, folder, mistakes) for folder in providers if folder.is_dir()}
    written = tree.get("providers", {})
    for provider_id in read.keys() & (written if isinstance(written, dict) else {}):
        mistakes.wrong(("providers", provider_id), "stands in overlay.toml and has a folder as well", None)
    return {**tree, "providers": {**written, **read}} if isinstance(written, dict) else tree


def read_toml(text: str, mistakes: Mistakes, name: str) -> Json:
    """Return what a TOML *text*, the file *name*, says; nothing where it is none."""
    try:
        return parse_toml(text)
    except ValueError as error:
        mistakes.wrong((), f"{name} is not TOML: {error}", None)
        return {}


def _read_provider(root: Path, folder: Path, mistakes: Mistakes) -> Json:
    head = folder / "provider.toml"
    models = folder / "models"
    paths = sorted(models.rglob("*.toml"))
    return {
        **(_read_file(head, mistakes, str(head.relative_to(root))) if head.is_file() else {}),
        "models": {
            path.relative_to(models).with_suffix("").as_posix(): _read_file(path, mistakes, str(path.relative_to(root))) for path in paths
        },
    }


def _read_file(path: Path, mistakes: Mistakes, name: str) -> Json:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        message = f"there is no overlay {str(path)!r}"
        raise SourceNotFoundError(message, source=str(path)) from None
    except OSError as error:
        message = f"{str(path)!r} cannot be read: {error}"
        raise SourceError(message, source=str(path)) from error
    if len(data) > _LARGEST:
        message = f"{str(path)!r} is larger than {_LARGEST:,} bytes, which no overlay is"
        raise SourceError(message, source=str(path))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mistakes.wrong((), f"{name} is not UTF-8: {error}", None)
        return {}
    return read_toml(text, mistakes, name)
