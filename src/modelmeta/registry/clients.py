"""models.dev as a service: its documents, and typed questions about the newest of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._clock import Clock
from .._flow import drive, drive_async
from ..catalog.model_list import ModelList
from ..catalog.query import refuse
from ..client.fetch import SVG, Answer, Wanted
from ..client.http import AsyncHttp, Http
from ..errors import ContentError, InvalidRefError, OfflineError
from .facade import settings_of
from .registry import AsyncRegistry, Registry
from .threads import in_thread

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, Unpack

    import httpx

    from .._flow import Flow
    from ..catalog.catalog import Catalog
    from ..catalog.model_list import Page
    from ..records.lab import Benchmark
    from ..records.model import Model
    from ..records.provider import Provider
    from ..records.refs import ModelRef
    from ..settings import Settings, SettingsFields

__all__ = ["AsyncClient", "Client"]


class _Kept:
    """The documents as they last came, so that each is sent again only when it changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._answers: dict[str, Answer] = {}

    def document(self, name: str) -> Flow[Answer]:
        """Return the document called *name*, as it came now or before."""
        kept = self._answers.get(name)
        answer: Answer = yield Wanted(f"{self._url(name)}?type=all", kept.etag if kept else None)
        return kept if answer.data is None and kept is not None else answer

    def logo(self, provider_id: object) -> Wanted:
        """Return what to ask for to get a provider's logo."""
        if not isinstance(provider_id, str) or not provider_id:
            message = f"a provider id is text like 'openai', not {provider_id!r:.100}"
            raise InvalidRefError(message, value=provider_id)
        return Wanted(self._url(f"logos/{quote(provider_id, safe='', errors='surrogatepass')}.svg"), media=SVG)

    def _url(self, path: str) -> str:
        url = f"{self._settings.base_url}/{path}"
        if not self._settings.enabled:
            message = f"{url} is on the network, which enabled=False forbids"
            raise OfflineError(message)
        return url

    def parse(self, name: str, answer: Answer) -> dict[str, Any]:
        """Return what *answer* says, a dict of the caller's own, and keep it: nothing that cannot be read is ever kept."""
        assert answer.data is not None  # noqa: S101  # nothing is "not modified" that was never there
        try:
            # Python code between objects lets other threads run.
            tree = json.loads(answer.data, object_pairs_hook=lambda pairs: dict(pairs))
        except (ValueError, RecursionError) as error:
            message = f"{self._url(name)} answered with what is no JSON: {error}"
            raise ContentError(message, url=self._url(name)) from error
        if not isinstance(tree, dict):
            message = f"{self._url(name)} answered with {type(tree).__name__}, not with an object"
            raise ContentError(message, url=self._url(name))
        self._answers[name] = answer
        return tree


def _page(
    catalog: Catalog, size: int, page: int, provider: str | None, search: str | None, capability: str | None, kind: str | None
) -> Page[Model]:
    for name, value in (("page", page), ("limit", size)):
        if type(value) is not int or value < 1:
            raise refuse(name, value, "a whole number of 1 or more")
    names = () if capability is None else (capability,)
    criteria: Any = {name: value for name, value in (("provider", provider), ("type", kind)) if value is not None}
    if search is None:
        return catalog.filter(*names, **criteria).page(page, size)
    hits = catalog.search(search, *names, limit=len(catalog) or 1, **criteria)
    return ModelList(catalog, [catalog.rows[str(hit.model.ref)] for hit in hits]).page(page, size)


class Client:
    """Asks models.dev, or the mirror at ``settings.base_url``: for documents as they are, and typed questions about them.

    A document is sent again only when it changed. Typed questions are answered from the whole catalog in memory, which is asked for again
    once it is older than ``settings.cache_ttl``. For a program that reads often, a :class:`Registry` is the better choice: it is never empty,
    and checks what comes.

    Args:
        settings: how it behaves; ``**settings_fields`` replace single values.
        client: the ``httpx.Client`` to use, which is never closed.
        clock: the time, for tests.

    Raises:
        SettingsError: a value that cannot be used.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        client: httpx.Client | None = None,
        clock: Clock | None = None,
        **settings_fields: Unpack[SettingsFields],
    ) -> None:
        self.settings: Settings = settings_of(settings, settings_fields)
        self.http: Http = Http(self.settings, clock, client)
        self._kept = _Kept(self.settings)
        self._registry = Registry(client=self, clock=clock, settings=self.settings, auto_refresh=False, max_age=self.settings.cache_ttl)
        self._asked = False

    def catalog(self) -> dict[str, Any]:
        """Return catalog.json, with models of all types, as ``json.loads`` reads it: ``{"models": …, "providers": …}``.

        Raises:
            FetchError: it did not come; its leaves say why.
            OfflineError: ``enabled=False``.
        """
        return self._document("catalog.json")

    def api(self) -> dict[str, Any]:
        """Return api.json: providers by id, each with its models. As :meth:`catalog` otherwise."""
        return self._document("api.json")

    def models_json(self) -> dict[str, Any]:
        """Return models.json: what labs say of their models, with benchmarks. As :meth:`catalog` otherwise."""
        return self._document("models.json")

    def _document(self, name: str) -> dict[str, Any]:
        return self._kept.parse(name, drive(self._kept.document(name), self.http.fetch))

    def _catalog(self) -> Catalog:
        self._registry.refresh(force=not self._asked, accept=True)
        self._asked = True
        return self._registry.catalog

    def list_models(
        self,
        page: int = 1,
        limit: int | None = None,
        *,
        provider: str | None = None,
        search: str | None = None,
        capability: str | None = None,
        type: str | None = None,
    ) -> Page[Model]:
        """Return one page of the models that meet all that is asked, by reference or, with *search*, best match first.

        Args:
            page: its number, from 1.
            limit: how many models a page has; ``settings.batch_size`` by default.
            provider: only models of this provider.
            search: only models that this text describes.
            capability: only models known to have it.
            type: only models of this type, such as ``"embedding"``.

        Raises:
            QueryError: one of them cannot be asked.
            FetchError: upstream could not be asked.
        """
        return _page(self._catalog(), self.settings.batch_size if limit is None else limit, page, provider, search, capability, type)

    def get_model(self, ref: str | ModelRef) -> Model:
        """Return the model called *ref*; see :meth:`Registry.get`."""
        return self._catalog().get(ref)

    def search_models(self, query: str, page: int = 1, limit: int | None = None) -> Page[Model]:
        """Return one page of the models *query* describes, best match first."""
        return self.list_models(page, limit, search=query)

    def list_providers(self) -> tuple[Provider, ...]:
        """Return all providers, ordered by id."""
        return self._catalog().providers()

    def get_provider(self, provider_id: str) -> Provider:
        """Return the provider with this id; see :meth:`Registry.provider`."""
        return self._catalog().provider(provider_id)

    def list_provider_models(self, provider_id: str, page: int = 1, limit: int | None = None) -> Page[Model]:
        """Return one page of the models of a provider, by reference.

        Raises:
            ProviderNotFoundError: there is no such provider.
        """
        return self.list_models(page, limit, provider=self.get_provider(provider_id).id)

    def get_benchmarks(self, ref: str | ModelRef) -> tuple[Benchmark, ...]:
        """Return the published results of a model; see :meth:`Registry.benchmarks`."""
        return self._catalog().benchmarks(ref)

    def logo(self, provider_id: str) -> bytes:
        """Return the logo of a provider, an SVG. It is upstream's: show it as an image, do not paste it into a page.

        Raises:
            FetchError: there is none, or it did not come.
        """
        return self.http.fetch(self._kept.logo(provider_id)).data or b""

    def close(self) -> None:
        """Break off what is under way, and close connections. Nothing can be asked any more."""
        self.http.close()
        self._registry.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client of {self.settings.base_url}>"


class AsyncClient:
    """As :class:`Client`, awaited."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        client: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
        **settings_fields: Unpack[SettingsFields],
    ) -> None:
        self.settings: Settings = settings_of(settings, settings_fields)
        self.http: AsyncHttp = AsyncHttp(self.settings, clock, client)
        self._kept = _Kept(self.settings)
        self._registry = AsyncRegistry(
            client=self, clock=clock, settings=self.settings, auto_refresh=False, max_age=self.settings.cache_ttl
        )
        self._asked = False

    async def catalog(self) -> dict[str, Any]:
        """As :meth:`Client.catalog`."""
        return await self._document("catalog.json")

    async def api(self) -> dict[str, Any]:
        """As :meth:`Client.api`."""
        return await self._document("api.json")

    async def models_json(self) -> dict[str, Any]:
        """As :meth:`Client.models_json`."""
        return await self._document("models.json")

    async def _document(self, name: str) -> dict[str, Any]:
        answer = await drive_async(self._kept.document(name), self.http.fetch)
        return await in_thread(lambda: self._kept.parse(name, answer))

    async def _catalog(self) -> Catalog:
        await self._registry.refresh(force=not self._asked, accept=True)
        self._asked = True
        return self._registry.catalog

    async def list_models(
        self,
        page: int = 1,
        limit: int | None = None,
        *,
        provider: str | None = None,
        search: str | None = None,
        capability: str | None = None,
        type: str | None = None,
    ) -> Page[Model]:
        """As :meth:`Client.list_models`."""
        return _page(await self._catalog(), self.settings.batch_size if limit is None else limit, page, provider, search, capability, type)

    async def get_model(self, ref: str | ModelRef) -> Model:
        """As :meth:`Client.get_model`."""
        return (await self._catalog()).get(ref)

    async def search_models(self, query: str, page: int = 1, limit: int | None = None) -> Page[Model]:
        """As :meth:`Client.search_models`."""
        return await self.list_models(page, limit, search=query)

    async def list_providers(self) -> tuple[Provider, ...]:
        """As :meth:`Client.list_providers`."""
        return (await self._catalog()).providers()

    async def get_provider(self, provider_id: str) -> Provider:
        """As :meth:`Client.get_provider`."""
        return (await self._catalog()).provider(provider_id)

    async def list_provider_models(self, provider_id: str, page: int = 1, limit: int | None = None) -> Page[Model]:
        """As :meth:`Client.list_provider_models`."""
        return await self.list_models(page, limit, provider=(await self.get_provider(provider_id)).id)

    async def get_benchmarks(self, ref: str | ModelRef) -> tuple[Benchmark, ...]:
        """As :meth:`Client.get_benchmarks`."""
        return (await self._catalog()).benchmarks(ref)

    async def logo(self, provider_id: str) -> bytes:
        """As :meth:`Client.logo`."""
        return (await self.http.fetch(self._kept.logo(provider_id))).data or b""

    async def aclose(self) -> None:
        """As :meth:`Client.close`."""
        await self._registry.aclose()
        await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<AsyncClient of {self.settings.base_url}>"
