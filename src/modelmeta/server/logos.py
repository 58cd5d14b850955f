"""The logos of providers, asked for once at the site that the facts come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import TLRUCache
from starlette.concurrency import run_in_threadpool

from ..errors import FetchError
from ..registry.clients import AsyncClient
from ..sources.upstream import AsyncUpstream, Upstream

if TYPE_CHECKING:
    from ..registry.registry import AsyncRegistry, Registry
    from ..registry.world import World

__all__ = ["Logos"]

_DAY, _SOON = 86_400.0, 600.0
_MOST = 1_000
_LARGEST = 256 * 1024


class Logos:
    """The logos of the providers that *registry* knows. Belongs to one event loop."""

    def __init__(self, registry: Registry | AsyncRegistry) -> None:
        self._registry = registry
        self._kept: TLRUCache[str, bytes | None] = TLRUCache(_MOST, _until)  # pyright: ignore[reportAttributeAccessIssue]  # its stubs leave the types open

    async def of(self, provider_id: str) -> bytes | None:
        """Return an SVG, None where no site of the sources has one for now.

        Raises:
            ProviderNotFoundError: there is no such provider.
        """
        self._registry.provider(provider_id)
        if provider_id not in self._kept:
            self._kept[provider_id] = await _asked(provider_id, await run_in_threadpool(self._registry.world))
        return self._kept[provider_id]


def _until(_: str, logo: bytes | None, now: float) -> float:
    """Return until when to remember a *logo*, or that none came."""
    return now + (_SOON if logo is None else _DAY)


async def _asked(provider_id: str, world: World) -> bytes | None:
    for source in world.sources:
        if isinstance(source, (Upstream, AsyncUpstream)) and not source.is_document:
            settings = world.settings.replace(base_url=source.name, max_retries=0, max_document_bytes=_LARGEST)
            async with AsyncClient(settings) as client:
                try:
                    return await client.logo(provider_id)
                except FetchError:
                    continue
    return None
