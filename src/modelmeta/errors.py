"""Everything modelmeta raises.

::

    ModelMetaError
    ├── DecodeError (ValueError)
    │   └── SnapshotVersionError
    ├── InvalidRefError (TypeError, ValueError)
    ├── MissingExtraError (ImportError)
    ├── ModelNotFoundError (KeyError)
    ├── ProviderNotFoundError (KeyError)
    ├── QueryError (ValueError)
    │   └── UnknownCapabilityError
    ├── SourceError (OSError)
    │   └── SourceNotFoundError (FileNotFoundError)
    ├── UnknownModeError (ValueError)
    └── UsageError (ValueError)

Catch ``ModelMetaError`` for all of them, or the builtin in brackets. The message is the first argument; what the message talks about is also
an attribute, so that programs need not parse it. Every error pickles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "DecodeError",
    "InvalidRefError",
    "MissingExtraError",
    "ModelMetaError",
    "ModelNotFoundError",
    "ProviderNotFoundError",
    "QueryError",
    "SnapshotVersionError",
    "SourceError",
    "SourceNotFoundError",
    "UnknownCapabilityError",
    "UnknownModeError",
    "UsageError",
]


class ModelMetaError(Exception):
    """Root of every error modelmeta raises."""

    # KeyError prints the repr of its argument; a message should read as one.
    __str__ = Exception.__str__


class DecodeError(ModelMetaError, ValueError):
    """Bytes, text or an object that is not a models.dev document or a modelmeta snapshot.

    ``source`` names where it came from, when known.
    """

    def __init__(self, message: str, *, source: str | None = None) -> None:
        super().__init__(message)
        self.source = source


class SnapshotVersionError(DecodeError):
    """A snapshot of a format version that this modelmeta does not read.

    ``found`` is the version of the file, ``supported`` the one this release reads.
    """

    def __init__(self, message: str, *, source: str | None = None, found: object = None, supported: int | None = None) -> None:
        super().__init__(message, source=source)
        self.found = found
        self.supported = supported


class InvalidRefError(ModelMetaError, TypeError, ValueError):
    """A value that cannot be a model reference or a provider id. ``value`` is what was given."""

    def __init__(self, message: str, *, value: object = None) -> None:
        super().__init__(message)
        self.value = value


class MissingExtraError(ModelMetaError, ImportError):
    """An optional part is not installed. ``extra`` is the name to put in ``pip install "modelmeta[…]"``."""

    def __init__(self, message: str, *, extra: str = "") -> None:
        super().__init__(message)
        self.extra = extra


class ModelNotFoundError(ModelMetaError, KeyError):
    """No model has this reference.

    ``ref`` is what was asked for, ``suggestions`` the nearest known references, best first.
    """

    def __init__(self, message: str, *, ref: str = "", suggestions: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.ref = ref
        self.suggestions = tuple(suggestions)


class ProviderNotFoundError(ModelMetaError, KeyError):
    """No provider has this id. ``suggestions`` are the nearest known ids, best first."""

    def __init__(self, message: str, *, provider_id: str = "", suggestions: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.provider_id = provider_id
        self.suggestions = tuple(suggestions)


class QueryError(ModelMetaError, ValueError):
    """A criterion, or its value, that cannot be asked. ``criterion`` is its name, ``value`` what was given."""

    def __init__(self, message: str, *, criterion: str = "", value: object = None) -> None:
        super().__init__(message)
        self.criterion = criterion
        self.value = value


class UnknownCapabilityError(QueryError):
    """A capability name that modelmeta does not know; the message lists those it does."""


class SourceError(ModelMetaError, OSError):
    """A place catalogs are read from cannot be read. ``source`` names it."""

    def __init__(self, message: str, *, source: str = "") -> None:
        super().__init__(message)
        self.source = source


class SourceNotFoundError(SourceError, FileNotFoundError):
    """There is nothing at the path given."""


class UnknownModeError(ModelMetaError, ValueError):
    """A pricing mode that the model does not have. ``modes`` are those it has."""

    def __init__(self, message: str, *, mode: str = "", modes: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.mode = mode
        self.modes = tuple(modes)


class UsageError(ModelMetaError, ValueError):
    """A token usage that contradicts itself. ``field`` is the one at fault."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
