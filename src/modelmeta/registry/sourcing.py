"""From what a caller calls a source to sources."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import SettingsError
from ..sources.file import FileSource
from ..sources.source import AsyncSource, Source

if TYPE_CHECKING:
    from ..settings import Settings

__all__ = ["AnyAsyncSource", "AnySource", "as_sources"]

AnySource: TypeAlias = str | os.PathLike[str] | Source
"""An address, a path, or a source."""

AnyAsyncSource: TypeAlias = AnySource | AsyncSource
"""The same, or a source whose fetching is awaited."""


def as_sources(
    given: AnyAsyncSource | Sequence[AnyAsyncSource] | None, settings: Settings, upstream: Callable[[str], Any], *, awaits: bool
) -> tuple[Any, ...]:
    """Return the sources that *given* names, in order; without the network those of them that need none.

    Args:
        given: one, several, or None for ``settings.base_url``.
        settings: of the registry.
        upstream: makes the source of an address.
        awaits: whether a source may be an :class:`AsyncSource`.

    Raises:
        SettingsError: one of them is nothing to read from.
    """
    several = [settings.base_url] if given is None else [*given] if isinstance(given, (list, tuple)) else [given]
    sources = [_as_source(source, settings, upstream, (Source, AsyncSource) if awaits else (Source,)) for source in several]
    return tuple(source for source in sources if settings.enabled or getattr(source, "offline", False) is True)


def _as_source(given: Any, settings: Settings, upstream: Callable[[str], Any], kinds: tuple[type, ...]) -> Any:
    if isinstance(given, str) and "://" in given:
        if not given.lower().startswith(("http://", "https://")):
            message = f"a source is an http or https address, a path or a Source, not {given.partition('://')[0]}://…"
            raise SettingsError(message, key="source")
        if "@" in given.partition("://")[2].partition("/")[0]:
            message = "a source's address must not hold a user name or password; what was given is not shown"
            raise SettingsError(message, key="source")
        address, _, query = given.partition("?")
        if "#" in given or (query and not (address.endswith(".json") and query.startswith("type=") and "&" not in query)):
            message = (
                "a source's address has no query but the ?type=… of a document, for it stands in logs; a signed one needs a Source of yours"
            )
            raise SettingsError(message, key="source")
        return upstream(given)
    if isinstance(given, (str, os.PathLike)) and os.fspath(given):
        return FileSource(given, most_bytes=settings.max_document_bytes)
    if isinstance(given, kinds) and not isinstance(given, type):
        return given
    message = f"a source is an http or https address, a path or a Source (name, fetch), not {given!r:.100}"
    raise SettingsError(message, key="source")
