"""What users want of providers: it survives refreshes and restarts, and other processes see it."""

from __future__ import annotations

import inspect
from decimal import Decimal
from threading import Thread

import pytest

from modelmeta import AsyncRegistry, ProviderNotFoundError, QueryError, Registry
from modelmeta.registry.providing import AsyncProviding, Providing
from modelmeta.registry.weights import ProviderConfig
from modelmeta.stores.memory import MemoryStore


class Threads(Registry, Providing):
    """A registry that keeps what users want of providers."""


class Tasks(AsyncRegistry, AsyncProviding):
    """As above."""


async def finished(result):
    return await result if inspect.isawaitable(result) else result


@pytest.fixture(params=[Threads, Tasks], ids=["sync", "async"])
async def weighing(request):
    opened = []

    def open_one(**options):
        opened.append(request.param(max_retries=0, **options))
        return opened[-1]

    yield open_one
    for registry in opened:
        await finished(registry.aclose() if isinstance(registry, AsyncRegistry) else registry.close())


async def test_what_is_configured_survives_a_refresh_and_a_restart(weighing, tmp_path, upstream):
    first = weighing(store=f"sqlite:///{tmp_path / 'catalog.db'}", source=upstream.url)
    openai = first.providers()[0].id
    config = await finished(first.configure_provider(openai, weight=1.2, enabled=False))
    assert config == ProviderConfig(provider_id=openai, weight=Decimal("1.2"), enabled=False)
    await finished(first.refresh(accept=True))
    assert await finished(first.provider_configs()) == (config,)
    again = weighing(store=f"sqlite:///{tmp_path / 'catalog.db'}")
    assert await finished(again.provider_configs()) == (config,)
    assert (await finished(again.configure_provider(openai, weight="0.50"))).enabled is False
    await finished(again.configure_provider(openai, weight=1, enabled=True))
    assert await finished(first.provider_configs()) == ()


async def test_nothing_given_changes_nothing(weighing):
    registry = weighing()
    assert await finished(registry.configure_provider("openai")) == ProviderConfig(provider_id="openai")
    assert await finished(registry.provider_configs()) == ()


async def test_a_provider_in_numbers(weighing, monkeypatch, upstream):
    registry = weighing(source=upstream.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-1234")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("AZURE_API_KEY", "sk-1234")
    monkeypatch.delenv("AZURE_RESOURCE_NAME", raising=False)
    await finished(registry.configure_provider("anthropic", weight=2))
    every = {stats.provider_id: stats for stats in await finished(registry.provider_stats())}
    assert {stats.provider_id: stats.total for stats in every.values()} == {
        provider.id: provider.model_count for provider in registry.providers()
    }
    assert [every[name].available for name in ("anthropic", "azure", "openai")] == [True, None, False]
    assert (every["anthropic"].weight, every["openai"].weight, every["openai"].enabled) == (2, 1, True)
    assert every["openai"].synced_at == registry.status().fetched_at
    assert await finished(registry.provider_stats("anthropic")) == (every["anthropic"],)


async def test_a_refresh_of_some_providers_syncs_only_them(weighing, upstream, thirty_providers, edited):
    registry = weighing(source=upstream.url)
    before = (await finished(registry.provider_stats("anthropic")))[0].synced_at
    await finished(registry.refresh(accept=True))
    whole = (await finished(registry.provider_stats("anthropic")))[0].synced_at
    assert whole > before
    ref = str(registry.models("anthropic").refs[0])
    upstream.serve(edited(thirty_providers, ref, name="Another name"))
    await finished(registry.refresh(providers="anthropic"))
    times = {stats.provider_id: stats.synced_at for stats in await finished(registry.provider_stats())}
    assert times.pop("anthropic") > whole
    assert {*times.values()} == {whole}


@pytest.mark.parametrize(
    "wishes", [{"weight": -1}, {"weight": "nan"}, {"weight": "much"}, {"weight": True}, {"weight": []}, {"enabled": 1}]
)
async def test_what_is_no_wish_is_refused(weighing, wishes):
    with pytest.raises(QueryError, match=f"{next(iter(wishes))} must be"):
        await finished(weighing().configure_provider("openai", **wishes))


async def test_a_provider_nobody_knows_is_refused(weighing):
    registry = weighing()
    for call in (registry.configure_provider, registry.provider_stats):
        with pytest.raises(ProviderNotFoundError):
            await finished(call("opnai"))


def test_what_many_change_at_once_is_all_kept():
    store = MemoryStore()
    with Threads(store=store) as registry:
        wishes = [{"weight": 3}, {"enabled": False}] * 4
        threads = [Thread(target=registry.configure_provider, args=("openai",), kwargs=wish) for wish in wishes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert registry.provider_configs() == (ProviderConfig(provider_id="openai", weight=Decimal(3), enabled=False),)


def test_who_comes_second_keeps_what_the_first_changed():
    class Contested(MemoryStore):
        contested = False

        def swap(self, kind, key, old, new):
            if not self.contested:
                self.contested = True
                with Threads(store=self) as other:
                    other.configure_provider(key, enabled=False)
            return super().swap(kind, key, old, new)

    with Threads(store=Contested()) as registry:
        assert registry.configure_provider("openai", weight=3) == ProviderConfig(provider_id="openai", weight=Decimal(3), enabled=False)


def test_an_id_of_any_letters_is_kept():
    with Threads(
        store=MemoryStore(), overlays={"providers": {"größe.ai 2": {"name": "G"}}, "models": {"größe.ai 2/m": {"name": "M"}}}
    ) as registry:
        registry.configure_provider("größe.ai 2", weight=2)
        assert [config.provider_id for config in registry.provider_configs()] == ["größe.ai 2"]
