"""What a policy rules of a model, beside a scan that knows nothing of how it is found."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import AmbiguousModelError, Catalog, ModelNotFoundError, ModelRef, Query, load_catalog
from modelmeta.catalog.policy.judging import Judge, decide
from modelmeta.catalog.policy.permitting import permitted
from modelmeta.catalog.policy.policy import Policy
from modelmeta.catalog.policy.rule import Rule
from modelmeta.codec.models_dev import read_document
from modelmeta.codec.snapshot import Snapshot, encode
from modelmeta.testing.queries import capabilities, criteria, matches

OPUS = "anthropic/claude-opus-4-5"
DATED = f"{OPUS}-20251101"


def row(canonical=None, **facts):
    return {"canonical_model_id": canonical, **facts} if canonical else facts


SOLD = {
    "anthropic": {"claude-opus-4-5": row(OPUS, cost={"input": 5, "output": 25}), "claude-opus-4-5-20251101": row(DATED)},
    "amazon-bedrock": {"us.anthropic.claude-opus-4-5-20251101-v1:0": row(DATED), "meta.llama-4": row("meta/llama-4", open_weights=True)},
    "openrouter": {"anthropic/claude-opus-4.5": row(OPUS), "x-ai/grok-4:free": row(cost={"input": 0, "output": 0}), "Grok_4": row()},
    "poe": {"Claude-Opus-4.5": row(OPUS, status="deprecated"), "claude-opus-4-50": row()},
}
LABS = {OPUS: {"license": "Proprietary", "limit": {}}, "meta/llama-4": {"license": "Apache-2.0", "limit": {}}, "lab/unsold": {"limit": {}}}


def catalog_of(sold, labs=LABS, aliases=()) -> Catalog:
    providers = {
        key: {"name": key, "models": {model_id: {"id": model_id, **facts} for model_id, facts in rows.items()}}
        for key, rows in sold.items()
    }
    document = read_document({"providers": providers, "models": labs})
    document.aliases = dict(aliases)
    return Catalog(Snapshot(encode(document, source="test", fetched_at=None)))


@pytest.fixture(scope="module")
def sold() -> Catalog:
    return catalog_of(
        SOLD, aliases={"our opus": OPUS, "gone": "nobody/has-it", "Fast": "openrouter/Grok_4", "claude-opus-4.50": "openrouter/Grok_4"}
    )


def denied(catalog: Catalog, *rules) -> set[str]:
    return {*catalog.rows} - {*permitted(catalog, Policy(deny=rules)).rows}


def allowed(catalog: Catalog, *rules) -> set[str]:
    return {*permitted(catalog, Policy(allow=rules)).rows}


EVERY_OPUS = {
    "anthropic/claude-opus-4-5",
    "anthropic/claude-opus-4-5-20251101",
    "amazon-bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0",
    "openrouter/anthropic/claude-opus-4.5",
    "poe/Claude-Opus-4.5",
}


@pytest.mark.parametrize("pattern", [OPUS, "Anthropic/Claude_Opus 4.5", "anthropic/claude-opus-4-5*", "anthropic/*", "our opus", "our op*"])
def test_a_pattern_sees_every_offer_of_a_model_and_only_those(sold, pattern):
    assert EVERY_OPUS == denied(sold, pattern) == allowed(sold, pattern)


def test_a_name_may_hold_what_elsewhere_is_a_wildcard():
    odd = catalog_of({"a": {"m[1m]": row(), "m1": row(), "m2": row(), "what?": row()}}, {})
    assert {"a/m[1m]", "a/m1"} == denied(odd, "m[1m]")
    assert {"a/what?"} == denied(odd, "WHAT?")


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("claude-opus-4-5", EVERY_OPUS),
        ("claude-*-5", EVERY_OPUS),
        ("LLAMA 4", {"amazon-bedrock/meta.llama-4"}),
        ("grok-4:free", {"openrouter/x-ai/grok-4:free"}),
        (DATED, {ref for ref in EVERY_OPUS if "20251101" in ref}),
        ("bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0", {"amazon-bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0"}),
        ("claude-opus-4-5@anthropic", EVERY_OPUS),
        ("grok_4", {"openrouter/Grok_4"}),
        ("fast", {"openrouter/Grok_4"}),
        ("*:free", {"openrouter/x-ai/grok-4:free"}),
        ("*grok-?", {"openrouter/Grok_4"}),
        ("[gx]*4*", {"openrouter/Grok_4", "openrouter/x-ai/grok-4:free"}),
        ("openrouter/*", {"openrouter/anthropic/claude-opus-4.5", "openrouter/Grok_4", "openrouter/x-ai/grok-4:free"}),
        ("claude-opus-4-50", {"poe/claude-opus-4-50", "openrouter/Grok_4"}),
        ("anthropic", set()),
        ("gone", set()),
        ("nothing/*", set()),
    ],
)
def test_a_pattern_is_compared_with_every_name_of_a_row(sold, pattern, meant):
    assert meant == denied(sold, pattern)


def test_a_name_that_can_mean_several_models_means_all_of_them():
    released = {"m-1": row(release_date="2025-01-01")}
    two = catalog_of({"a": released, "b": released, "c": {"other": row()}}, {})
    with pytest.raises(AmbiguousModelError):
        two.get("m-1-20250101")
    assert {"a/m-1", "b/m-1"} == denied(two, "m-1-20250101")


def test_the_seller_is_said_by_the_provider(sold):
    assert {"openrouter/anthropic/claude-opus-4.5"} == denied(sold, {"model": OPUS, "provider": "openrouter"})


def test_deny_wins_and_no_list_allows_all_and_an_empty_one_nothing(sold):
    assert {*sold.rows} == {*permitted(sold, Policy()).rows}
    assert set() == {*permitted(sold, Policy(allow=[])).rows}
    both = Policy(allow=["anthropic/*"], deny=["anthropic/claude-opus-4-5"])
    assert set() == {*permitted(sold, both).rows}
    assert not decide(sold, both, OPUS)
    assert "deny[0]" == decide(sold, both, OPUS).place


def test_what_is_unknown_is_neither_allowed_nor_denied(sold):
    priced, free = "anthropic/claude-opus-4-5", "openrouter/x-ai/grok-4:free"
    assert {free} == allowed(sold, {"max_input_cost": 1}) == denied(sold, {"max_input_cost": 1})
    assert {*sold.rows} - {priced} == denied(sold, {"max_input_cost": 1, "unknown": "include"})
    assert {*sold.rows} - {priced, free} == denied(sold, {"max_input_cost": 1, "unknown": "only"})


def test_a_licence_is_what_the_lab_says_whoever_sells_it(sold):
    assert {"amazon-bedrock/meta.llama-4"} == allowed(sold, {"license": "apache*"})
    assert {"amazon-bedrock/meta.llama-4"} == allowed(sold, {"license": ["MIT", "APACHE-2.0"]})
    proprietary = {ref for ref in EVERY_OPUS if "20251101" not in ref}
    assert proprietary == denied(sold, {"license": "proprietary"})
    assert {*sold.rows} - {"amazon-bedrock/meta.llama-4"} == denied(sold, {"license": "proprietary", "unknown": "include"})
    assert {*sold.rows} - {"amazon-bedrock/meta.llama-4"} - proprietary == denied(sold, {"license": "*", "unknown": "only"})


@pytest.mark.parametrize(
    ("policy", "ref", "is_allowed", "place", "reason"),
    [
        (Policy(deny=["x", OPUS]), OPUS, False, "deny[1]", f"deny[1] is about it: model {OPUS}"),
        (Policy(deny="x"), OPUS, True, None, "no rule denies it, and there is no list of what is allowed"),
        (Policy(allow=[{"provider": "poe"}, OPUS]), OPUS, True, "allow[1]", f"allow[1] is about it: model {OPUS}"),
        (Policy(allow=["x"]), OPUS, False, None, "no rule allows it"),
        (Policy(allow=[]), OPUS, False, None, "the list of what is allowed is empty"),
        (
            Policy(allow=["x", {"max_input_cost": 1}]),
            "openrouter/Grok_4",
            False,
            None,
            "no rule allows it; allow[1] (max_input_cost 1) asks for something that is unknown of it",
        ),
        (
            Policy(allow={"capability": "vision", "unknown": "only"}),
            "our opus",
            True,
            "allow[0]",
            "allow[0] is about it: capability vision, unknown only",
        ),
    ],
)
def test_a_decision_names_the_rule_that_decided(sold, policy, ref, is_allowed, place, reason):
    decision = decide(sold, policy, ref)
    assert (is_allowed, place, reason) == (decision.allowed, decision.place, decision.reason)
    assert is_allowed is bool(decision)
    assert decision.ref == sold.get(ref).ref
    part, _, number = (place or "").rstrip("]").partition("[")
    assert decision.rule == (getattr(policy, part)[int(number)] if place else None)


def test_a_decision_is_about_one_model_of_the_catalog(sold):
    with pytest.raises(ModelNotFoundError):
        decide(sold, Policy(), "nobody/has-it")
    assert decide(sold, Policy(), ModelRef("openrouter", "Grok_4")).allowed


def test_doubts_are_the_words_that_mean_nothing_with_the_nearest_that_do(small, sold):
    policy = Policy(
        allow=["anthropic/claude-opus-4-6", "anthropic/*", {"provider": ["openruter", "poe"]}, {"license": ["apache", "Apache-*"]}],
        deny=[{"family": "zzz"}, {"canonical": OPUS}, {"canonical": "anthropic/claude-opus-5"}, {"min_benchmark": {"Quizz": 3}}],
    )
    doubts = {problem.path: problem.reason for problem in policy.doubts(sold)}
    assert {
        "$.allow[0].model": "nothing in this catalog is called 'anthropic/claude-opus-4-6'; did you mean anthropic/claude-opus-4-5?",
        "$.allow[2].provider": "nothing in this catalog is called 'openruter'; did you mean openrouter?",
        "$.allow[3].license": "nothing in this catalog is called 'apache'; did you mean apache-2.0?",
        "$.deny[0].family": "nothing in this catalog is called 'zzz'",
        "$.deny[2].canonical": f"nothing in this catalog is called 'anthropic/claude-opus-5'; did you mean {OPUS}?",
        "$.deny[3].min_benchmark": "nothing in this catalog is called 'Quizz'",
    } == doubts
    assert {"odd"} == {problem.kind for problem in Judge(sold, policy).doubts()}
    assert () == Judge(small, Policy(deny={"min_benchmark": {"Quiz": 3}})).doubts()
    assert () == Judge(small, Policy()).doubts()


def folded(text: str) -> str:
    return re.sub(r"[\s._:@-]+", "-", text.casefold())


def scanned(catalog: Catalog, rule: Rule) -> dict[str, bool | None]:
    """Return what *rule* says of each model, one after the other: yes, no, or unknown."""
    said = {}
    asked = {**rule.query.given(), **({} if rule.query.usage is None else {"usage": rule.query.usage})}
    licences = {lab.id: lab.license for lab in catalog.lab_models}
    for model in catalog:
        [offer] = [offer for offer in catalog.offerings(model.ref) if offer.model == model]
        ids = [model.id, re.sub(r"^(.*/)?(us\.)?(anthropic\.)?|-v1:0$", "", model.id), *[offer.canonical] * bool(offer.canonical)]
        names = [re.sub(r"-20\d{6}$", end, name) for name in (str(model.ref), *ids, ids[-1].split("/")[-1]) for end in (r"\g<0>", "")]
        answers = [matches(model, asked, capabilities=rule.query.capabilities, lab_models=catalog.lab_models)]
        if rule.models:
            answers.append(any(fnmatchcase(folded(name), folded(pattern)) for name in names for pattern in rule.models))
        if rule.license is not None:
            licence = licences.get(offer.canonical or "") or licences.get(str(model.ref))
            answers.append(None if licence is None else any(fnmatchcase(licence.casefold(), pattern) for pattern in rule.license))
        said[str(model.ref)] = False if False in answers else None if None in answers else True
    return said


def holds(rule: Rule, said: bool | None) -> bool:  # noqa: FBT001  # it is the answer judged, not a switch
    return {"exclude": said is True, "include": said is not False, "only": said is None}[rule.query.unknown]


def rules(catalog: Catalog) -> st.SearchStrategy[Rule]:
    names = sorted({*catalog.rows, *(ref.partition("/")[2] for ref in catalog.rows), *catalog.column("canonical_model_id").values})
    wild = st.builds("{}{}{}".format, st.sampled_from(["", "*", "?"]), st.sampled_from(names), st.sampled_from(["", "*"]))
    patterns = st.lists(st.sampled_from(names) | wild | st.sampled_from(["*", "*opus*", "*/*", "acme*/*", "[a-f]*"]), max_size=2).map(tuple)
    extra = st.fixed_dictionaries(
        {},
        optional={
            "license": st.sampled_from(["mit", "M*", "proprietary", "*"]),
            "unknown": st.sampled_from(["exclude", "include", "only"]),
        },
    )
    asked = st.tuples(patterns, capabilities(), criteria(catalog), extra)
    asked = asked.filter(lambda one: one[0] or one[1] or one[2] or "license" in one[3])
    known = {"type": {"chat", "image", "embedding", None}, "status": {"available", "alpha", "beta", "deprecated"}}
    return asked.filter(lambda one: all(words(one[2].get(name)) <= valid for name, valid in known.items())).map(
        lambda one: Rule(*one[0], capability=one[1], **one[2], **one[3])
    )


def words(value) -> set:
    return set() if value is None else {value} if isinstance(value, str) else {*value}


@given(data=st.data())
def test_rules_hold_of_exactly_the_models_that_a_scan_finds(small_document, data):
    catalog = data.draw(st.sampled_from([load_catalog(small_document), catalog_of(SOLD)]))
    lists = st.lists(rules(catalog), max_size=3)
    policy = Policy(allow=data.draw(st.none() | lists), deny=data.draw(lists))

    def found(ref, each):
        return [place for place, rule in enumerate(each) if holds(rule, scans[rule][ref])]

    scans = {rule: scanned(catalog, rule) for rule in (*(policy.allow or ()), *policy.deny)}
    judge = Judge(catalog, policy)
    for ref in catalog.rows:
        denying, allowing = found(ref, policy.deny), found(ref, policy.allow or ())
        is_allowed = not denying and (policy.allow is None or bool(allowing))
        place = f"deny[{denying[0]}]" if denying else f"allow[{allowing[0]}]" if allowing else None
        decision = judge.decide(ref)
        assert (is_allowed, place) == (decision.allowed, decision.place)
        assert is_allowed is (catalog.rows[ref] in judge.rows)


@given(data=st.data())
def test_more_denied_is_never_more_allowed(data):
    catalog = catalog_of(SOLD)
    one, more = data.draw(rules(catalog)), data.draw(rules(catalog))
    assert {*Judge(catalog, Policy(deny=[one, more])).rows} <= {*Judge(catalog, Policy(deny=[one])).rows}
    assert {*Judge(catalog, Policy(allow=[one])).rows} <= {*Judge(catalog, Policy(allow=[one, more])).rows}
    assert Judge(catalog, Policy(allow=[one], deny=[one])).rows == []


def test_a_query_asks_of_a_policy_what_it_asks_of_a_filter(catalog):
    query = Query("tool_call", "vision", min_context=200_000, max_input_cost=1)
    assert [str(ref) for ref in catalog.filter(query).refs] == [
        catalog.content.refs[row] for row in Judge(catalog, Policy(allow=query)).rows
    ]


def test_the_real_opus_is_denied_wherever_it_is_sold(catalog):
    gone = denied(catalog, OPUS)
    assert {str(offer.model.ref) for name in (OPUS, DATED) for offer in catalog.offerings(name)} == gone
    assert {"anthropic", "amazon-bedrock", "google-vertex", "openrouter"} <= {ref.partition("/")[0] for ref in gone}
    assert json.dumps(sorted(gone)).count("opus") == len(gone)
