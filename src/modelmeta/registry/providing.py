"""What a registry asks of providers, and what its users want of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import OfflineError, RefreshError
from .facade import Facade

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from weakref import WeakSet

    from .._flow import Flow
    from ..codec.live import Dialect
    from ..settings import Duration
    from .discovery import Discovery, Lists
    from .rediscovery import AsyncRediscovery, Rediscovery
    from .weights import ProviderConfig, ProviderStats

__all__ = ["AsyncProviding", "Providing"]

T = TypeVar("T")


class _Providing(Facade):
    @cached_property
    def _lists(self) -> Lists:
        from .discovery import Lists  # noqa: PLC0415  # most registries only read

        return Lists()

    @cached_property
    def _kept_up(self) -> WeakSet[Any]:
        from weakref import WeakSet  # noqa: PLC0415  # as above

        return WeakSet()

    def _end_discoveries(self) -> None:
        """Let what asks again and again end with the registry."""
        for again in self._kept_up:
            again.tell()

    def _discovery(self, *wish: Any) -> Flow[Discovery]:
        from .._clock import Clock  # noqa: PLC0415  # as above
        from .discovery import Wish  # noqa: PLC0415  # as above

        return self._lists.discover(self.catalog, self.world_settings, self._clock or Clock(), Wish(*wish))

    def _live_http(self) -> Any:
        """Return what fetches, the same as for a refresh.

        Raises:
            OfflineError: ``enabled=False``.
            RefreshError: the registry was closed.
        """
        if not self.world_settings.enabled:
            message = "enabled=False: the network is not to be used, so no provider is asked"
            raise OfflineError(message)
        with self._opening:
            if self._stopped.is_set():
                message = "this registry was closed; it can be read, but asks no provider"
                raise RefreshError(message)
            return self._fetching_http()


class Providing(_Providing):
    """What a :class:`Registry` asks of providers, and what its users want of them."""

    def discover(self, provider: str, *, api_key: str | None = None, protocol: Dialect | None = None, force: bool = False) -> Discovery:
        """Ask a provider which models it has, and compare that with the catalog. The answer is kept in memory for ``cache_ttl``.

        The key goes in a header, to that address and no other, by https, or by http to this machine or a private address that you name.
        Redirects are not followed. All pages together have the time of ``deadline`` and the bytes of ``max_document_bytes``.

        Args:
            provider: the id of a provider of the catalog, or the address of its API (``http://localhost:11434``, ``https://llm.example/v1``).
            api_key: the key. Without one, that of a provider given by id is read from the only variable that can hold it; where an address is
                given, none is sent.
            protocol: whose list it is like: ``openai``, ``anthropic``, ``google`` or ``ollama``. By default what the provider's package speaks,
                and ``openai`` at an address the catalog does not have.
            force: ask even if the answer is known.

        Raises:
            ProviderNotFoundError: the catalog has no such provider.
            QueryError: nobody knows where it is or what it speaks, or the key may not go there.
            SettingsError: an address or a key that is none; neither is shown.
            FetchError: it did not answer as it should; a ``StatusError`` of 401 or 403 for a key that is not right.
            DecodeError: the answer is no list of models.
            OfflineError: ``enabled=False``.
        """
        from .._flow import drive  # noqa: PLC0415  # as above
        from .live import Ask  # noqa: PLC0415  # brings in the client

        http = self._live_http()

        def perform(step: Any) -> Any:
            return http.fetch(step.wanted, deadline=step.seconds) if isinstance(step, Ask) else step.function()

        return drive(self._discovery(provider, api_key, protocol, force), perform)

    def keep_discovering(
        self,
        provider: str,
        callback: Callable[[Discovery], Any],
        *,
        every: Duration | None = None,
        api_key: str | None = None,
        protocol: Dialect | None = None,
    ) -> Rediscovery:
        """Call *callback* with what ``discover`` says, at once and then every so often, from a daemon thread, until what is returned is stopped.

        What goes wrong is logged, and tried again next time. It ends with the registry.

        Args:
            provider: as for ``discover``.
            callback: the function.
            every: the time from one answer to the next question, by default ``cache_ttl``.
            api_key: as for ``discover``.
            protocol: as for ``discover``.

        Raises:
            QueryError: *every* is no duration above 0, or *callback* no function.
        """
        from .rediscovery import Rediscovery  # noqa: PLC0415  # few ask for it

        again = Rediscovery(self, (provider, api_key, protocol), callback, self.world_settings, every)
        self._kept_up.add(again)
        return again

    def configure_provider(
        self, provider_id: str, *, weight: Decimal | float | str | None = None, enabled: bool | None = None
    ) -> ProviderConfig:
        """Keep in the store what you want of a provider, and return it all; what is not given stays as it was. No refresh touches it.

        Args:
            provider_id: a provider of the catalog.
            weight: how much it weighs, 0 or more; 1 by default.
            enabled: whether it is to be used; True by default.

        Raises:
            ProviderNotFoundError: there is no such provider.
            QueryError: a weight or a flag that is none.
        """
        from .weights import checked, configure  # noqa: PLC0415  # as above

        changes, known = checked(weight, enabled), self.catalog.provider(provider_id).id
        return configure(self._asked().store, known, changes)

    def provider_configs(self) -> tuple[ProviderConfig, ...]:
        """Return what is configured other than by default, ordered by provider; also of providers that the catalog has no more."""
        from .weights import configs_in  # noqa: PLC0415  # as above

        return tuple(configs_in(self._asked().store).values())

    def provider_stats(self, provider_id: str | None = None) -> tuple[ProviderStats, ...]:
        """Return one provider, or all of them by id, in numbers.

        Raises:
            ProviderNotFoundError: there is no such provider.
        """
        from .weights import stats_of  # noqa: PLC0415  # as above

        return stats_of(self.catalog, self._asked().store, provider_id)


class AsyncProviding(_Providing):
    """What an :class:`AsyncRegistry` asks of providers, and what its users want of them."""

    if TYPE_CHECKING:

        async def _ask(self, function: Callable[[], T]) -> T:
            """Return what *function* returns, which may wait for the store."""
            ...

    async def discover(
        self, provider: str, *, api_key: str | None = None, protocol: Dialect | None = None, force: bool = False
    ) -> Discovery:
        """As :meth:`Registry.discover`. Work that takes a while is done in a thread."""
        http = await self._ask(self._open_http)
        from .._flow import drive_async  # noqa: PLC0415  # as above
        from .live import Ask  # noqa: PLC0415  # as above
        from .threads import in_thread  # noqa: PLC0415  # as above

        async def perform(step: Any) -> Any:
            if isinstance(step, Ask):
                return await http.fetch(step.wanted, deadline=step.seconds)
            return await in_thread(step.function)

        return await drive_async(self._discovery(provider, api_key, protocol, force), perform)

    def keep_discovering(
        self,
        provider: str,
        callback: Callable[[Discovery], Any],
        *,
        every: Duration | None = None,
        api_key: str | None = None,
        protocol: Dialect | None = None,
    ) -> AsyncRediscovery:
        """As :meth:`Registry.keep_discovering`, from a task of the running event loop; what *callback* returns is awaited if it can be."""
        from .rediscovery import AsyncRediscovery  # noqa: PLC0415  # as above

        again = AsyncRediscovery(self, (provider, api_key, protocol), callback, self.world_settings, every)
        self._kept_up.add(again)
        return again

    def _open_http(self) -> Any:
        http = self._live_http()
        http.open()
        return http

    async def configure_provider(
        self, provider_id: str, *, weight: Decimal | float | str | None = None, enabled: bool | None = None
    ) -> ProviderConfig:
        """As :meth:`Registry.configure_provider`."""
        from .weights import checked, configure  # noqa: PLC0415  # as above

        changes = checked(weight, enabled)
        return await self._ask(lambda: configure(self._asked().store, self.catalog.provider(provider_id).id, changes))

    async def provider_configs(self) -> tuple[ProviderConfig, ...]:
        """As :meth:`Registry.provider_configs`."""
        from .weights import configs_in  # noqa: PLC0415  # as above

        return await self._ask(lambda: tuple(configs_in(self._asked().store).values()))

    async def provider_stats(self, provider_id: str | None = None) -> tuple[ProviderStats, ...]:
        """As :meth:`Registry.provider_stats`."""
        from .weights import stats_of  # noqa: PLC0415  # as above

        return await self._ask(lambda: stats_of(self.catalog, self._asked().store, provider_id))
