"""The hallway: where a program meets the catalog."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ..errors import StoreError
from .providing import AsyncProviding, Providing
from .remembering import AsyncRemembering, Remembering

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Collection, Sequence
    from types import TracebackType
    from typing import Self, Unpack

    import httpx

    from .._clock import Clock
    from ..catalog.diff import ChangeSet
    from ..catalog.policy.policy import Policy
    from ..client.http import AsyncHttp, Http
    from ..settings import Settings, SettingsFields
    from ..sources.upstream import AsyncUpstream, Upstream
    from ..stores.store import Store
    from .async_flights import AsyncFlights
    from .clients import AsyncClient, Client
    from .flights import Flights
    from .layers import AnyOverlay
    from .report import RefreshReport
    from .sourcing import AnyAsyncSource, AnySource
    from .telemetry import Metrics

__all__ = ["AsyncRegistry", "Registry"]

T = TypeVar("T")


class Registry(Providing, Remembering):
    """The catalog for programs: reads are plain calls, answered in memory.

    Constructing one opens nothing; the first question opens the bundled snapshot. Only ``refresh`` and a background that was asked for
    touch the network. Two registries know nothing of each other.

    >>> from modelmeta import Registry
    >>> with Registry() as registry:
    ...     registry.get("anthropic/claude-opus-4-5").limit.context
    200000

    Args:
        store: where revisions are kept: ``memory://``, ``sqlite:///path.db``, ``postgresql://…``, ``redis://…``, or a :class:`Store`, which is
            not closed with the registry. Opening one begins a daemon thread that hears of what other processes commit there.
        source: where documents come from: an address, a path, a :class:`Source`, or several of these, tried in order. By default
            ``settings.base_url``, which is https://models.dev unless it was set.
        settings: how it behaves; ``**settings_fields`` replace single values.
        overlays: what is read besides upstream, later ones before earlier ones: an :class:`Overlay`, a :class:`Layer`, the path of an overlay, a
            mapping in the form of one, or several of these. They stay over every refresh, and over ``as_of``.
        policy: which models may be used; all reads answer as if there were no others.
        client: the ``httpx.Client`` to use, which is never closed, or a :class:`Client`, to share its rate limit.
        clock: the time, for tests.
        metrics: who counts what goes on, such as ``modelmeta.metrics.PrometheusMetrics()``.

    Raises:
        SettingsError: a value that cannot be used; ``.key`` is its name.
        OverlayError: an overlay with mistakes; ``.problems`` lists them all.
        SourceError: an overlay that cannot be read.
        PolicyError: what is no policy.
    """

    _awaits = False

    def __init__(
        self,
        *,
        store: str | Store = "memory://",
        source: AnySource | Sequence[AnySource] | None = None,
        settings: Settings | None = None,
        overlays: AnyOverlay | Sequence[AnyOverlay] = (),
        policy: Policy | None = None,
        client: httpx.Client | Client | None = None,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
        **settings_fields: Unpack[SettingsFields],
    ) -> None:
        super().__init__(store, source, settings, overlays, policy, client, clock, metrics, settings_fields)

    def refresh(
        self,
        *,
        force: bool = False,
        providers: str | Collection[str] | None = None,
        accept: bool | str | None = None,
        run: str | None = None,
    ) -> RefreshReport:
        """Ask the sources for newer facts and, if they look sound, read those from now on. Calls at the same time share one run.

        What looks broken (half of the models gone, prices x100) is put aside instead, and the report's ``status`` is ``held``.

        Args:
            force: ask for the whole document, even if upstream says that it has not changed.
            providers: take over only what belongs to these.
            accept: apply what is held: True, or the ``revision`` of the report. True also lets a sound-looking or broken document through
                where nothing is held.
            run: the id under which the run is recorded, for who wants to look it up in ``refreshes()``; one of its own by default.

        Raises:
            RefreshError: no source could be read; the catalog is as it was. Its leaves say what happened.
            ProviderNotFoundError: one of *providers* exists neither here nor there.
        """
        from .driving import run_sync  # noqa: PLC0415  # a registry that only reads needs none of it
        from .refresh import refresh  # noqa: PLC0415  # as above

        world, wish = self.world(), self._wish(force, providers, accept, run)
        report: RefreshReport = self._flights.run(wish, lambda: run_sync(world, partial(refresh, world, wish), self._stopped))
        return report

    def overlay(self, overlay: AnyOverlay) -> ChangeSet:
        """Read *overlay* from now on as well, over the others, or in place of the one of its name; return what that changed.

        Subscribers hear of it. A layer of that name that says nothing takes an overlay back.

        Raises:
            OverlayError: there are mistakes; ``.problems`` lists them all.
            SourceError: it cannot be read.
            RefreshError: the registry was closed, or a subscriber asks.
        """
        from .driving import run_sync  # noqa: PLC0415  # as above
        from .keeping import tell  # noqa: PLC0415  # as above

        world = self.world()
        changes: ChangeSet = self._flights.run(
            object(), lambda: run_sync(world, lambda _: tell(partial(self._relay, overlay)), self._stopped)
        )
        return changes

    def hear(self) -> bool:
        """Read what other processes have committed. Not for users: a watch calls it."""
        from .driving import run_sync  # noqa: PLC0415  # as above
        from .keeping import catch_up  # noqa: PLC0415  # as above

        world = self.world()
        self._flights.run("catch up", lambda: run_sync(world, lambda _: catch_up(world), self._stopped))
        return True

    def start(self) -> None:
        """Refresh from now on in a daemon thread: at once if the facts are older than ``refresh_interval``, then every such interval.

        After a failure it waits, longer each time, and tries again; it logs, and never raises. Starting twice is fine. ``auto_refresh=True``
        starts it with the first question or ``with`` block. With ``enabled=False`` and no file to read it does nothing.

        Raises:
            RefreshError: the registry was closed.
        """
        self._wish(False, None, None)
        self._begin()

    def _begin(self) -> None:
        from .background import Background  # noqa: PLC0415  # a registry that only reads needs none of it

        world = self.world()
        with self._opening:
            if world.sources and not self._runs() and not self._stopped.is_set():
                self._background = Background(self)

    def stop(self) -> None:
        """Refresh no more in the background; return when nothing is under way there. ``start()`` begins again."""
        with self._opening:
            background, self._background = self._background, None
        if background is not None:
            background.tell()
            self._flights.outside(background.join)

    def _begin_watch(self) -> None:
        with self._opening:
            if self._watch is None or self._watch.is_over:
                self._watch = self._new_watch()

    def close(self) -> None:
        """Stop refreshing, break off what is under way, close connections. Reading goes on working; refreshing does not."""
        self._stopped.set()
        self._end_discoveries()
        if self._background is not None:
            self._background.tell()
        if self._http is not None:
            self._http.close()
        if self._world is None and self._watch is None:
            self._close_store()
        else:
            with self._opening:
                self._take_off()
            self._flights.land()
            self._flights.outside(self._end)

    def _end(self) -> None:
        self.stop()
        self._close_store()

    def _new_flights(self) -> Flights[RefreshReport]:
        from .flights import Flights  # noqa: PLC0415  # as above

        return Flights()

    def _new_http(self) -> Http:
        from ..client.http import Http  # noqa: PLC0415  # brings in httpx

        return Http(self.world_settings, self._clock, self._client)

    def _new_upstream(self, url: str, http: Http) -> Upstream:
        from ..client.fetch import Wanted  # noqa: PLC0415  # as above
        from ..sources.upstream import Upstream  # noqa: PLC0415  # as above

        return Upstream(url, lambda place, etag, retries: http.fetch(Wanted(place, etag), retries=retries))

    def __enter__(self) -> Self:
        if self._shares_store:
            self._load()
        self._opened()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncRegistry(AsyncProviding, AsyncRemembering):
    """The catalog for asyncio programs: the same reads, the same plain calls; only what touches the world is awaited.

    Its arguments are those of :class:`Registry`, with an ``httpx.AsyncClient`` or an :class:`AsyncClient` for *client*, and an
    :class:`AsyncSource` for a source if you like. It belongs to one event loop at a time. ``async with`` opens its store in a thread; a read
    that comes before that, or before anything is awaited, opens it where it stands.
    """

    _awaits = True

    def __init__(
        self,
        *,
        store: str | Store = "memory://",
        source: AnyAsyncSource | Sequence[AnyAsyncSource] | None = None,
        settings: Settings | None = None,
        overlays: AnyOverlay | Sequence[AnyOverlay] = (),
        policy: Policy | None = None,
        client: httpx.AsyncClient | AsyncClient | None = None,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
        **settings_fields: Unpack[SettingsFields],
    ) -> None:
        super().__init__(store, source, settings, overlays, policy, client, clock, metrics, settings_fields)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def refresh(
        self,
        *,
        force: bool = False,
        providers: str | Collection[str] | None = None,
        accept: bool | str | None = None,
        run: str | None = None,
    ) -> RefreshReport:
        """As :meth:`Registry.refresh`. Work that takes a while is done in a thread; when every caller is cancelled, so is the run."""
        await self._ready()
        from .driving import run_async  # noqa: PLC0415  # a registry that only reads needs none of it
        from .refresh import refresh  # noqa: PLC0415  # as above

        world, wish = self.world(), self._wish(force, providers, accept, run)
        report: RefreshReport = await self._flights.run(wish, lambda: run_async(world, partial(refresh, world, wish)))
        return report

    async def overlay(self, overlay: AnyOverlay) -> ChangeSet:
        """As :meth:`Registry.overlay`."""
        await self._ready()
        from .driving import run_async  # noqa: PLC0415  # as above
        from .keeping import tell  # noqa: PLC0415  # as above

        world = self.world()
        changes: ChangeSet = await self._flights.run(object(), lambda: run_async(world, lambda _: tell(partial(self._relay, overlay))))
        return changes

    async def _ready(self) -> None:
        """Make ready, in a thread, what takes longer than a turn of the event loop may."""
        if not self._stopped.is_set() and (
            self._head is None or self._world is None or (self._http is not None and not self._http.is_open)
        ):
            self._take_off()
            await self._flights.run("prepare", self._prepare)
        if self._shares_store and not self._stopped.is_set():
            self._begin_watch()  # in this event loop, whichever it was before

    async def _prepare(self) -> None:
        from .threads import in_thread  # noqa: PLC0415  # as above

        await in_thread(self.world)
        if self._head is None:
            await in_thread(self._load)
            self._opened()
        if self._http is not None:
            await in_thread(self._http.open)

    async def _ask(self, function: Callable[[], T]) -> T:
        """Return what *function* returns, which may wait for the store."""
        from .threads import in_thread  # noqa: PLC0415  # as above

        await self._ready()
        return await in_thread(function)

    def hear(self) -> bool:
        """As :meth:`Registry.hear`, called by a thread that waits meanwhile. False where the event loop is gone."""
        from .threads import in_loop  # noqa: PLC0415  # as above

        return self._loop is not None and in_loop(self._loop, self._hear, self._stopped)

    async def _hear(self) -> None:
        from .driving import run_async  # noqa: PLC0415  # as above
        from .keeping import catch_up  # noqa: PLC0415  # as above

        world = self.world()
        await self._flights.run("catch up", lambda: run_async(world, lambda _: catch_up(world)))

    def _begin_watch(self) -> None:
        import asyncio  # noqa: PLC0415  # as above

        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # as in _begin
        self._take_off()
        if self._watch is None or self._watch.is_over:
            self._watch = self._new_watch()

    async def start(self) -> None:
        """As :meth:`Registry.start`, in a task of the running event loop."""
        self._wish(False, None, None)
        with suppress(StoreError):  # refreshing will say what is wrong
            await self._ready()
        self._begin()

    def _begin(self) -> None:
        import asyncio  # noqa: PLC0415  # a registry that only reads needs none of these

        from .background import AsyncBackground  # noqa: PLC0415  # as above

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return  # somebody reads outside of it; the task begins with start() or ``async with``
        if self._sources(str) and not self._runs() and not self._stopped.is_set():
            self._background = AsyncBackground(self)

    async def stop(self) -> None:
        """As :meth:`Registry.stop`."""
        background, self._background = self._background, None
        if background is not None and self._flights is not None and self._flights.is_within():
            self._flights.outside(background.tell)
        elif background is not None:
            await background.stop()

    async def aclose(self) -> None:
        """As :meth:`Registry.close`."""
        self._stopped.set()
        self._end_discoveries()
        await self.stop()
        if self._flights is not None:
            await self._flights.land()
        if self._flights is not None and self._flights.is_within():
            self._flights.outside(self._close_store)
        elif self._shares_store or self._ledger is not None:
            from .threads import in_thread  # noqa: PLC0415  # as above

            await in_thread(self._close_store)
        if self._http is not None:
            await self._http.aclose()

    def _new_flights(self) -> AsyncFlights[RefreshReport]:
        from .async_flights import AsyncFlights  # noqa: PLC0415  # as above

        return AsyncFlights()

    def _new_http(self) -> AsyncHttp:
        from ..client.http import AsyncHttp  # noqa: PLC0415  # brings in httpx

        return AsyncHttp(self.world_settings, self._clock, self._client)

    def _new_upstream(self, url: str, http: AsyncHttp) -> AsyncUpstream:
        from ..client.fetch import Wanted  # noqa: PLC0415  # as above
        from ..sources.upstream import AsyncUpstream  # noqa: PLC0415  # as above

        return AsyncUpstream(url, lambda place, etag, retries: http.fetch(Wanted(place, etag), retries=retries))

    async def __aenter__(self) -> Self:
        if self._shares_store or self._layers is not None:
            await self._ready()
        self._opened()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()
