"""What a registry tells those who watch over it: numbers to its metrics, and spans to OpenTelemetry where that is installed."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

import attrs

from ..stores.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .._flow import Flow
    from ..catalog.diff import ChangeSet
    from ..catalog.stats import Stats
    from ..sources.source import Fetched
    from ..stores.store import Refresh
    from .status import RegistryStatus
    from .world import Fetch

__all__ = ["FetchOutcome", "Metrics", "Observed", "Telemetry", "timed"]

FetchOutcome: TypeAlias = Literal["document", "not_modified", "failed"]

_LOG = logging.getLogger("modelmeta.registry")
_TIMED = {name for name in vars(Store) if not name.startswith("_")} - {"wait", "close"}
"""What a store is asked for; waiting for news takes as long as it takes."""
_TOLD = ("source", "revision", "added", "removed", "changed", "price_changes", "problems")


class Observed(Protocol):
    """What metrics ask a registry for: plain calls, answered in memory."""

    def status(self) -> RegistryStatus:
        """Return where the facts are from, how old they are, and how refreshing goes."""
        ...

    def stats(self) -> Stats:
        """Return the catalog in numbers, and where answers came from."""
        ...


class Metrics(Protocol):
    """Who counts what goes on. Every method may be called from any thread, and returns soon; what it raises is logged, and harms nothing."""

    def attached(self, registry: Observed) -> None:
        """Hear of a registry that tells its numbers here, when it is made; maybe again. It is not to be kept alive by that."""
        ...

    def refreshed(self, run: Refresh, changes: ChangeSet) -> None:
        """Hear how a refresh ended, and what it changed in what is read; nothing where it was held or failed."""
        ...

    def stored(self, operation: str, seconds: float, *, ok: bool) -> None:
        """Hear how long the method *operation* of the store took, and whether it returned."""
        ...

    def fetched(self, seconds: float, outcome: FetchOutcome) -> None:
        """Hear how long a source took, and what it gave."""
        ...

    def served(self, route: str, method: str, status: int, seconds: float) -> None:
        """Hear how long the server took for a request. *route* is a template like ``/models/{ref}``, and ``other`` where there is none."""
        ...

    def delivered(self, outcome: str) -> None:
        """Hear how an attempt to deliver a webhook ended: a word, of few."""
        ...


@attrs.frozen
class Telemetry:
    """The metrics and the tracer of one registry; without either it does nothing."""

    metrics: Metrics | None = None
    tracer: Any = None

    @classmethod
    def of(cls, metrics: Metrics | None) -> Telemetry:
        """Return what tells *metrics* and, where OpenTelemetry is installed, that."""
        try:
            from opentelemetry.trace import get_tracer  # noqa: PLC0415  # few have it
        except ImportError:
            return cls(metrics)
        return cls(metrics, get_tracer("modelmeta"))

    def tell(self, name: str, *said: Any, **more: Any) -> None:
        """Call the method *name* of the metrics."""
        if self.metrics is not None:
            try:
                getattr(self.metrics, name)(*said, **more)
            except Exception:  # noqa: BLE001  # metrics may be anybody's code
                _LOG.exception("the metrics failed")

    @contextmanager
    def span(self, name: str, **told: str) -> Iterator[None]:
        """Do what is done within as a span. Of an error it tells no more than the type."""
        if self.tracer is None:
            yield
            return
        with self.tracer.start_as_current_span(name, attributes=told, record_exception=False, set_status_on_exception=False) as span:
            try:
                yield
            except BaseException as error:
                from opentelemetry.trace import StatusCode  # noqa: PLC0415  # as above

                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def ended(self, run: Refresh, changes: ChangeSet) -> None:
        """Tell how a refresh ended, within its span."""
        if self.tracer is not None:
            from opentelemetry.trace import get_current_span  # noqa: PLC0415  # as above

            told = {name: value for name in _TOLD if (value := getattr(run, name)) is not None}
            get_current_span().set_attributes(
                {"modelmeta.outcome": run.outcome, **{f"modelmeta.{name}": value for name, value in told.items()}}
            )
        self.tell("refreshed", run, changes)

    def fetch(self, step: Fetch) -> Flow[Fetched | None]:
        """Do the *step*, and tell how that went."""
        begun = perf_counter()
        outcome: FetchOutcome = "failed"
        try:
            with self.span("modelmeta.fetch", **{"modelmeta.source": step.source.name}):
                fetched: Fetched | None = yield step
            outcome = "not_modified" if fetched is None else "document"
        finally:
            self.tell("fetched", perf_counter() - begun, outcome)
        return fetched


class _Timed:
    """A store whose metrics hear how long it takes."""

    def __init__(self, store: Store, telemetry: Telemetry) -> None:
        self._store = store
        self._telemetry = telemetry

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return partial(self._call, name, found) if name in _TIMED else found

    def _call(self, name: str, method: Callable[..., Any], *asked: Any, **more: Any) -> Any:
        begun, ok = perf_counter(), False
        try:
            answer = method(*asked, **more)
            ok = True
        finally:
            self._telemetry.tell("stored", name, perf_counter() - begun, ok=ok)
        return answer


def timed(store: Store, metrics: Metrics) -> Store:
    """Return *store*, whose *metrics* hear how long each call takes."""
    return store if isinstance(store, _Timed) else cast("Store", _Timed(store, Telemetry(metrics)))
