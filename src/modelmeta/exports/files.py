"""The catalog as a file, or into a stream."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, get_args

from ..catalog.model_list import ModelList
from ..errors import SettingsError
from .formats import ENDINGS, WHOLE, Format, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.reading import Reading

__all__ = ["export", "format_of"]


def export(models: Reading | ModelList, target: str | os.PathLike[str] | BinaryIO, format: Format | None = None) -> None:
    """Write *models* to *target*: all of it or, where anything fails, nothing, and what was there before stays.

    A file that is there is replaced, except by ``sqlite``: it may be a store, whose history no export has.

    Args:
        models: a catalog or a registry, or for the formats that are lists of models also some of them, as ``filter`` returns them.
        target: a path, or a stream of bytes such as ``sys.stdout.buffer``. A stream is not closed, and may have received a part.
        format: ``json`` (the models.dev document), ``jsonl`` (a model a line), ``csv``, ``parquet`` (extra ``arrow``), ``sqlite``
            (the documented schema, one revision), ``markdown`` or ``snapshot`` (modelmeta's own). By the ending of the path unless given.

    Raises:
        SettingsError: there is no such format, or none that *models* or *target* could have.
        MissingExtraError: it needs a package that is not installed.
        OSError: *target* cannot be written.
    """
    if not isinstance(target, (str, os.PathLike)):
        write(models, target, _checked(models, target, format))
        return
    path = Path(target)
    chosen = _checked(models, target, format or format_of(path))
    if chosen == "sqlite" and path.exists():
        message = f"{str(path)!r} is there already, and may be a store with a history; delete it first, or choose another name"
        raise SettingsError(message, key="target")
    with _replacing(path) as file:
        write(models, file, chosen)


def format_of(path: str | os.PathLike[str]) -> Format | None:
    """Return the format that the ending of *path* stands for, None where it stands for none."""
    return ENDINGS.get(Path(path).suffix.lower())


def _checked(models: Reading | ModelList, target: object, format: Format | None) -> Format:
    """Return *format*, which is one, and one that *models* can have."""
    known = get_args(Format)
    if format is None or format not in known:
        wrong = f"there is no format {format!r}" if format else f"nothing says in what format to write {target!r}"
        message = f"{wrong}; the formats are {', '.join(known)}, by the endings {', '.join(ENDINGS)}, or as format="
        raise SettingsError(message, key="format")
    if format in WHOLE and isinstance(models, ModelList):
        message = f"{format} holds a whole catalog; of some models write {', '.join(name for name in known if name not in WHOLE)}"
        raise SettingsError(message, key="format")
    return format


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of the one at *path* once all is written. What is no file, such as a pipe, is written to."""
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    real = path.resolve()
    with TemporaryDirectory(prefix=f".{real.name}.", dir=real.parent) as folder:
        part = Path(folder) / "part"
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if real.exists():
            shutil.copymode(real, part)
        part.replace(real)
