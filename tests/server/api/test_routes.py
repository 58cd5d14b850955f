"""The routes of the original system, made to work, and those beside them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal

import pytest

from modelmeta import Registry, Usage, bundled_catalog
from modelmeta.records.capabilities import CAPABILITIES
from modelmeta.testing import FakeModelsDev

V1 = "/api/v1"
MODEL_KEYS = {"provider_id", "id", "name", "cost", "limit", "modalities", "price_state", "status", "type"}


def ask(bundled, path, code=200, /, **parameters):
    answer = bundled.get(V1 + path, params=parameters)
    assert answer.status_code == code, answer.text[:500]
    kind = "application/json" if code < 400 else "application/problem+json"
    assert answer.headers["content-type"] == kind
    return json.loads(answer.text, parse_float=Decimal)


def test_a_list_has_a_page_of_whole_models_and_counts_them(bundled):
    page = ask(bundled, "/models")
    assert (page["page"], page["limit"], page["total"], page["pages"]) == (1, 20, 8337, 417)
    assert len(page["models"]) == 20
    assert page["models"][0].keys() >= MODEL_KEYS


def test_pages_are_disjoint_and_complete_and_agree_on_the_total(bundled):
    pages = [ask(bundled, "/models", provider="openai", page=number, limit=10) for number in range(1, 7)]
    refs = [model["id"] for page in pages for model in page["models"]]
    assert sorted(refs) == sorted(model.id for model in bundled_catalog().models("openai"))
    assert {page["total"] for page in pages} == {len(refs)}
    assert ask(bundled, "/models", provider="openai", page=99)["models"] == []


@pytest.mark.parametrize(
    ("parameters", "criteria"),
    [
        ({"capability": ["vision", "tool_call"], "max_input_cost": "1", "sort": "cost.input"}, {"max_input_cost": 1, "sort": "cost.input"}),
        ({"provider": ["openai", "google"], "min_context": 200_000}, {"provider": {"openai", "google"}, "min_context": 200_000}),
        ({"type": "embedding"}, {"type": "embedding"}),
        ({"status": "deprecated", "unknown": "include"}, {"status": "deprecated", "unknown": "include"}),
        ({"open_weights": "true", "exclude_deprecated": "true"}, {"open_weights": True, "exclude_deprecated": True}),
        ({"released_after": "2026-01-01", "sort": "-release_date,id"}, {"released_after": "2026-01-01", "sort": ("-release_date", "id")}),
        (
            {"price_state": ["free", "plan"], "input": "image", "output": "text"},
            {"price_state": {"free", "plan"}, "input": "image", "output": "text"},
        ),
        (
            {"max_cost": "0.01", "input_tokens": 1000, "output_tokens": 100},
            {"max_cost": "0.01", "usage": Usage(input_tokens=1000, output_tokens=100)},
        ),
    ],
)
def test_every_filter_combines_as_in_python(bundled, parameters, criteria):
    expected = bundled_catalog().filter(*parameters.get("capability", ()), **criteria)
    page = ask(bundled, "/models", limit=100, **parameters)
    assert page["total"] == len(expected)
    assert [f"{model['provider_id']}/{model['id']}" for model in page["models"]] == [str(ref) for ref in expected.refs[:100]]


def test_models_are_chosen_by_a_published_result(serve):
    labs = {"acme/rocket": {"id": "acme/rocket", "name": "Rocket", "benchmarks": [{"name": "Orbit: B", "score": 1.5}]}}
    providers = {"acme": {"id": "acme", "name": "Acme", "models": {"rocket": {"id": "rocket", "name": "Rocket"}}}}
    with FakeModelsDev({"models": labs, "providers": providers}) as upstream:
        registry = Registry(source=upstream.url)
        registry.refresh(accept=True)
        served = serve(registry)
        assert served.get(f"{V1}/models", params={"min_benchmark": "Orbit: B:1.5"}).json()["total"] == 1
        assert served.get(f"{V1}/models", params={"min_benchmark": "Orbit: B:1.6"}).json()["total"] == 0


def test_only_the_fields_that_are_asked_for_are_told(bundled):
    (model,) = ask(bundled, "/models", limit=1, provider="openai", capability="vision", fields="name,cost.input,limit.context", sort="id")[
        "models"
    ]
    assert model.keys() == {"provider_id", "id", "name", "cost", "limit"}
    assert model["cost"].keys() == {"input"}


@pytest.mark.parametrize("fields", ["cost,cost.input", "cost.input,cost"])
def test_an_object_that_is_asked_for_whole_and_in_part_is_whole(bundled, fields):
    models = ask(bundled, "/models", provider="openai", limit=100, fields=fields)["models"]
    assert {model["id"]: model["cost"] for model in models} == {
        model["id"]: model["cost"] for model in ask(bundled, "/models", provider="openai", limit=100)["models"]
    }
    assert None in [model["cost"] for model in models]


@pytest.mark.parametrize("fields", ["nonsense", "cost.nonsense", "id.nonsense", "name,name.nonsense"])
@pytest.mark.parametrize(("path", "q"), [("/models", {}), ("/models/search", {"q": "gpt"})])
def test_a_field_that_no_model_has_is_named_even_where_nothing_is_found(bundled, path, q, fields):
    for more in ({}, {"provider": "nobody"}):
        assert "nonsense" in ask(bundled, path, 422, fields=fields, **q, **more)["detail"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limt": 5}, "limt: there is no such parameter"),
        ({"released_after": "yesterday"}, "released_after: a day is written YYYY-MM-DD"),
        ({"price_state": "cheap"}, "price_state: Input should be 'priced', 'free', 'plan' or 'unpriced'"),
        ({"max_cost": 1}, "max_cost is what a workload may cost; say which with input_tokens, output_tokens, …"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_said_in_the_words_of_the_api(bundled, asked, said):
    answer = ask(bundled, "/models", 422, **asked)
    assert answer["detail"] == said
    assert [error["parameter"] for error in answer["errors"]] == [*asked]


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("text/plain", '{"model": "openai/gpt-5.5"}', "body: a JSON object is needed, sent with Content-Type: application/json"),
        ("application/json", "{nothing", "body: this is no JSON"),
        ("application/json", '{"model": "openai/gpt-5.5", "usage": {"tokens": 1}}', "usage.tokens: there is no such parameter"),
        ("application/json", '{"model": "openai/gpt-5.5"}', "usage: it is needed"),
    ],
)
def test_what_is_wrong_with_a_body_is_said(bundled, kind, content, said):
    answer = bundled.client.post(f"{V1}/price", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["detail"]) == (422, said)


def test_a_path_that_is_none_says_where_those_are_that_are(bundled):
    assert bundled.get("/nothing").json()["detail"] == "there is nothing for that here; /openapi.json tells what there is"


@pytest.mark.parametrize("bound", ["since", "until"])
def test_a_bound_that_is_no_moment_is_named(bundled, bound):
    (error,) = ask(bundled, "/changes", 422, **{bound: "lately"})["errors"]
    assert error["parameter"] == bound


def test_a_name_of_several_models_lists_them(bundled):
    said = ask(bundled, "/models/gpt-5.5", 409)
    assert said["detail"] == f"'gpt-5.5' can mean {len(said['candidates'])} models; write one of the candidates"


@pytest.mark.parametrize(
    "ref", ["openai/gpt-5.5", "openrouter/anthropic/claude-opus-4.5", "amazon-bedrock/anthropic.claude-haiku-4-5-20251001-v1:0"]
)
def test_a_model_is_found_whatever_its_id_holds(bundled, ref):
    model = ask(bundled, f"/models/{ref}")
    assert f"{model['provider_id']}/{model['id']}" == ref
    assert model["cost"]["input"] == bundled_catalog().get(ref).cost.input
    assert ask(bundled, "/models/" + ref.replace("/", "%2F")) == model


def test_an_unknown_model_is_not_found_each_time_with_suggestions(bundled):
    for _ in range(2):
        said = ask(bundled, "/models/openai/gpt-5.55", 404)
        assert "openai/gpt-5.5" in said["suggestions"]
    said = ask(bundled, "/models/gpt-4o", 409)
    assert "openai/gpt-4o" in said["candidates"]


@pytest.mark.parametrize("part", ["benchmarks", "offerings", "history"])
def test_parts_of_a_model_are_found_or_not_as_it_is(bundled, part):
    assert part in ask(bundled, f"/models/openai/gpt-5.5/{part}") or part == "history"
    ask(bundled, f"/models/openai/none/{part}", 404)


def test_offers_come_cheapest_first_and_are_priced_for_a_workload(bundled):
    offers = ask(bundled, "/models/openai/gpt-5.5/offerings", input_tokens=1000, output_tokens=100)["offerings"]
    expected = bundled_catalog().offerings("openai/gpt-5.5", usage=Usage(1000, 100))
    assert [offer["model"]["provider_id"] for offer in offers] == [offer.model.provider_id for offer in expected]
    assert offers[0]["quote"]["total"] == expected[0].quote.total


@pytest.mark.parametrize(
    "ids", [["openai/gpt-5.5,anthropic/claude-opus-4-5,openai/none"], ["openai/gpt-5.5", "anthropic/claude-opus-4-5", "openai/none"]]
)
def test_models_are_compared_and_the_missing_named(bundled, ids):
    said = ask(bundled, "/models/compare", ids=ids)
    assert said["models"] == ["openai/gpt-5.5", "anthropic/claude-opus-4-5"]
    assert said["missing"] == ["openai/none"]
    context = next(row for row in said["rows"] if row["field"] == "limit.context")
    assert (context["differs"], context["best"]) == (True, [0])


@pytest.mark.parametrize("count", [0, 1, 11, 200])
def test_two_to_ten_models_are_compared(bundled, count):
    refs = [str(ref) for ref in bundled_catalog().models().refs[:count]]
    ask(bundled, "/models/compare", 422, ids=",".join(refs))


def test_a_model_twice_is_compared_once(bundled):
    ask(bundled, "/models/compare", 422, ids="openai/gpt-5.5,openai/gpt-5.5")


@pytest.mark.parametrize("capability", sorted({*CAPABILITIES, "function_calling", "json_mode", "image_generation", "audio"}))
def test_each_capability_is_a_list_of_its_own(bundled, capability):
    said = ask(bundled, f"/models/capability/{capability}", limit=1)
    assert said["capability"] == capability
    assert said["total"] == len(bundled_catalog().filter(capability))


def test_a_capability_that_is_none_names_those_there_are(bundled):
    assert "tool_call" in ask(bundled, "/models/capability/telepathy", 422)["detail"]
    ask(bundled, "/models/capability/", 404)


def test_a_search_is_ranked(bundled):
    hits = ask(bundled, "/models/search", q="claude opus 4.5", provider="anthropic", limit=3)["hits"]
    expected = bundled_catalog().search("claude opus 4.5", provider="anthropic", limit=3)
    assert [hit["model"]["id"] for hit in hits] == [hit.model.id for hit in expected]


def test_providers_and_their_models(bundled):
    said = ask(bundled, "/providers")
    assert said["total"] == len(said["providers"]) == 225
    assert ask(bundled, "/providers/openai")["env"] == ["OPENAI_API_KEY"]
    assert ask(bundled, "/providers/openai/models", limit=100)["total"] == 53
    assert "openai" in ask(bundled, "/providers/openai-", 404)["suggestions"]
    ask(bundled, "/providers/none-at-all/models", 404)


def test_a_price_is_exact(bundled):
    usage = {"input_tokens": 300_000, "output_tokens": 2_000, "cache_read_tokens": 1_000}
    answer = bundled.client.post(f"{V1}/price", json={"model": "openai/gpt-5.5", "usage": usage})
    quote = json.loads(answer.text, parse_float=Decimal)
    expected = bundled_catalog().price("openai/gpt-5.5", Usage(**usage))
    assert (Decimal(quote["total"]), quote["state"], len(quote["lines"])) == (expected.total, "priced", len(expected.lines))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"model": "openai/gpt-5.5"},
        {"model": "openai/gpt-5.5", "usage": {"input_tokens": -1}},
        {"model": "openai/gpt-5.5", "usage": {"input_tokens": 1, "cache_read_tokens": 2}},
        {"model": "openai/gpt-5.5", "usage": {}, "mode": "warp"},
        {"model": "openai/gpt-5.5", "usage": {}, "other": 1},
        [],
        "text",
    ],
)
def test_a_price_that_cannot_be_asked_is_refused(bundled, body):
    answer = bundled.client.post(f"{V1}/price", json=body)
    assert answer.status_code == 422
    assert answer.json()["status"] == 422


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *(("page", value) for value in ("-1", "0", "xyz", "1e3", "99999999999999999999")),
        *(("limit", value) for value in ("-100", "0", "101", "150", "1000", "abc")),
        ("nope", "1"),
        ("capability", "telepathy"),
        ("sort", "beauty"),
        ("unknown", "maybe"),
        ("max_input_cost", "NaN"),
        ("max_input_cost", "-1"),
        ("released_after", "yesterday"),
        ("released_after", "0"),
        ("min_benchmark", "SWE-Bench Pro"),
        ("cache_read_tokens", "5"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(bundled, parameter, value):
    said = ask(bundled, "/models", 422, **{parameter: value, **({"max_cost": 1} if parameter == "cache_read_tokens" else {})})
    assert parameter in json.dumps(said)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "POST"])
def test_other_methods_are_refused(bundled, method):
    answer = bundled.client.request(method, f"{V1}/models")
    assert answer.status_code == 405
    assert answer.json()["title"] == "Method not allowed"


def test_changes_and_history_are_told_by_page(serve, tmp_path):
    registry, upstream, first, _ = changed(tmp_path)
    with upstream:
        served = serve(registry)
        said = served.get(f"{V1}/changes", params={"since": first}).json()
        assert [(change["kind"], change["ref"], change["before"], change["after"], change["percent"]) for change in said["changes"]] == [
            ("price", "acme/rocket", 1, 2, 100)
        ]
        assert served.get(f"{V1}/models/acme/rocket/history").json()["changes"][-1]["at"].endswith("+00:00")
        assert served.get(f"{V1}/changes", params={"limit": 1, "page": 2}).json()["total"] == 2
        assert served.get(f"{V1}/changes", params={"since": "1-000000000000"}).status_code == 404
        assert served.get(f"{V1}/changes", params={"since": "yesterday"}).status_code == 422


def changed(tmp_path):
    document = {
        "acme": {"id": "acme", "name": "Acme", "models": {"rocket": {"id": "rocket", "name": "Rocket", "cost": {"input": 1, "output": 2}}}}
    }
    upstream = FakeModelsDev(document)
    upstream.start()
    registry = Registry(store=f"sqlite:///{tmp_path / 'catalog.db'}", source=upstream.url)
    first = registry.refresh(accept=True).revision
    document["acme"]["models"]["rocket"]["cost"]["input"] = 2
    upstream.serve(document)
    return registry, closing(upstream), first, registry.refresh().revision


def test_the_process_lives_and_is_ready(bundled):
    assert bundled.get("/health").json() == {"status": "healthy"}
    ready = bundled.get("/ready").json()
    assert (ready["models"], ready["revision"]) == (8337, bundled.registry.status().revision)
    assert ask(bundled, "/stats")["models"] == 8337


def test_many_ask_at_once(bundled):
    paths = [f"{V1}/models?limit=20&page={page}" for page in range(1, 11)] * 5
    with ThreadPoolExecutor(10) as threads:
        answers = [*threads.map(bundled.get, paths)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 10


def test_from_a_list_to_a_model_to_its_capability(bundled):
    first = ask(bundled, "/models", limit=10)["models"][0]
    ref = f"{first['provider_id']}/{first['id']}"
    assert ask(bundled, f"/models/{ref}") == first
    ask(bundled, "/models/compare", 422, ids=ref)
    assert ask(bundled, "/models/capability/vision", limit=10)["total"] > 10
