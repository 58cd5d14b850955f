"""Asking a provider which models it has: where, with which key, page by page."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import attrs

from ..catalog.availability import key_of
from ..catalog.runtime import filled, protocol_of
from ..client.fetch import Wanted
from ..codec.live import DIALECTS, read_page
from ..errors import ContentError, QueryError, TooLargeError
from ..records.frozen import FrozenDict
from ..settings import Settings
from .world import Call

if TYPE_CHECKING:
    from .._clock import Clock
    from .._flow import Flow
    from ..catalog.catalog import Catalog
    from ..client.fetch import Answer
    from ..codec.live import Dialect, LivePage
    from ..records.problem import Problem
    from ..records.provider import Provider

__all__ = ["Ask", "Listing", "Place", "ask", "place_of"]

_HOMES = {
    "anthropic": "https://api.anthropic.com/v1",
    "cerebras": "https://api.cerebras.ai/v1",
    "deepinfra": "https://api.deepinfra.com/v1/openai",
    "google": "https://generativelanguage.googleapis.com/v1beta",
    "groq": "https://api.groq.com/openai/v1",
    "mistral": "https://api.mistral.ai/v1",
    "openai": "https://api.openai.com/v1",
    "togetherai": "https://api.together.xyz/v1",
    "xai": "https://api.x.ai/v1",
}
"""Where providers are whose address upstream leaves to their package: what their documentation says."""

_PAGE = 1_000
"""The most models a page of Anthropic's or Google's list may have."""
_ANTHROPIC_VERSION = "2023-06-01"


@attrs.frozen
class _Ways:
    """How a list in one dialect is asked for: under which ``root`` where an address has no path, and ``path``, with which parameters and key."""

    root: str
    path: str
    after: str = "after"
    parameters: FrozenDict[str, str] = attrs.field(factory=FrozenDict)
    key: tuple[str, str] = ("Authorization", "Bearer ")
    headers: tuple[tuple[str, str], ...] = ()


_WAYS: dict[Dialect, _Ways] = {
    "openai": _Ways("/v1", "/models"),
    "anthropic": _Ways(
        *("/v1", "/models", "after_id", FrozenDict({"limit": str(_PAGE)}), ("x-api-key", "")), (("anthropic-version", _ANTHROPIC_VERSION),)
    ),
    "google": _Ways("/v1beta", "/models", "pageToken", FrozenDict({"pageSize": str(_PAGE)}), ("x-goog-api-key", "")),
    "ollama": _Ways("/api", "/tags"),
}


@attrs.frozen
class Place:
    """Whom to ask, where, and with which key."""

    provider_id: str
    dialect: Dialect
    base_url: str
    key: str | None = attrs.field(repr=False)
    is_known: bool
    """Whether the catalog has this provider."""

    @property
    def url(self) -> str:
        """Where the list is."""
        ways = _WAYS[self.dialect]
        root = "" if urlsplit(self.base_url).path else ways.root
        return f"{self.base_url}{root}{ways.path}"

    def page(self, after: str | None) -> Wanted:
        """Return how to ask for the page *after* another, or the first. The key is in a header, and in no address."""
        ways = _WAYS[self.dialect]
        asked = urlencode({**ways.parameters, **({} if after is None else {ways.after: after})})
        name, scheme = ways.key
        key = () if self.key is None else ((name, f"{scheme}{self.key}"),)
        return Wanted(f"{self.url}?{asked}" if asked else self.url, headers=(*ways.headers, *key))


@attrs.frozen
class Listing:
    """What a provider said: its models by id, in upstream's shape, and what of its list could not be read."""

    models: FrozenDict[str, FrozenDict[str, Any]]
    problems: tuple[Problem, ...]
    at: datetime


@attrs.frozen
class Ask:
    """A step: fetch ``wanted`` within so many ``seconds``."""

    wanted: Wanted
    seconds: float


def place_of(catalog: Catalog, target: str, api_key: str | None, protocol: str | None) -> Place:
    """Return where *target*, the id of a provider or an address, is asked for its models; see ``Registry.discover``."""
    named = "://" in str(target)
    provider: Provider | None
    if named:
        base_url = _checked_url(target)
        provider = _at(catalog, base_url)
    else:
        provider = catalog.provider(target)
        base_url = _home(provider)
        api_key = api_key or key_of(provider, os.environ)
    key = Settings(api_key=api_key).api_key
    if key is not None and not _may_have_key(base_url, named=named):
        message = (
            f"a key goes to {base_url} by https only, not by http: only the machine itself, and a private address you name, may have it so"
        )
        raise QueryError(message, criterion="api_key")
    spoken = protocol if protocol is not None else "openai" if provider is None else protocol_of(provider.npm)
    dialect: Dialect | None = next((known for known in DIALECTS if known == spoken), None)
    if dialect is None:
        message = (
            f"lists of models are read as {', '.join(DIALECTS)}, not as {spoken or 'nobody knows what'}; say which of them as protocol="
        )
        raise QueryError(message, criterion="protocol", value=spoken)
    return Place(urlsplit(base_url).netloc if provider is None else provider.id, dialect, base_url, key, provider is not None)


def _checked_url(url: str) -> str:
    return Settings(base_url=url).base_url


def _home(provider: Provider) -> str:
    api = provider.api or _HOMES.get(provider.id)
    if api is None:
        message = f"nobody says where {provider.id} is: give its address in place of its id, as in discover('https://…', protocol='openai')"
        raise QueryError(message, criterion="provider", value=provider.id)
    return _checked_url(filled(api, os.environ))


def _at(catalog: Catalog, base_url: str) -> Provider | None:
    """Return the provider that is at this address; None where none is, or several are."""
    there = [provider for provider in catalog.sellers.values() if (provider.api or _HOMES.get(provider.id, "")).rstrip("/") == base_url]
    return there[0] if len(there) == 1 else None


def _may_have_key(base_url: str, *, named: bool) -> bool:
    """Return whether a key may be sent there: by https, to this machine, or to a private address that the user *named*."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost":
        return True
    try:
        ip = ip_address(host)
    except ValueError:
        return False  # nobody knows where a name leads
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_loopback or (named and ip.is_private and not ip.is_link_local and not ip.is_unspecified)


def ask(place: Place, clock: Clock, *, seconds: float, most_bytes: int) -> Flow[Listing]:
    """Ask for all pages of a list, within so many *seconds* and *most_bytes* in all.

    Raises:
        FetchError: one of them did not come, or they have no end.
        DecodeError: one is no list of models.
    """
    until = clock.monotonic() + seconds
    models: dict[str, FrozenDict[str, Any]] = {}
    problems: list[Problem] = []
    seen: set[str | None] = set()
    after: str | None = None
    while True:
        seen.add(after)
        answer: Answer = yield Ask(place.page(after), until - clock.monotonic())
        data = answer.data or b""
        most_bytes -= len(data)
        if most_bytes < 0:
            message = f"{place.url} has more pages than max_document_bytes allows"
            raise TooLargeError(message, url=place.url)
        page: LivePage = yield Call(partial(read_page, data, place.dialect, place.url))
        models.update((model_id, facts) for model_id, facts in page.models.items() if model_id not in models)
        problems += page.problems
        after = page.after
        if after is None:
            return Listing(FrozenDict(models), tuple(problems), datetime.fromtimestamp(clock.time(), UTC))
        if after in seen:
            message = f"{place.url} leads in a circle: its page after {after!r:.100} comes again"
            raise ContentError(message, url=place.url)
