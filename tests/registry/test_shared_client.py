"""A registry beside a client: one address, one rate limit, one owner of the connections."""

from __future__ import annotations

import inspect

import pytest

from modelmeta import AsyncClient, AsyncRegistry, Client, Registry
from modelmeta.testing import FakeModelsDev

DOCUMENT = {"acme": {"id": "acme", "models": {"rocket": {"id": "rocket", "name": "Rocket"}}}}


async def done(result):
    return await result if inspect.isawaitable(result) else result


@pytest.mark.parametrize(("client_of", "registry_of"), [(Client, Registry), (AsyncClient, AsyncRegistry)])
async def test_a_registry_asks_where_its_client_does_and_leaves_it_open(client_of, registry_of):
    with FakeModelsDev(DOCUMENT) as server:
        client = client_of(base_url=server.url, max_retries=0)
        registry = registry_of(client=client)
        assert (await done(registry.refresh())).source == server.url
        assert registry.get("acme/rocket").name == "Rocket"
        await done(registry.close() if registry_of is Registry else registry.aclose())
        assert await done(client.api()) == DOCUMENT
        await done(client.close() if client_of is Client else client.aclose())


def test_settings_of_its_own_win_over_those_of_its_client():
    with FakeModelsDev(DOCUMENT) as server, Client(base_url="http://nosuch.invalid") as client:
        registry = Registry(client=client, source=server.url, max_shrink=1)
        assert registry.refresh().status == "updated"
        registry.close()
