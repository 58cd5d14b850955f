"""What both registries are made of."""

from __future__ import annotations

import warnings
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import attrs

from .._forks import watch_forks
from ..errors import InvalidRefError, QueryError, RefreshError, SettingsError, StoreError
from .head import Head, open_head
from .layered import Layered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from .._clock import Clock
    from ..catalog.catalog import Catalog
    from ..catalog.diff import Change, ChangeKind
    from ..catalog.policy.policy import Policy
    from ..catalog.stats import Stats
    from ..records.refs import ModelRef
    from ..settings import Settings, SettingsFields
    from ..stores.store import Store
    from .history import History
    from .layers import AnyOverlay
    from .ledger.ledger import Ledger
    from .own import Own
    from .sourcing import AnyAsyncSource
    from .status import RegistryStatus
    from .subscriptions import Subscription
    from .telemetry import Metrics
    from .watch import Watch
    from .world import Wish, World

__all__ = ["Facade", "settings_of"]


class Facade(Layered):
    """One reference to what is read now and, once it is needed, what a refresh works on."""

    def __init__(
        self,
        store: str | Store,
        source: AnyAsyncSource | Sequence[AnyAsyncSource] | None,
        settings: Settings | None,
        overlays: AnyOverlay | Sequence[AnyOverlay],
        policy: Policy | None,
        client: Any,
        clock: Clock | None,
        metrics: Metrics | None,
        fields: SettingsFields,
    ) -> None:
        super().__init__(overlays, policy)
        self._opening = Lock()
        self._stopped = Event()
        self._store = store
        self._owns_store, self._shares_store = isinstance(store, str), store != "memory://"
        self._source = source
        self._shared_http = getattr(client, "http", None)
        if settings is None and self._shared_http is not None:
            settings = client.settings
        self._settings = settings_of(settings, fields) if settings is not None or fields else None
        self._client = client
        self._clock = clock
        self._metrics = metrics
        self._world: World | None = None
        self._flights: Any = None
        self._http: Any = None
        self._background: Any = None
        self._watch: Watch | None = None
        self._past = None
        self._ledger: Ledger | None = None
        if self._shares_store:
            self._store = self._open_store(store)
        if source is not None:
            self._sources(str)
        if metrics is not None:
            metrics.attached(self)
        watch_forks(self)

    if TYPE_CHECKING:  # what each colour does its own way
        _awaits: bool

        def _begin(self) -> None: ...
        def _begin_watch(self) -> None: ...

        def hear(self) -> bool:
            """Read what other processes have committed."""
            ...

        def _new_flights(self) -> Any: ...
        def _new_upstream(self, url: str, http: Any) -> Any: ...
        def _new_http(self) -> Any: ...

    @property
    def catalog(self) -> Catalog:
        """The current immutable catalog; hold on to it to ask several questions of the same facts."""
        head = self._head
        return head.read if head is not None else self._open().read

    def _open(self) -> Head:
        """Return what is read now. The first to ask opens it, and begins to refresh where ``auto_refresh`` says so."""
        head = self._head
        if head is None:
            head = self._load()
            self._opened()
        return head

    def _load(self) -> Head:
        with self._opening:
            if self._head is None:
                head = open_head(None if isinstance(self._store, str) else self._store)
                self._head = head if self._layers is None else attrs.evolve(head, read=self._lay(head.catalog))
            return self._head

    def _opened(self) -> None:
        """Begin what goes on from now: refreshing, where that is wanted, and hearing of others, where the store may have any."""
        if self._settings is not None and self._settings.auto_refresh and not self._stopped.is_set():
            self._begin()
        if self._shares_store and not self._stopped.is_set():
            self._begin_watch()

    @property
    def world_settings(self) -> Settings:
        """The settings, those by default where none were given. Not for users."""
        return settings_of(self._settings, {})

    def world(self) -> World:
        """Return what a refresh works on. Not for users: for the other modules of this room."""
        with self._opening:
            if self._world is None:
                from .._clock import Clock  # noqa: PLC0415  # a registry that only reads needs none of these
                from .subscriptions import Subscriptions  # noqa: PLC0415  # as above
                from .telemetry import Telemetry  # noqa: PLC0415  # as above
                from .world import World  # noqa: PLC0415  # as above

                self._settings = settings = self.world_settings
                self._store = store = self._open_store(self._store)
                self._clock = clock = self._clock or Clock()
                sources = self._sources(self._upstream)
                self._take_off()
                self._world = World(
                    settings, clock, store, sources, Subscriptions(), self._open, self._swap, telemetry=Telemetry.of(self._metrics)
                )
            return self._world

    def _open_store(self, store: str | Store) -> Store:
        from ..stores.by_url import open_store  # noqa: PLC0415  # a registry that only reads needs none

        opened = open_store(store)
        if self._metrics is None:
            return opened
        from .telemetry import timed  # noqa: PLC0415  # as above

        return timed(opened, self._metrics)

    def _take_off(self) -> None:
        """Make what lets one refresh at a time be under way."""
        self._flights = self._flights or self._new_flights()

    def _sources(self, upstream: Callable[[str], Any]) -> tuple[Any, ...]:
        from .sourcing import as_sources  # noqa: PLC0415  # as above

        return as_sources(self._source, self.world_settings, upstream, awaits=self._awaits)

    def _upstream(self, url: str) -> Any:
        return self._new_upstream(url, self._fetching_http())

    def _fetching_http(self) -> Any:
        """Return what fetches: that of the client that is shared, or one of its own. Not while anybody else asks."""
        if self._shared_http is not None:
            return self._shared_http
        if self._http is None:
            self._http = self._new_http()
        return self._http

    def _is_open(self) -> bool:
        """Return whether there is anything to close."""
        watches = self._watch is not None and not self._watch.is_over
        return not self._stopped.is_set() and (self._runs() or watches or (self._http is not None and self._http.is_open))

    def _runs(self) -> bool:
        """Return whether there is a background, and it has not ended with its event loop."""
        return self._background is not None and not self._background.is_over

    def _wish(self, force: bool, providers: str | Collection[str] | None, accept: bool | str | None, run: str | None = None) -> Wish:  # noqa: FBT001  # passed on by name
        if self._stopped.is_set():
            message = "this registry was closed; it can be read, but not refreshed"
            raise RefreshError(message)
        from .world import Wish  # noqa: PLC0415  # as in world()

        if providers is not None and accept:
            message = "accept takes a revision as it is; it cannot be narrowed to some providers"
            raise QueryError(message, criterion="providers", value=providers)
        names = [providers] if isinstance(providers, str) else providers
        wish = Wish(force, None if names is None else frozenset(names), accept)
        return wish if run is None else attrs.evolve(wish, run=run)

    def subscribe(
        self,
        callback: Callable[[Change], Any],
        *,
        kinds: ChangeKind | Collection[ChangeKind] | None = None,
        models: str | ModelRef | Iterable[str | ModelRef] | None = None,
    ) -> Subscription:
        """Call *callback* with each :class:`Change` after a refresh made it readable, until the subscription that is returned is cancelled.

        A ``Registry`` calls it in the thread that refreshes; an ``AsyncRegistry`` in its event loop, and awaits what it returns if it can. What
        it raises is logged, and harms nobody else.

        Args:
            callback: the function.
            kinds: only changes of these kinds: ``added``, ``removed``, ``price``, ``limit``, ``capability``, ``status``, ``metadata``.
            models: only changes of these models, by exact reference.

        Raises:
            QueryError: *callback* is no function, or one of *kinds* does not exist.
            InvalidRefError: one of *models* is no reference.
        """
        return self.world().subscriptions.add(callback, kinds, models)

    def status(self) -> RegistryStatus:
        """Return where the facts are from, how old they are, and how refreshing goes."""
        from .._clock import Clock  # noqa: PLC0415  # the first answer needs none of it
        from .status import status_of  # noqa: PLC0415  # as above

        head = self._head or self._open()
        next_at = self._background.next_at if self._runs() else None
        return status_of(head, (self._clock or Clock()).time(), self.world_settings.stale_after, self._world, next_at)

    def known(self) -> str | None:
        """Return the id of the revision that is read, None where the store has never had it. Not for users: a watch asks."""
        return None if self._head is None else self._head.stored

    def _new_watch(self) -> Watch:
        from .watch import Watch  # noqa: PLC0415  # as above

        assert not isinstance(self._store, str)  # noqa: S101  # it was opened
        return Watch(self, self._store, self.world_settings.cache_ttl.total_seconds(), self._stopped)

    def stats(self) -> Stats:
        """Return the catalog in numbers, and in ``tiers`` where answers came from: memory, the store, the sources."""
        stats = self.catalog.stats()
        world = self._world
        if world is None:
            return stats
        from ..catalog.tally import Tier  # noqa: PLC0415  # as above

        number = 0 if self._head is None or self._head.revision is None else self._head.revision.number
        store, source = world.asked_store, world.asked_source
        return attrs.evolve(
            stats,
            tiers=(
                *stats.tiers,
                Tier("store", store.hits, store.misses, number),
                Tier("source", source.hits, source.misses, len(world.sources)),
            ),
        )

    def _asked(self) -> World:
        """Return what a refresh works on, to ask its store.

        Raises:
            StoreError: it was closed with the registry.
        """
        if self._stopped.is_set() and self._owns_store and self._shares_store:
            message = "this registry was closed, and its store with it; only the newest catalog can still be read"
            raise StoreError(message)
        return self.world()

    def past(self) -> History:
        """Return what answers for the past. Not for users: its answers may wait for the store."""
        world = self._asked()
        if self._past is None:
            from .history import History  # noqa: PLC0415  # as above

            self._past = History(world, self._lay)
        return self._past

    def history_of(self, ref: str | ModelRef) -> tuple[Change, ...]:
        """Return what happened to the model of this exact reference, of which the catalog may know nothing any more, or to the one it means.

        Not for users, as :meth:`past`.
        """
        from .subscriptions import as_ref  # noqa: PLC0415  # as above

        try:
            told = self.past().of(as_ref(ref))
        except InvalidRefError:
            told = ()
        return told or self.past().of(self.get(ref).ref)

    def _own(self) -> Own:
        """Return what keeps the user's notes and results."""
        from .own import Own  # noqa: PLC0415  # as above

        return Own(self._asked())

    def _kept_ledger(self) -> Ledger:
        """Return the ledger, which begins when it is first asked for."""
        world = self._asked()
        with self._opening:
            if self._ledger is None:
                from .ledger.ledger import Ledger  # noqa: PLC0415  # few keep one

                self._ledger = Ledger(world)
                if self._stopped.is_set():
                    self._ledger.close()
            return self._ledger

    def _close_store(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
        if self._owns_store and not isinstance(self._store, str):
            self._store.close()

    def forked(self) -> Callable[[], None] | None:
        """Go on in a child process, which has none of its parent's threads and connections. Not for users."""
        runs, watched, closed = self._background is not None, self._watch is not None, self._stopped.is_set()
        self._opening, self._stopped = Lock(), Event()
        self._background = self._http = self._flights = self._watch = self._past = None
        if closed:
            self._stopped.set()
        if self._world is not None:
            self._take_off()
            self._world.forked(self._sources(self._upstream))

        def go_on() -> None:
            if runs:
                self._begin()
            if watched:
                self._begin_watch()

        return go_on if runs or watched else None

    def __del__(self, warn: Any = warnings.warn) -> None:  # kept here: at the end of the interpreter nothing can be imported
        if "_background" in self.__dict__ and self._is_open():
            if self._background is not None:
                self._background.tell()
            warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, not opened yet>" if self._head is None else f"<{type(self).__name__} of {self._head.read!r}>"


def settings_of(settings: Settings | None, fields: SettingsFields) -> Settings:
    """Return *settings*, or those by default, with *fields* in place of their own."""
    from ..settings import Settings  # noqa: PLC0415  # a registry that only reads needs none

    if settings is not None and not isinstance(settings, Settings):
        message = f"settings are a Settings, not {type(settings).__name__}; Settings.from_mapping reads a mapping"
        raise SettingsError(message, key="settings")
    return (settings or Settings()).replace(**fields)
