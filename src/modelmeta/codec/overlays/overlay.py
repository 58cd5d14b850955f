"""What a user says, in models.dev's own authoring form."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs

from ...errors import OverlayError
from ...records.problem import Mistakes
from ..layer import Layer
from .files import read_path, read_toml
from .form import read_form
from .rows import head_of, row_of

if TYPE_CHECKING:
    from ...records.model import Model
    from ...records.provider import Provider

__all__ = ["Overlay"]


@attrs.frozen
class Overlay(Layer):
    """A layer that somebody wrote, in models.dev's own authoring form, with every name and word checked.

    >>> from modelmeta import Overlay
    >>> Overlay.parse('''
    ... [providers.acme]
    ... name = "Acme's own GPUs"
    ... env = ["ACME_KEY"]
    ... api = "https://llm.acme.example/v1"
    ...
    ... [models."acme/llama"]
    ... limit = { context = 131_072 }
    ... ''').models["acme/llama"]
    {'limit': {'context': 131072}}
    """

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, name: str | None = None, wins: bool | None = None) -> Self:
        """Return the overlay written at *path*: a TOML file, or a folder with ``providers/<id>/provider.toml`` and ``…/models/**.toml``.

        Args:
            path: the file or folder. A folder may hold an ``overlay.toml`` with everything else.
            name: what ``origin`` is to say; else what the file says, or what it is called.
            wins: whether it counts where upstream says something else; else what the file says, or True.

        Raises:
            OverlayError: there are mistakes; ``.problems`` lists them all.
            SourceError: it cannot be read; ``SourceNotFoundError`` when there is nothing.
        """
        mistakes = Mistakes(f"the overlay {os.fsdecode(path)!r}", OverlayError)
        return cls._made(read_path(path, mistakes), mistakes, Path(path).absolute().stem, name, wins)

    @classmethod
    def parse(cls, source: str | Mapping[str, Any], *, name: str | None = None, wins: bool | None = None) -> Self:
        """Return the overlay that TOML text says, or a mapping of the same form.

        Raises:
            OverlayError: there are mistakes; ``.problems`` lists them all.
        """
        mistakes = Mistakes("the overlay" if name is None else f"the overlay {name!r}", OverlayError)
        tree = read_toml(source, mistakes, "the text") if isinstance(source, str) else source
        return cls._made(tree, mistakes, "overlay", name, wins)

    @classmethod
    def of(
        cls,
        *,
        models: Iterable[Model] = (),
        providers: Iterable[Provider] = (),
        aliases: Mapping[str, str] | None = None,
        name: str = "overlay",
        wins: bool = True,
    ) -> Self:
        """Return the overlay that says what these records know, every field of them; what is unknown there is not said.

        Raises:
            OverlayError: something in them cannot be.
        """
        return cls(
            name,
            models={str(model.ref): row_of(model) for model in models},
            providers={provider.id: head_of(provider) for provider in providers},
            aliases=aliases or {},
            wins=wins,
        )

    @classmethod
    def _made(cls, tree: object, mistakes: Mistakes, usual: str, name: str | None, wins: bool | None) -> Self:  # noqa: FBT001  # passed on
        read = read_form(tree, mistakes)
        mistakes.tell()
        given = {"name": name, "wins": wins}
        return cls(**{"name": usual, **read, **{key: value for key, value in given.items() if value is not None}})
