"""What a text finds, and in which order."""

from __future__ import annotations

import itertools
import json
import random
import re
import threading
from fnmatch import fnmatchcase
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Hit, Query, QueryError, bundled_catalog, load_catalog

CATALOG = bundled_catalog()
QUERIES: dict[str, list[str]] = json.loads(Path(__file__).with_name("queries.json").read_text(encoding="utf-8"))
FIELDS = ("id", "name", "family", "provider", "canonical_model_id")
WORDS = [
    "claude",
    "opus",
    "sonet",
    "gpt",
    "5",
    "4.5",
    "mini",
    "groq",
    "lama",
    "70b",
    "on",
    "free",
    "zzzz",
    "🤷",
    "-",
    "qwen3coder",
    "4o",
    "2024-08-06",
]


def refs(hits):
    return [str(hit.model.ref) for hit in hits]


def is_meant(hit, patterns):
    names = (str(hit.model.ref), hit.model.canonical_model_id or "")
    return any(fnmatchcase(name.lower(), pattern.lower()) for name in names for pattern in patterns)


def catalog_of(**providers):
    """Return a catalog of providers, each with the facts of its models by id."""
    document = {
        name.replace("_", "-"): {"id": name.replace("_", "-"), "name": name.replace("_", " ").title(), "models": models}
        for name, models in providers.items()
    }
    return load_catalog(json.dumps(document).encode())


def test_people_find_what_they_mean():
    places = {}
    for text, patterns in QUERIES.items():
        meant = [is_meant(hit, patterns) for hit in CATALOG.search(text)]
        places[text] = meant.index(True) if True in meant else None
    not_first = [text for text, place in places.items() if place != 0]
    not_in_five = [text for text in not_first if places[text] is None or places[text] >= 5]

    assert len(QUERIES) >= 500
    assert len(not_first) <= 0.03 * len(QUERIES), not_first
    assert len(not_in_five) <= 0.01 * len(QUERIES), not_in_five


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("sonet 4.5", "anthropic/claude-sonnet-4-5"),
        ("gpt5 mini", "openai/gpt-5-mini"),
        ("qwen coder 480b", "alibaba/qwen3-coder-480b-a35b-instruct"),
        ("opus", "anthropic/claude-opus-5-5"),
        ("gemini flash", "google/gemini-3.8-flash"),
        ("groq whisper", "groq/whisper-large-v3"),
        ("gpt 5.5", "openai/gpt-5.5"),
        ("nano banana pro", "google/gemini-3-pro-image"),
    ],
)
def test_the_newest_plain_model_of_its_lab_comes_first(text, ref):
    assert refs(CATALOG.search(text))[0] == ref


def test_every_reference_finds_its_model_first():
    for ref in CATALOG.content.refs[::37]:
        [hit] = CATALOG.search(ref, limit=1)

        assert (ref, 1.0) == (str(hit.model.ref), hit.score)


def test_every_id_finds_a_model_of_that_id_first():
    for ref in CATALOG.content.refs[::41]:
        model_id = ref.partition("/")[2]
        [hit] = CATALOG.search(model_id.upper(), limit=1)

        assert hit.score == 1.0
        assert model_id.lower() in {hit.model.id.lower(), str(hit.model.ref).lower()}


def test_only_an_exact_reference_id_or_name_scores_one():
    assert CATALOG.search("anthropic claude opus 4.5")[0].score == 1.0
    assert CATALOG.search("Claude Opus 4.5")[0].score == 1.0
    assert CATALOG.search("claude_opus_45")[0].score == 1.0
    assert CATALOG.search("opus claude 4.5")[0].score < 1.0
    assert CATALOG.search("claude opus")[0].score < 1.0


def test_a_typo_costs_rank_but_not_recall():
    """Every third lab model of the catalog is found by its id with a letter left out, below what its id scores."""
    chance = random.Random(20260930)
    for ref in [ref for ref in CATALOG.content.refs if ref.startswith(("anthropic/", "deepseek/", "openai/", "mistral/", "xai/"))][::3]:
        model_id = ref.partition("/")[2]
        letters = [place for place, letter in enumerate(model_id) if model_id[place - 2 : place + 3].isalpha() and letter.isalpha()]
        if not letters:
            continue
        place = chance.choice(letters)
        hits = CATALOG.search(model_id[:place] + model_id[place + 1 :], limit=100)

        assert ref in refs(hits)
        assert hits[refs(hits).index(ref)].score < 1.0


@pytest.mark.parametrize(
    ("text", "other"), [("gpt 5.5", "gpt-5.4"), ("claude opus 4.5", "claude-opus-4-6"), ("llama 3.3 70b", "llama-3.1-70b")]
)
def test_another_number_is_another_model(text, other):
    hits = CATALOG.search(text, limit=300)
    whole = [hit.model.id for hit in hits if hit.score > 0.5]

    assert whole
    assert not any(other in model_id for model_id in whole)


def test_a_model_with_every_word_comes_before_one_with_fewer():
    hits = CATALOG.search("claude opus bedrock", limit=500)
    whole = [{"claude", "opus", "bedrock"} <= set(re.findall(r"[a-z]+", f"{hit.model.ref} {hit.model.name}".lower())) for hit in hits]

    assert whole[0]
    assert not any(after and not before for before, after in itertools.pairwise(whole[:100]))


def test_words_that_no_model_has_do_not_hide_those_that_have_the_others():
    assert refs(CATALOG.search("xylophone opus"))[0] == "anthropic/claude-opus-5-5"
    assert refs(CATALOG.search("kimi groq"))[0].startswith("moonshotai/kimi")


@pytest.mark.parametrize("text", ["", "   ", "---", "🤷", "!?.,", "zzzzzzzzzz", "qxqxqx 99999999"])
def test_text_like_nothing_finds_nothing(text):
    assert CATALOG.search(text) == []


@pytest.mark.parametrize("text", ["of", "the", "on the"])
def test_words_around_what_is_meant_count_where_there_are_no_others(text):
    assert all(hit.score < 1.0 for hit in CATALOG.search(text))


@pytest.mark.parametrize(
    "text", ["gpt 5.5 " * 10_000, "x" * 1_000_000, "sonnetopus" * 50, "a1b2" * 500, "aiai" * 6, "1.2.3.4" * 90, "-" * 10**6]
)
def test_long_text_is_answered_from_its_beginning(text):
    assert refs(CATALOG.search(text)) == refs(CATALOG.search(text[:500]))


@pytest.mark.parametrize("text", [None, 5, b"opus", ["opus"]])
def test_only_text_is_searched_for(text):
    with pytest.raises(QueryError, match="text") as caught:
        CATALOG.search(text)
    assert (caught.value.criterion, caught.value.value) == ("text", text)


@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "3", None])
def test_the_limit_is_a_whole_number(limit):
    with pytest.raises(QueryError, match="limit") as caught:
        CATALOG.search("opus", limit=limit)
    assert caught.value.criterion == "limit"


@given(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join) | st.text(max_size=40), st.integers(1, 60))
def test_hits_are_ordered_scored_and_few(text, limit):
    hits = CATALOG.search(text, limit=limit)

    assert len(hits) <= limit
    assert len(set(refs(hits))) == len(hits)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert sorted((hit.score for hit in hits), reverse=True) == [hit.score for hit in hits]
    assert all(hit.matched and [field for field in FIELDS if field in hit.matched] == [*hit.matched] for hit in hits)
    assert hits == CATALOG.search(text, limit=limit + 40)[:limit]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join), st.sampled_from(["groq", "openai", "openrouter", "poe"]))
def test_criteria_narrow_where_is_searched(text, provider):
    hits = CATALOG.search(text, provider=provider, limit=1000)

    assert {hit.model.provider_id for hit in hits} <= {provider}
    assert {*refs(CATALOG.search(text, limit=20))} & {str(ref) for ref in CATALOG.models(provider).refs} <= {*refs(hits)}


def test_criteria_that_no_model_meets_leave_nothing_to_find():
    assert CATALOG.search("opus", min_context=10**12) == []


def test_upper_case_accents_width_and_punctuation_make_no_difference():
    plain = refs(CATALOG.search("claude opus 4.5 thinking"))

    for text in (
        "CLAUDE Opus 4.5 Thinking",
        "clàude ópus 4.5 thinking",
        "\N{FULLWIDTH LATIN SMALL LETTER C}laude opus 4.5, thinking!",
        '"claude" (opus) 4-5 [thinking]',
    ):
        assert plain == refs(CATALOG.search(text))


def test_matched_are_the_fields_that_have_a_word():
    def matched(text, ref):
        return {str(hit.model.ref): hit.matched for hit in CATALOG.search(text, limit=500)}[ref]

    assert ("id", "name", "family") == matched("opus", "anthropic/claude-opus-5")
    assert ("name",) == matched("banana", "google/gemini-2.5-flash-image")
    assert ("id", "name", "provider") == matched("groq 70b", "groq/llama-3.3-70b-versatile")
    assert ("id", "name", "canonical_model_id") == matched("anthropic 5.5", "github-copilot/claude-opus-5.5")


def test_what_is_found_shows_as_a_table():
    hits = CATALOG.search("gpt5 mini", limit=2)

    assert "<table" in hits._repr_html_()
    assert ["openai/gpt-5-mini", "GPT-5", "Mini", "400,000", "0.25", "2", "id,", "name,", "family"] == hits.sheet().body.splitlines()[
        1
    ].split()


def test_pages_of_hits_follow_each_other_whatever_a_query_says_of_pages():
    hits = CATALOG.search("opus 4.5", provider="anthropic", limit=9)

    assert hits[4:7] == CATALOG.search("opus 4.5", provider="anthropic", offset=4, limit=3)
    assert hits == CATALOG.search("opus 4.5", Query(provider="anthropic", limit=2, offset=3), limit=9)
    assert type(hits) is type(hits[:2])
    assert hits[0] == hits[:1][0]
    with pytest.raises(QueryError, match="sort cannot be asked here"):
        CATALOG.search("opus", Query(sort="name"))
    with pytest.raises(QueryError, match="offset must be a whole number of 0 or more"):
        CATALOG.search("opus", offset=-1)


def test_a_hit_cannot_be_changed():
    [hit] = CATALOG.search("opus", limit=1)

    assert isinstance(hit, Hit)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        hit.score = 0.0


def test_the_lab_comes_before_who_resells():
    catalog = catalog_of(
        aggregator={
            "maker/lumen-3": {"name": "Lumen 3", "family": "lumen", "release_date": "2026-02-01", "canonical_model_id": "maker/lumen-3"}
        },
        maker={"lumen-3": {"name": "Lumen 3", "family": "lumen", "release_date": "2026-01-01"}},
        zone={"lumen-3": {"name": "Lumen 3", "family": "lumen", "release_date": "2026-02-01"}},
    )

    assert ["maker/lumen-3", "aggregator/maker/lumen-3", "zone/lumen-3"] == refs(catalog.search("lumen"))


def test_what_is_offered_comes_before_what_is_deprecated_then_the_newest_then_the_undated():
    catalog = catalog_of(
        maker={
            "lumen-1": {"release_date": "2026-05-01", "family": "lumen", "status": "deprecated", "canonical_model_id": "maker/lumen-1"},
            "lumen-2": {"release_date": "2026-03-01", "family": "lumen", "canonical_model_id": "maker/lumen-2"},
            "lumen-3": {"release_date": "2026-04-01", "family": "lumen", "canonical_model_id": "maker/lumen-3"},
            "lumen-3-20260401": {"release_date": "2026-04-01", "family": "lumen", "canonical_model_id": "maker/lumen-3-20260401"},
        }
    )

    assert ["maker/lumen-3", "maker/lumen-2", "maker/lumen-1", "maker/lumen-3-20260401"] == refs(catalog.search("lumen"))


def test_without_canonical_ids_the_lab_is_who_aggregators_name_before_its_models():
    facts = {"family": "lumen"}
    catalog = catalog_of(aggregator={"maker/lumen-3": facts}, beta={"lumen-3": facts}, maker={"lumen-3": facts})

    assert refs(catalog.search("lumen"))[0] == "maker/lumen-3"


def test_ties_are_in_the_order_of_references():
    catalog = catalog_of(**{name: {"lumen-3": {}} for name in "dcba"})

    assert ["a/lumen-3", "b/lumen-3", "c/lumen-3", "d/lumen-3"] == refs(catalog.search("lumen 3"))


def test_the_plain_model_comes_before_its_variants():
    names = ["lumen-3", "lumen-3-20260101", "lumen-3-fast", "lumen-3-fast-eco", "lumen-3:free"]
    hits = refs(catalog_of(acme={name: {} for name in names}).search("lumen3"))

    assert ["acme/lumen-3", "acme/lumen-3-20260101"] == hits[:2]
    assert hits[-1] == "acme/lumen-3-fast-eco"


def test_a_model_named_in_no_letters_is_found_by_its_id_and_harms_nothing():
    catalog = catalog_of(
        acme={"lumen-3": {"name": "???"}, "___": {"name": "---"}, "月之暗面-1": {"name": "月之暗面", "family": "--"}, "lumen": {"name": ""}}
    )

    assert refs(catalog.search("lumen 3"))[0] == "acme/lumen-3"
    assert refs(catalog.search("月之暗面"))[0] == "acme/月之暗面-1"
    assert catalog.search("___") == []


def test_an_empty_catalog_finds_nothing():
    assert catalog_of(acme={}).search("acme") == []


def test_nothing_is_built_for_those_who_never_search():
    catalog = bundled_catalog()
    catalog.filter("vision")
    assert "searching" not in vars(catalog)
    catalog.search("opus", limit=1)
    assert "searching" in vars(catalog)


def test_threads_that_search_first_at_once_find_the_same():
    catalog, found = bundled_catalog(), []
    threads = [threading.Thread(target=lambda: found.append(catalog.search("sonet 4.5"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [CATALOG.search("sonet 4.5")] * 4 == found


@pytest.mark.parametrize("day", ["2026-03-01", "2026-04-01", "2026-05-21", "2026-07-02"])
def test_older_documents_answer_as_well(shared_data, day):
    catalog = load_catalog(shared_data / f"api-{day}.json.gz")
    firsts = {
        text: refs(catalog.search(text))[0]
        for text in ("sonet 4.5", "gpt5 mini", "calude opus 4.6", "haiku", "gemni 2.5 pro", "gpt4o", "o3", "azure gpt 5")
    }

    assert firsts == {
        "sonet 4.5": "anthropic/claude-sonnet-4-5",
        "gpt5 mini": "openai/gpt-5-mini",
        "calude opus 4.6": "anthropic/claude-opus-4-6",
        "haiku": "anthropic/claude-haiku-4-5",
        "gemni 2.5 pro": "google/gemini-2.5-pro",
        "gpt4o": "openai/gpt-4o",
        "o3": "openai/o3",
        "azure gpt 5": "azure/gpt-5",
    }
