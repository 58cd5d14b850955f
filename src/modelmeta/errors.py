"""Everything modelmeta raises.

::

    ModelMetaError
    ├── AmbiguousModelError (KeyError)
    ├── DecodeError (ValueError)
    │   └── SnapshotVersionError
    ├── InvalidRefError (TypeError, ValueError)
    ├── MissingExtraError (ImportError)
    ├── ModelNotFoundError (KeyError)
    ├── NoMatchError (LookupError)
    ├── OverlayError (ValueError)
    ├── PolicyError (ValueError)
    ├── ProviderNotFoundError (KeyError)
    ├── QueryError (ValueError)
    │   ├── MixedBenchmarkError
    │   ├── UnknownBenchmarkError
    │   └── UnknownCapabilityError
    ├── RefreshError (RuntimeError)
    │   ├── FetchError (SourceError)
    │   │   ├── ConnectFailedError (ConnectionError)
    │   │   ├── ContentError (ValueError)
    │   │   │   └── TooLargeError
    │   │   ├── DeadlineError (TimeoutError)
    │   │   └── StatusError
    │   │       └── RateLimitedError
    │   ├── OfflineError
    │   └── StoreError (OSError)
    │       ├── StoreVersionError
    │       └── StoreUnavailableError (ConnectionError)
    ├── RevisionNotFoundError (LookupError)
    ├── SettingsError (ValueError)
    ├── SourceError (OSError)
    │   └── SourceNotFoundError (FileNotFoundError)
    ├── UnknownModeError (ValueError)
    └── UsageError (ValueError)

Catch ``ModelMetaError`` for all of them, or the builtin in brackets. The message is the first argument; what the message talks about is also
an attribute, so that programs need not parse it. Every error pickles.

What each means, its cause, what to check and how to mend it: ``reference/errors.md`` of the documentation; ``page`` of an error is its section there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = [
    "AmbiguousModelError",
    "ConnectFailedError",
    "ContentError",
    "DeadlineError",
    "DecodeError",
    "FetchError",
    "InvalidRefError",
    "MissingExtraError",
    "MixedBenchmarkError",
    "ModelMetaError",
    "ModelNotFoundError",
    "NoMatchError",
    "OfflineError",
    "OverlayError",
    "PolicyError",
    "ProviderNotFoundError",
    "QueryError",
    "RateLimitedError",
    "RefreshError",
    "RevisionNotFoundError",
    "SettingsError",
    "SnapshotVersionError",
    "SourceError",
    "SourceNotFoundError",
    "StatusError",
    "StoreError",
    "StoreUnavailableError",
    "StoreVersionError",
    "TooLargeError",
    "UnknownBenchmarkError",
    "UnknownCapabilityError",
    "UnknownModeError",
    "UsageError",
]


class ModelMetaError(Exception):
    """Root of every error modelmeta raises."""

    def __str__(self) -> str:
        return Exception.__str__(self)  # KeyError prints the repr of its argument; a message should read as one

    @property
    def page(self) -> str:
        """The section of the documentation that explains this error: cause, check and fix. A class of yours has that of ours above it."""
        known = next(cls for cls in type(self).__mro__ if cls.__module__ == __name__)
        return f"reference/errors.md#{known.__name__.lower()}"


class AmbiguousModelError(ModelMetaError, KeyError):
    """A name that means several models.

    ``name`` is what was asked for, ``candidates`` the references it can mean, the lab's own first. Naming one of them, or ``prefer=`` with its
    provider, settles it.
    """

    def __init__(self, message: str, *, name: str = "", candidates: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.candidates: tuple[str, ...] = tuple(candidates)


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
        self.suggestions: tuple[str, ...] = tuple(suggestions)


class NoMatchError(ModelMetaError, LookupError):
    """No model meets a query. ``explanation`` says which criteria ruled the models out, and which came near."""

    def __init__(self, message: str, *, explanation: Any = None) -> None:
        super().__init__(message)
        self.explanation = explanation


class OverlayError(ModelMetaError, ValueError):
    """An overlay with mistakes. ``problems`` lists them all, each with the path to it and, where there is one, the nearest valid name."""

    def __init__(self, message: str, *, problems: Iterable[Any] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[Any, ...] = tuple(problems)


class PolicyError(ModelMetaError, ValueError):
    """A policy with mistakes. ``problems`` lists them all, each with the path to it and, where there is one, the nearest valid name."""

    def __init__(self, message: str, *, problems: Iterable[Any] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[Any, ...] = tuple(problems)


class ProviderNotFoundError(ModelMetaError, KeyError):
    """No provider has this id. ``suggestions`` are the nearest known ids, best first."""

    def __init__(self, message: str, *, provider_id: str = "", suggestions: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.provider_id = provider_id
        self.suggestions: tuple[str, ...] = tuple(suggestions)


class QueryError(ModelMetaError, ValueError):
    """A criterion, or its value, that cannot be asked. ``criterion`` is its name, ``value`` what was given."""

    def __init__(self, message: str, *, criterion: str = "", value: object = None) -> None:
        super().__init__(message)
        self.criterion = criterion
        self.value = value


class MixedBenchmarkError(QueryError):
    """Results that do not compare: they differ in metric, harness or version. ``standards`` are those there are, most results first."""

    def __init__(self, message: str, *, criterion: str = "", value: object = None, standards: Iterable[object] = ()) -> None:
        super().__init__(message, criterion=criterion, value=value)
        self.standards: tuple[object, ...] = tuple(standards)


class UnknownBenchmarkError(QueryError):
    """A benchmark of which the catalog holds no result. ``suggestions`` are the nearest names, best first."""

    def __init__(self, message: str, *, criterion: str = "", value: object = None, suggestions: Iterable[str] = ()) -> None:
        super().__init__(message, criterion=criterion, value=value)
        self.suggestions: tuple[str, ...] = tuple(suggestions)


class UnknownCapabilityError(QueryError):
    """A capability name that modelmeta does not know; the message lists those it does."""


class SourceError(ModelMetaError, OSError):
    """A place catalogs are read from cannot be read. ``source`` names it."""

    def __init__(self, message: str, *, source: str = "") -> None:
        super().__init__(message)
        self.source = source


class SourceNotFoundError(SourceError, FileNotFoundError):
    """There is nothing at the path given."""


class RefreshError(ModelMetaError, RuntimeError):
    """A refresh that failed. The catalog is as it was. ``errors`` is what each source answered, in the order they were asked."""

    def __init__(self, message: str, *, errors: Iterable[Exception] = ()) -> None:
        super().__init__(message)
        self.errors: tuple[Exception, ...] = tuple(errors)


class OfflineError(RefreshError):
    """Something was asked of the network, which ``enabled=False`` forbids."""


class FetchError(RefreshError, SourceError):
    """An upstream that did not give what was asked for. ``url`` is what was asked, ``attempts`` how often."""

    def __init__(self, message: str, *, url: str = "", attempts: int = 1) -> None:
        super().__init__(message)
        self.url: str = url
        self.source = url
        self.attempts = attempts


class ConnectFailedError(FetchError, ConnectionError):
    """No connection, or one that broke: an unknown host, a refused or dropped connection, a certificate that does not hold."""


class ContentError(FetchError, ValueError):
    """An answer that is no JSON document: another content type, another charset, cut short, damaged."""


class TooLargeError(ContentError):
    """An answer larger than ``max_document_bytes``, as sent or unpacked. Nothing beyond that was read."""


class DeadlineError(FetchError, TimeoutError):
    """No complete answer in time."""


class StatusError(FetchError):
    """An answer of another HTTP status than 200 or 304. ``status`` is it; a redirect is one, and is not followed.

    ``retry_after`` is for how many seconds upstream asks to wait, None where it does not say.
    """

    def __init__(self, message: str, *, url: str = "", attempts: int = 1, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(message, url=url, attempts=attempts)
        self.status = status
        self.retry_after = retry_after


class RateLimitedError(StatusError):
    """Status 429: too many requests."""


class StoreError(RefreshError, OSError):
    """A store that failed: it cannot be reached, read or written. What is in memory can still be read.

    ``store`` is its address, without a password. It is a RefreshError since refreshing is what most often meets it.
    """

    def __init__(self, message: str, *, store: str = "") -> None:
        super().__init__(message)
        self.store = store


class StoreUnavailableError(StoreError, ConnectionError):
    """A store that does not answer, or not in time: its server is down, the connection broke, somebody else has locked it."""


class StoreVersionError(StoreError):
    """A store whose schema is of a later modelmeta. ``found`` is its version, ``supported`` the one this release reads."""

    def __init__(self, message: str, *, store: str = "", found: int = 0, supported: int = 0) -> None:
        super().__init__(message, store=store)
        self.found = found
        self.supported = supported


class RevisionNotFoundError(ModelMetaError, LookupError):
    """The store keeps no such revision. ``when`` is what was asked for."""

    def __init__(self, message: str, *, when: object = None) -> None:
        super().__init__(message)
        self.when = when


class SettingsError(ModelMetaError, ValueError):
    """A setting that is unknown, or whose value cannot be used. ``key`` is its name as it was given."""

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class UnknownModeError(ModelMetaError, ValueError):
    """A pricing mode that the model does not have. ``modes`` are those it has."""

    def __init__(self, message: str, *, mode: str = "", modes: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.mode = mode
        self.modes: tuple[str, ...] = tuple(modes)


class UsageError(ModelMetaError, ValueError):
    """A token usage that contradicts itself. ``field`` is the one at fault."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
