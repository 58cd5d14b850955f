"""What the tools answer, asked by a real client, held against the library's own answers."""

from __future__ import annotations

import json
from decimal import Decimal

import jsonschema
import pytest
from mcp import Client

from modelmeta import Registry, Usage, load_catalog
from modelmeta.mcp import create_server

TOOLS = ["search", "get", "compare", "price", "select", "offerings"]


@pytest.fixture(scope="module")
def server(catalog):
    """A server of the bundled catalog."""
    return create_server(catalog)


@pytest.fixture
def ask(server):
    """Call a tool; return its answer, having checked it against the schema that was promised."""

    async def asked(tool, **arguments):
        async with Client(server) as client:
            [schema] = [known.output_schema for known in (await client.list_tools()).tools if known.name == tool]
            result = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content[0].text
        jsonschema.validate(result.structured_content, schema)
        assert json.loads(result.content[0].text) == result.structured_content
        return result.structured_content

    return asked


@pytest.fixture
def refused(server):
    """Call a tool that refuses; return what it says."""

    async def asked(tool, **arguments):
        async with Client(server) as client:
            result = await client.call_tool(tool, arguments)
        assert result.is_error
        assert result.structured_content is None
        return result.content[0].text.removeprefix(f"Error executing tool {tool}: ")

    return asked


async def test_the_tools_say_that_they_only_read_and_what_they_take_and_give(server):
    async with Client(server) as client:
        tools = (await client.list_tools()).tools

    assert TOOLS == [tool.name for tool in tools]
    for tool in tools:
        hints = tool.annotations
        assert (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint) == (True, False, True, False)
        assert tool.description.endswith(".")
        assert "  " not in tool.description
        assert tool.input_schema["additionalProperties"] is False
        assert tool.output_schema["type"] == "object"
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        jsonschema.Draft202012Validator.check_schema(tool.output_schema)


async def test_the_server_says_what_it_is_for(server):
    assert ("modelmeta", "LLM models") == (server.name, server.title)
    assert "null is unknown" in server.instructions


# search


async def test_search_finds_what_the_catalog_finds_page_by_page(ask, catalog):
    hits = [str(hit.model.ref) for hit in catalog.search("sonnet", "vision", limit=7)]
    first = await ask("search", text="sonnet", filters={"capabilities": ["vision"]}, limit=4)
    second = await ask("search", text="sonnet", filters={"capabilities": ["vision"]}, limit=3, offset=first["next_offset"])

    assert hits == [model["model"] for page in (first, second) for model in page["models"]]
    assert first["total"] is None


async def test_search_without_a_text_lists_all_that_meet_the_filters(ask, catalog):
    expected = [str(model.ref) for model in catalog.filter(provider="openai", max_input_cost=1)]
    found, offset = [], 0
    while offset is not None:
        page = await ask("search", filters={"provider": ["openai"], "max_input_cost": 1}, limit=10, offset=offset)
        found += [model["model"] for model in page["models"]]
        assert page["total"] == len(expected)
        offset = page["next_offset"]

    assert expected == found


async def test_the_last_page_of_a_search_has_no_next(ask):
    page = await ask("search", text="gpt-5.5", filters={"provider": ["openai"]}, limit=50)

    assert page["models"]
    assert page["next_offset"] is None


async def test_every_filter_is_the_criterion_of_its_name(ask, catalog):
    filters = {
        "capabilities": ["tool_call"],
        "without": ["audio_input"],
        "type": ["chat"],
        "status": ["available"],
        "input": ["image"],
        "output": ["text"],
        "min_context": 100_000,
        "min_output": 1_000,
        "max_input_cost": "2.5",
        "max_output_cost": 20,
        "price_state": ["priced"],
        "open_weights": False,
        "exclude_deprecated": True,
        "released_after": "2025",
        "released_before": "2026-06",
        "knowledge_after": "2024-01-01",
        "unknown": "exclude",
    }
    given = dict(filters)
    expected = catalog.filter(*given.pop("capabilities"), **given)
    page = await ask("search", filters=filters, limit=50)

    assert len(expected) == page["total"] > 0
    assert [str(model.ref) for model in expected[:50]] == [model["model"] for model in page["models"]]


# get


async def test_get_says_all_that_is_known_and_how_to_call_it(ask, catalog):
    model = catalog.get("openai/gpt-5.5")
    known = await ask("get", model="openai/gpt-5.5")

    assert model.cost.input == Decimal(known["cost_input"])
    assert (model.limit.context, sorted(model.capabilities)) == (known["limit_context"], known["capabilities"])
    assert (["OPENAI_API_KEY"], "openai") == (known["provider"]["env"], known["provider"]["id"])
    assert model.cost.tiers[0].output == Decimal(known["facts"][f"cost.tiers.{model.cost.tiers[0].size}.output"])
    assert (0, str(model.knowledge)) == (known["facts_left_out"], known["facts"]["knowledge"])


async def test_get_understands_other_spellings(ask):
    assert (await ask("get", model="Claude-Opus-4.5@anthropic"))["model"] == "anthropic/claude-opus-4-5"


async def test_a_model_that_is_unknown_is_refused_with_the_nearest(refused):
    assert "did you mean openai/gpt-5.5" in await refused("get", model="openai/gpt5.5x")


async def test_a_name_of_many_models_is_refused_with_some_to_choose_from(refused):
    told = await refused("get", model="gpt-4o")

    assert told.startswith("'gpt-4o' can mean several models; ask for one of openai/gpt-4o, ")
    assert told.count(", ") == 19


async def test_what_nobody_said_is_null_and_never_no():
    catalog = load_catalog({"acme": {"name": "Acme", "models": {"m": {"name": "M"}}}})
    async with Client(create_server(catalog)) as client:
        known = (await client.call_tool("get", {"model": "acme/m"})).structured_content

    assert (None, None, None, None, "unpriced") == tuple(
        known[name] for name in ("cost_input", "cost_output", "limit_context", "release_date", "price_state")
    )
    assert (["available", []], {"name": "M"}) == ([known["status"], known["capabilities"]], known["facts"])


async def test_a_model_of_any_size_has_an_answer_of_bounded_size():
    extras = {f"extra_{number}": "long " * 10_000 for number in range(300)}
    catalog = load_catalog({"acme": {"name": "Acme", "models": {"m": {"name": "M", **extras}}}})
    async with Client(create_server(catalog)) as client:
        result = await client.call_tool("get", {"model": "acme/m"})

    known = result.structured_content
    assert (200, 101) == (len(known["facts"]), known["facts_left_out"])
    assert len(result.content[0].text) < 500_000
    assert known["facts"]["extra.extra_0"].endswith("…")


# compare, price, offerings


async def test_compare_says_what_the_comparison_says(ask, catalog):
    refs, usage = ["openai/gpt-5.5", "anthropic/claude-opus-4-5", "acme/nothing"], Usage(input_tokens=1_000, output_tokens=100)
    expected = catalog.compare(*refs, usage=usage)
    compared = await ask("compare", models=refs, workload={"input_tokens": 1_000, "output_tokens": 100})

    assert ["acme/nothing"] == compared["missing"]
    assert [row.field for row in expected.rows] == [row["field"] for row in compared["rows"]]
    total = compared["rows"][-1]
    assert list(expected.rows[-1].values) == [Decimal(total["values"][ref]) for ref in refs[:2]]
    assert [refs[place] for place in expected.rows[-1].best] == total["best"]


@pytest.mark.parametrize("count", [1, 11])
async def test_too_few_or_too_many_are_not_compared(refused, count):
    assert f"not {count}" in await refused("compare", models=["openai/gpt-5.5"] * count)


async def test_price_is_exact_and_says_which_tier_bills(ask, catalog):
    usage = {"input_tokens": 300_000, "output_tokens": 2_001, "cache_read_tokens": 7}
    quote, priced = catalog.price("openai/gpt-5.5", Usage(**usage)), await ask("price", model="openai/gpt-5.5", workload=usage)

    assert (str(quote.total), quote.state, quote.reason) == (priced["total"], priced["state"], priced["reason"])
    assert quote.tier.size == priced["tier_above"]
    assert [(line.component, line.tokens, line.amount) for line in quote.lines] == [
        (line["component"], line["tokens"], Decimal(line["amount"])) for line in priced["lines"]
    ]


async def test_an_unpublished_price_is_null_and_not_free(ask, catalog):
    model = catalog.filter(price_state="unpriced").first()
    priced = await ask("price", model=str(model.ref), workload={"input_tokens": 1})

    assert (None, "unpriced", None) == (priced["total"], priced["state"], priced["tier_above"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"mode": "warp", "workload": {}}, "has no mode 'warp'"),
        ({"workload": {"cache_read_tokens": 5}}, "cache_read_tokens (5) is part of input_tokens (0)"),
        ({"workload": {"input_tokens": -1}}, "greater than or equal to 0"),
        ({"workload": {"input": 1}}, "workload.input"),
        ({}, "workload"),
    ],
)
async def test_a_workload_that_cannot_be_is_refused_with_the_reason(refused, arguments, told):
    assert told in await refused("price", model="openai/gpt-5.5", **arguments)


async def test_offerings_are_all_sellers_cheapest_first_page_by_page(ask, catalog):
    usage = Usage(input_tokens=1_000, output_tokens=1_000)
    expected = catalog.offerings("anthropic/claude-opus-4-5", usage=usage)
    found, offset = [], 0
    while offset is not None:
        page = await ask(
            "offerings",
            model="anthropic/claude-opus-4-5",
            workload={"input_tokens": 1_000, "output_tokens": 1_000},
            limit=9,
            offset=offset,
        )
        assert page["total"] == len(expected)
        found += [(offer["model"], offer["variants"], offer["total"] and Decimal(offer["total"])) for offer in page["offers"]]
        offset = page["next_offset"]

    assert [(str(offer.model.ref), list(offer.variants), offer.quote.total) for offer in expected] == found


# select


async def test_select_ranks_by_what_a_workload_costs(ask, catalog):
    usage = Usage(input_tokens=300_000, output_tokens=2_000)
    ranking = catalog.rank("tool_call", "vision", provider={"openai", "anthropic"}, min_context=1_000_000, usage=usage)
    picked = await ask(
        "select",
        filters={"capabilities": ["tool_call", "vision"], "provider": ["openai", "anthropic"], "min_context": 1_000_000},
        workload={"input_tokens": 300_000, "output_tokens": 2_000},
        limit=3,
        offset=1,
    )

    assert [(str(ranked.model.ref), ranked.quote.total) for ranked in ranking[1:4]] == [
        (pick["model"], Decimal(pick["total"])) for pick in picked["models"]
    ]
    assert ("price", len(ranking), 4) == (picked["by"], picked["total"], picked["next_offset"])


@pytest.mark.parametrize("prefer", ["newest", "largest_context"])
async def test_select_ranks_by_other_preferences_too(ask, catalog, prefer):
    picked = await ask("select", prefer=prefer, filters={"provider": ["openai"]}, limit=50)
    ranking = catalog.rank(provider="openai", prefer=prefer)

    assert [(str(ranked.model.ref), None if ranked.value is None else str(ranked.value)) for ranked in ranking] == [
        (pick["model"], pick["value"]) for pick in picked["models"]
    ]
    assert picked["next_offset"] is None


async def test_where_no_model_will_do_select_says_why_and_what_comes_nearest(refused):
    told = await refused("select", filters={"provider": ["openai"], "min_context": 10**9})

    assert "0 of 8,337 models match" in told
    assert "Nearest misses" in told


# What cannot be asked


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("get", {"modle": "openai/gpt-5.5"}, "modle"),
        ("get", {"model": ""}, "at least 1 character"),
        ("get", {"model": "x" * 301}, "at most 300 characters"),
        ("search", {"limit": 51}, "less than or equal to 50"),
        ("search", {"limit": 0}, "greater than or equal to 1"),
        ("search", {"offset": -1}, "greater than or equal to 0"),
        ("search", {"filters": {"provdier": ["openai"]}}, "filters.provdier"),
        ("search", {"filters": {"capabilities": ["visoin"]}}, "the known ones are attachment, reasoning, tool_call"),
        ("search", {"filters": {"released_after": "soon"}}, "released_after must be a date like '2026'"),
        ("search", {"filters": {"price_state": ["cheap"]}}, "'priced', 'free', 'plan'"),
        ("select", {"prefer": "best"}, "prefer"),
        ("offerings", {"model": "acme/nothing"}, "no model is called 'acme/nothing'"),
        ("refresh", {}, "Unknown tool: refresh"),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words_that_help(refused, tool, arguments, told):
    assert told in await refused(tool, **arguments)


async def test_answers_are_of_what_the_registry_reads_then(tmp_path):
    document = tmp_path / "api.json"
    document.write_text(json.dumps({"acme": {"name": "Acme", "models": {"m": {"name": "M"}}}}))
    with Registry(source=document) as registry:
        async with Client(create_server(registry)) as client:
            before = await client.call_tool("get", {"model": "acme/m"})
            registry.refresh(accept=True)
            after = await client.call_tool("get", {"model": "acme/m"})

    assert (True, False) == (before.is_error, after.is_error)
