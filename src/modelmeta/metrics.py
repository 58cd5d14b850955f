"""Numbers for those who watch over it: ``Registry(metrics=PrometheusMetrics())``."""

from __future__ import annotations

import os
import weakref
from threading import Lock
from typing import TYPE_CHECKING

from .errors import MissingExtraError
from .registry.telemetry import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client import CollectorRegistry, Counter
    from prometheus_client.core import GaugeMetricFamily

    from .catalog.diff import ChangeSet
    from .catalog.tally import Tier
    from .registry.telemetry import FetchOutcome, Observed
    from .stores.store import Refresh

__all__ = ["Metrics", "PrometheusMetrics"]

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_OTHER = "other"
"""The label of whatever is not among the few that are known: labels do not grow with what clients send."""
_OF_A_REFRESH = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_OF_A_STORE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_OF_A_REQUEST = (0.0001, 0.00025, 0.0005, *_OF_A_STORE)


class PrometheusMetrics:
    """Counts for Prometheus. Give it to the registry, and to ``create_app``, which then answers ``/metrics``.

    Where ``PROMETHEUS_MULTIPROC_DIR`` is set, the processes that share this folder add up what they count.

    Args:
        registry: where the numbers are registered, by default a ``CollectorRegistry`` of its own.

    Raises:
        MissingExtraError: prometheus-client is not installed.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415  # an extra
        except ImportError as error:
            message = f'Prometheus needs prometheus-client ({error}): pip install "modelmeta[metrics]"'
            raise MissingExtraError(message, extra="metrics") from error
        self._reading = _Reading()
        self.registry: CollectorRegistry = registry or CollectorRegistry()
        into = self.registry
        into.register(self._reading)  # the first to be asked: it brings the counters up to date that come after it
        self._refreshes = Counter("modelmeta_refreshes", "Refreshes that ended, by outcome.", ["outcome"], registry=into)
        self._refresh_seconds = Histogram(
            "modelmeta_refresh_duration_seconds", "How long refreshes took.", buckets=_OF_A_REFRESH, registry=into
        )
        self._changes = Counter("modelmeta_changes", "What refreshes changed in the catalog, by kind.", ["kind"], registry=into)
        self._fetches = Counter("modelmeta_fetches", "Questions to a source, by outcome.", ["outcome"], registry=into)
        self._fetch_seconds = Histogram(
            "modelmeta_fetch_duration_seconds", "How long sources took to answer.", buckets=_OF_A_REFRESH, registry=into
        )
        self._store_seconds = Histogram(
            "modelmeta_store_duration_seconds", "How long the store took, by operation.", ["operation"], buckets=_OF_A_STORE, registry=into
        )
        self._store_errors = Counter("modelmeta_store_errors", "What the store failed to do, by operation.", ["operation"], registry=into)
        self._requests = Counter("modelmeta_http_requests", "Requests that were answered.", ["route", "method", "status"], registry=into)
        self._request_seconds = Histogram(
            "modelmeta_http_request_duration_seconds", "How long answers took, by route.", ["route"], buckets=_OF_A_REQUEST, registry=into
        )
        self._served: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}
        self._deliveries = Counter("modelmeta_webhook_deliveries", "Attempts to deliver webhooks, by outcome.", ["outcome"], registry=into)
        self._reading.hits = Counter("modelmeta_cache_hits", "Answers that were there already, by tier.", ["tier"], registry=into)
        self._reading.misses = Counter("modelmeta_cache_misses", "Answers that were not there yet, by tier.", ["tier"], registry=into)

    def attached(self, registry: Observed) -> None:
        """Read the gauges from *registry*, as long as it lives; the registry that these metrics were given to calls it."""
        self._reading.observe(registry)

    def observe(self, tiers: Callable[[], Iterable[Tier]]) -> None:
        """Read hits and misses from more *tiers* than those of the registry."""
        self._reading.more.append(tiers)

    def refreshed(self, run: Refresh, changes: ChangeSet) -> None:
        """Count a refresh that ended."""
        self._refreshes.labels(run.outcome).inc()
        assert run.duration is not None  # noqa: S101  # it has ended
        self._refresh_seconds.observe(run.duration.total_seconds())
        for change in changes:
            self._changes.labels(change.kind).inc()

    def stored(self, operation: str, seconds: float, *, ok: bool) -> None:
        """Count a call of the store."""
        self._store_seconds.labels(operation).observe(seconds)
        if not ok:
            self._store_errors.labels(operation).inc()

    def fetched(self, seconds: float, outcome: FetchOutcome) -> None:
        """Count a question to a source."""
        self._fetches.labels(outcome).inc()
        self._fetch_seconds.observe(seconds)

    def served(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        answered = (route, method if method in _METHODS else _OTHER, status)
        if answered not in self._served:
            self._served[answered] = self._requests.labels(*answered).inc, self._request_seconds.labels(route).observe
        count, observe = self._served[answered]
        count()
        observe(seconds)

    def delivered(self, outcome: str) -> None:
        """Count an attempt to deliver a webhook."""
        self._deliveries.labels(outcome).inc()

    def exposition(self) -> bytes:
        """Return all numbers as Prometheus scrapes them, in its text format; with several processes, of all."""
        from prometheus_client import CollectorRegistry, generate_latest, multiprocess  # noqa: PLC0415  # as above

        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        together.register(self._reading)
        multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # it has no annotations
        return generate_latest(together)


class _Reading:
    """What is read when Prometheus asks: the state of a registry, and how often answers were there already."""

    def __init__(self) -> None:
        self._registry: Callable[[], Observed | None] = lambda: None
        self._counted: dict[tuple[Counter, str], int] = {}
        self._lock = Lock()
        self.more: list[Callable[[], Iterable[Tier]]] = []
        self.hits: Counter
        self.misses: Counter

    def observe(self, registry: Observed) -> None:
        self._registry = weakref.ref(registry)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return nothing: to know what there is, a registry would have to be opened."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return the gauges, and bring the counters up to date."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415  # as above

        registry = self._registry()
        if registry is None:
            return
        status = registry.status()
        with self._lock:  # lest somebody else adds the same
            tiers = [*registry.stats().tiers, *(tier for tiers in self.more for tier in tiers())]
            for tier in tiers:
                self._count(self.hits, tier.name, tier.hits)
                self._count(self.misses, tier.name, tier.misses)
        gauges = {
            "modelmeta_models": ("Models in the catalog.", status.models),
            "modelmeta_providers": ("Providers in the catalog.", status.providers),
            "modelmeta_catalog_age_seconds": (
                "How old the facts are; absent where nobody knows.",
                None if status.age is None else status.age.total_seconds(),
            ),
            "modelmeta_catalog_stale": ("Whether they are older than stale_after; absent where nobody knows.", status.stale),
            "modelmeta_held": ("Whether a revision waits to be accepted.", status.held is not None),
            "modelmeta_refresh_consecutive_failures": ("Refreshes that failed since the last that did not.", status.consecutive_failures),
        }
        yield from (GaugeMetricFamily(name, told, value) for name, (told, value) in gauges.items() if value is not None)
        sizes = GaugeMetricFamily("modelmeta_cache_size", "What a tier holds: answers, the revision's number, sources.", labels=["tier"])
        for tier in tiers:
            sizes.add_metric([tier.name], tier.size)
        yield sizes

    def _count(self, counter: Counter, tier: str, now: int) -> None:
        """Add to *counter* what came since it was read last; a new catalog begins to count from nothing."""
        before = self._counted.get((counter, tier), 0)
        counter.labels(tier).inc(now - before if now >= before else now)
        self._counted[counter, tier] = now
