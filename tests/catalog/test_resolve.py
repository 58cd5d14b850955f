"""What names mean: a table of spellings over every model of every document, and what is never guessed."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from modelmeta import AmbiguousModelError, InvalidRefError, ModelNotFoundError, ModelRef, load_catalog
from modelmeta.catalog.naming.litellm import LITELLM_PROVIDERS
from modelmeta.catalog.naming.spelling import date_at_end, fold, trim

DOCUMENTS = ["api-2026-03-01", "api-2026-04-01", "api-2026-05-21", "api-2026-07-02", "api-2026-09-30"]


@pytest.fixture(scope="module", params=DOCUMENTS)
def real(request, shared_data):
    return load_catalog(shared_data / f"{request.param}.json.gz")


@pytest.fixture(scope="module")
def sold():
    """Return a catalog in which every way of writing ids occurs."""
    ids = {
        "anthropic": {"claude-big-4-5": "2025-11-24", "claude-small-4-20250514": "2025-05-14"},
        "amazon-bedrock": {
            "anthropic.claude-big-4-5-20251101-v1:0": None,
            "us.anthropic.claude-big-4-5-20251101-v1:0": None,
            "us.anthropic.claude-fast-1-20250101-v1:0": None,
            "eu.anthropic.claude-fast-1-20250101-v1:0": None,
            "global.meta.llama3-1-8b-instruct-v1:0": None,
            "openai.oss-20b-1:0": None,
        },
        "google-vertex": {"claude-big-4-5@20251101": None, "claude-new-5@default": None},
        "google-vertex-anthropic": {"claude-big-4-5@20251101": None, "claude-only-1@20250101": None},
        "openrouter": {"anthropic/claude-big-4.5": None, "anthropic/claude-big-4.5:free": None, "labs/Odd_Model": None, "labs/solo": None},
        "azure": {"claude-big-4-5": "2025-11-24", "gpt-dated-2024-05-13": None, "gpt-dated-2024-08-06": None, "gpt-x": "2025-02-31"},
        "openai": {"gpt-dated": "2024-05-13", "gpt-dated-2024-08-06": None, "gpt-free": "2025-01-01"},
        "mistral": {"codestral-x": None, "labs/pixie": None},
        "groq": {
            "codestral/codestral-x": None,
            "codestral/pixie": None,
            "openai/gpt-oss": None,
            "llama-3.1-8b": None,
            "gpt-dated": "2024-05-13",
        },
    }
    canonical = {"claude-big": "anthropic/claude-big-4-5", "oss": "openai/gpt-oss", "solo": "labs/solo-1"}
    providers = {
        provider: {
            "id": provider,
            "name": provider,
            "models": {
                key: {
                    "id": key,
                    "name": key,
                    **({"release_date": date} if date else {}),
                    "canonical_model_id": next((lab for word, lab in canonical.items() if word in key), f"labs/{key}"),
                }
                for key, date in models.items()
            },
        }
        for provider, models in ids.items()
    }
    return load_catalog(json.dumps(providers).encode())


def meaning(catalog, text, **how):
    resolution = catalog.resolve(text, **how)
    return str(resolution.model.ref), resolution.match


def test_every_notation_of_every_model_means_that_model(real):
    spellings = 0
    for model in real:
        for text in (f"{model.provider_id}/{model.id}", f"{model.provider_id}:{model.id}", f"{model.id}@{model.provider_id}"):
            resolution = real.resolve(text)
            assert (model, "exact", (model.ref,)) == (resolution.model, resolution.match, resolution.candidates), text
            spellings += 1
    assert 3 * len(real) == spellings


def test_every_id_without_its_provider_means_its_only_seller_or_is_ambiguous(real):
    sellers = defaultdict(set)
    for model in real:
        sellers[model.id].add(str(model.ref))
    for model_id, refs in sellers.items():
        prefix = model_id.partition("/")[0]
        if prefix in LITELLM_PROVIDERS or fold(prefix) in {fold(provider.id) for provider in real.providers()}:
            continue  # it names a provider, whose model it means
        if len(refs) == 1:
            assert (min(refs), "alias") == meaning(real, model_id)
            assert ModelRef.parse(min(refs)) in real.resolve(model_id).candidates
            continue
        with pytest.raises(AmbiguousModelError) as caught:
            real.resolve(model_id)
        assert refs <= {*caught.value.candidates}


def test_prefer_decides_between_all_sellers_of_an_id(real):
    for model in real:
        if "/" not in model.id:
            assert str(model.ref) == meaning(real, model.id, prefer=model.provider_id)[0]


def test_prefer_finds_the_id_as_the_preferred_provider_writes_it(real):
    tails = defaultdict(list)
    for model in real:
        tails[model.provider_id, fold(model.id).rpartition("/")[2]].append(model)
    for model in real:
        if "/" not in model.id and len(sold := tails["openrouter", fold(model.id)]) == 1:
            assert str(sold[0].ref) == meaning(real, model.id, prefer="openrouter")[0]


def test_capitals_and_separators_of_every_model_are_forgiven_within_its_provider(real):
    clashes = defaultdict(set)
    for model in real:
        clashes[model.provider_id, fold(model.id)].add(str(model.ref))
    for model in real:
        shouted = f"{model.provider_id}/{model.id.upper().replace('-', '_')}"
        if len(clashes[model.provider_id, fold(model.id)]) == 1 and shouted not in real:
            found = real.resolve(shouted)
            assert (model.ref, "normalized") == (found.model.ref, found.match)


@pytest.mark.parametrize(
    ("text", "ref", "match"),
    [
        ("anthropic/claude-big-4-5", "anthropic/claude-big-4-5", "exact"),
        ("anthropic:claude-big-4-5", "anthropic/claude-big-4-5", "exact"),
        ("claude-big-4-5@anthropic", "anthropic/claude-big-4-5", "exact"),
        ("claude-big-4-5@20251101@google-vertex", "google-vertex/claude-big-4-5@20251101", "exact"),
        ("openrouter:anthropic/claude-big-4.5:free", "openrouter/anthropic/claude-big-4.5:free", "exact"),
        ("Anthropic/Claude-Big-4.5", "anthropic/claude-big-4-5", "normalized"),
        ("anthropic:claude big 4.5", "anthropic/claude-big-4-5", "normalized"),
        ("anthropic/claude-big-4-5:free", "openrouter/anthropic/claude-big-4.5:free", "normalized"),
        ("labs/odd-model", "openrouter/labs/Odd_Model", "normalized"),
        ("solo", "openrouter/labs/solo", "alias"),
        ("labs/solo-1", "openrouter/labs/solo", "canonical"),
        ("openrouter/claude-big-4-5", "openrouter/anthropic/claude-big-4.5", "alias"),
        ("openrouter/claude-big-4.5:free", "openrouter/anthropic/claude-big-4.5:free", "alias"),
        ("azure/anthropic/claude-big-4-5", "azure/claude-big-4-5", "alias"),
        ("anthropic/anthropic/claude-big-4-5", "anthropic/claude-big-4-5", "alias"),
        ("bedrock/anthropic.claude-big-4-5-20251101-v1:0", "amazon-bedrock/anthropic.claude-big-4-5-20251101-v1:0", "alias"),
        (
            "bedrock/converse/us-east-1/us.anthropic.claude-big-4-5-20251101-v1:0",
            "amazon-bedrock/us.anthropic.claude-big-4-5-20251101-v1:0",
            "alias",
        ),
        ("bedrock/eu.anthropic.claude-big-4-5-20251101-v1:0", "amazon-bedrock/anthropic.claude-big-4-5-20251101-v1:0", "alias"),
        ("amazon-bedrock/claude-big-4-5", "amazon-bedrock/anthropic.claude-big-4-5-20251101-v1:0", "alias"),
        ("amazon-bedrock/anthropic.claude-big-4-5", "amazon-bedrock/anthropic.claude-big-4-5-20251101-v1:0", "alias"),
        ("amazon-bedrock/meta.llama3-1-8b-instruct", "amazon-bedrock/global.meta.llama3-1-8b-instruct-v1:0", "alias"),
        ("meta.llama3-1-8b-instruct-v1:0", "amazon-bedrock/global.meta.llama3-1-8b-instruct-v1:0", "alias"),
        ("vertex_ai/claude-big-4-5@20251101", "google-vertex/claude-big-4-5@20251101", "alias"),
        ("vertex_ai/claude-only-1@20250101", "google-vertex-anthropic/claude-only-1@20250101", "alias"),
        ("codestral/codestral-x", "mistral/codestral-x", "alias"),
        ("codestral/pixie", "groq/codestral/pixie", "alias"),
        ("google-vertex/claude-new-5", "google-vertex/claude-new-5@default", "alias"),
        ("google-vertex/claude-big-4-5", "google-vertex/claude-big-4-5@20251101", "alias"),
        ("anthropic/claude-small-4", "anthropic/claude-small-4-20250514", "alias"),
        ("azure/claude-big-4-5-20251101", "azure/claude-big-4-5", "alias"),
        ("openai/gpt-free-2025-01-10", "openai/gpt-free", "alias"),
    ],
)
def test_a_name_means_one_model(sold, text, ref, match):
    assert (ref, match) == meaning(sold, text)
    assert ref == str(sold.get(text).ref)


@pytest.mark.parametrize(
    "text",
    [
        "anthropic/claude-big-4-5-fp8",  # a variant nobody sells
        "azure/claude-big-4-5:free",  # or nobody there
        "amazon-bedrock/claude-only-1@20250101",  # another provider's
        "bedrock/us.anthropic.claude-slow-1-20250101-v1:0",
        "bedrock/ap.anthropic.claude-fast-1-20250102-v1:0",  # another date
        "openai/gpt-dated-2024-05-13",  # beside gpt-dated-2024-08-06, the undated one may be any
        "groq/gpt-dated-2024-05-13",  # another provider's row of that date is another model
        "openai/gpt-free-2024-01-10",  # long before it was released
        "openai/gpt-free-2025-13-10",  # no date
        "azure/gpt-x-2025-02-28",  # nobody knows when it was released
        "azure/labs/claude-big-4-5",  # a prefix that is neither its provider nor its lab
        "openai/solo",
        "fast-1",
        "oss-20b",
        "claude-big-4",
        "amazon-bedrock/anthropic.claude-big-4-5-20251101-v2:0",  # another version
        "-",
        "/",
        ":",
        "@",
        "anthropic/",
        "/claude-big-4-5/",
    ],
)
def test_nothing_is_guessed(sold, text):
    with pytest.raises(ModelNotFoundError):
        sold.resolve(text)
    assert sold.get(text, None) is None


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("claude-big-4-5", ["anthropic/claude-big-4-5", "azure/claude-big-4-5"]),
        ("claude-big-4.5", ["anthropic/claude-big-4-5", "azure/claude-big-4-5"]),
        ("amazon-bedrock/anthropic.claude-fast-1-20250101-v1:0", ["amazon-bedrock/eu.anthropic.claude-fast-1-20250101-v1:0"]),
        ("azure/gpt-dated", ["azure/gpt-dated-2024-05-13", "azure/gpt-dated-2024-08-06"]),
        ("gpt-dated", ["groq/gpt-dated", "openai/gpt-dated"]),
    ],
)
def test_an_ambiguous_name_lists_what_it_can_mean_the_labs_own_first(sold, text, candidates):
    with pytest.raises(AmbiguousModelError) as caught:
        sold.resolve(text)

    assert candidates == list(caught.value.candidates[: len(candidates)])
    assert f"{text!r} can mean {len(caught.value.candidates)} models: {candidates[0]}, " in str(caught.value)
    assert isinstance(caught.value, KeyError)
    assert sold.get(text, None) is None


@pytest.mark.parametrize(
    ("prefer", "ref"),
    [
        ("anthropic", "anthropic/claude-big-4-5"),
        (("nobody", "Azure"), "azure/claude-big-4-5"),
        (["openrouter", "anthropic"], "openrouter/anthropic/claude-big-4.5"),
        ("bedrock", "amazon-bedrock/anthropic.claude-big-4-5-20251101-v1:0"),
        ("vertex_ai", "google-vertex/claude-big-4-5@20251101"),
    ],
)
def test_prefer_names_the_provider(sold, prefer, ref):
    resolution = sold.resolve("claude-big-4-5", prefer=prefer)

    assert ref == str(resolution.model.ref)
    assert ModelRef.parse(ref) in resolution.candidates
    assert ModelRef.parse("anthropic/claude-big-4-5") == resolution.candidates[0]


@pytest.mark.parametrize("name", ["claude-big-4-5", "gpt-dated"])
def test_prefer_that_does_not_settle_it_leaves_it_open(sold, name):
    with pytest.raises(AmbiguousModelError):
        sold.resolve(name, prefer=("nobody", "mistral"))


def test_an_id_that_one_seller_writes_so_means_that_seller_and_lists_the_others(catalog):
    resolution = catalog.resolve("gpt-oss:20b")
    assert ("ollama-cloud/gpt-oss:20b", "alias") == (str(resolution.model.ref), resolution.match)
    assert ModelRef("groq", "openai/gpt-oss-20b") in resolution.candidates
    assert "groq/openai/gpt-oss-20b" == meaning(catalog, "gpt-oss:20b", prefer="groq")[0]


@pytest.mark.parametrize("prefer", [None, 5, [None], ["openai", ""], [["openai"]], [5]])
def test_prefer_that_is_no_provider_is_refused(sold, prefer):
    with pytest.raises(InvalidRefError, match="a provider to prefer is text like 'openai', not "):
        sold.resolve("claude-big-4-5", prefer=prefer)


def test_a_very_long_name_is_refused_in_few_words(catalog):
    with pytest.raises(ModelNotFoundError) as caught:
        catalog.resolve("us.anthropic." + "a" * 1_000_000)
    assert len(str(caught.value)) < 300
    assert () == caught.value.suggestions


def test_names_in_messages_do_not_reach_the_terminal_raw(document):
    catalog = document({"m\x1b[2J-1": {"name": "A"}, "x/m\x1b[2J-1": {"name": "B"}})
    for name in ("m\x1b[2J-2", "m\x1b[2J_1"):
        with pytest.raises(KeyError) as caught:
            catalog.resolve(name)
        assert "\x1b" not in str(caught.value)


def test_prefer_changes_nothing_that_is_clear(sold):
    assert ("openrouter/labs/solo", "alias") == meaning(sold, "solo", prefer="anthropic")
    assert ("anthropic/claude-big-4-5", "exact") == meaning(sold, "anthropic/claude-big-4-5", prefer="azure")


def test_a_reference_as_a_value_is_resolved(sold):
    assert ("anthropic/claude-big-4-5", "exact") == meaning(sold, ModelRef("anthropic", "claude-big-4-5"))


def test_asking_again_gives_the_same_answer(sold):
    assert sold.resolve("solo") is sold.resolve("solo")
    assert sold.resolve("claude-big-4-5", prefer=["azure"]) is sold.resolve("claude-big-4-5", prefer="azure")


@pytest.mark.parametrize("value", [None, 5, "", b"x", ["openai/gpt-5.5"]])
def test_what_is_no_name_is_refused(sold, value):
    with pytest.raises(InvalidRefError, match="a model's name is text like"):
        sold.resolve(value)


def test_a_miss_suggests_what_looks_alike(catalog):
    with pytest.raises(ModelNotFoundError) as caught:
        catalog.resolve("gpt5.5")
    assert "openai/gpt-5.5" in caught.value.suggestions


def test_an_empty_catalog_knows_no_name():
    with pytest.raises(ModelNotFoundError):
        load_catalog({"acme": {"id": "acme", "models": {}}}).resolve("acme/x")


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Claude Opus_4.5", "claude-opus-4-5"), ("gpt-oss:20b", "gpt-oss-20b"), ("a@b--c", "a-b-c"), ("lab/X.Y", "lab/x-y")],
)
def test_folding_forgets_capitals_and_separators(text, folded):
    assert folded == fold(text)


@pytest.mark.parametrize(
    ("model_id", "parts"),
    [
        ("us.anthropic.claude-x-v1:0", ("us", "anthropic", "claude-x", "1")),
        ("amazon/openai.gpt-oss-20b-1:0", ("", "openai", "gpt-oss-20b-1", "")),
        ("dots.ocr", ("", "", "dots-ocr", "")),
        ("gpt-5.5", ("", "", "gpt-5-5", "")),
    ],
)
def test_bedrock_ids_are_taken_apart(model_id, parts):
    assert parts == trim(model_id)


@pytest.mark.parametrize(
    ("folded", "base", "date"),
    [
        ("m-20251101", "m", "2025-11-01"),
        ("m-2025-11-01", "m", "2025-11-01"),
        ("m-default", "m", "None"),
        ("m-20251301", "m-20251301", "None"),
        ("m-2507", "m-2507", "None"),
    ],
)
def test_only_full_dates_are_taken_off(folded, base, date):
    found = date_at_end(folded)
    assert (base, date) == (found[0], str(found[1]))
