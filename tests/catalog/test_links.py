"""Which rows sell the same model: measured by leaving out what upstream says, and rule by rule on small catalogs."""

from __future__ import annotations

from collections import Counter

import pytest

from modelmeta import load_catalog

RULES = ["registry", "id", "tail", "spelling", "name", "variant"]


@pytest.fixture(scope="module")
def measured(catalog):
    """Return how often each rule is right and wrong about a row whose own link it may not see, and how many new rows it links."""
    links = catalog.links
    published = catalog.column("canonical_model_id")
    right, wrong, new = Counter(), Counter(), Counter()
    for row in range(len(catalog)):
        if published[row] is None:
            new[links.identities[row].evidence] += links.identities[row].canonical is not None
        elif inferred := links.infer(row):
            (right if inferred.canonical == published[row] else wrong)[inferred.evidence] += 1
    return right, wrong, new


def test_the_cascade_is_right_in_99_of_100(measured):
    right, wrong, _ = measured
    assert right.total() + wrong.total() > 4_500
    assert right.total() / (right.total() + wrong.total()) >= 0.995


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_right_in_99_of_100(measured, rule):
    right, wrong, _ = measured
    assert right[rule] >= 100
    assert right[rule] / (right[rule] + wrong[rule]) >= 0.99


def test_four_of_five_rows_are_linked(catalog, measured):
    published = sum(canonical is not None for canonical in (catalog.column("canonical_model_id")[row] for row in range(len(catalog))))
    assert published == 5_270
    assert (published + measured[2].total()) / len(catalog) >= 0.79


def test_what_upstream_says_stands(catalog):
    published = catalog.column("canonical_model_id")
    for row, identity in enumerate(catalog.links.identities):
        if published[row] is not None:
            assert ((published[row],), published[row], "canonical_model_id") == identity


def test_every_row_is_among_the_sellers_of_its_identity_and_no_other(catalog):
    rows = [row for sellers in catalog.links.sellers.values() for row in sellers]
    assert sorted(rows) == list(range(len(catalog)))
    assert all(row in catalog.links.sellers[identity.group] for row, identity in enumerate(catalog.links.identities))


def made(*rows: tuple[str, str | None, str, str | None], labs: tuple[str, ...] = ()):
    """Return a catalog of (reference, canonical id, name, family)."""
    providers: dict = {}
    for ref, canonical, name, family in rows:
        provider, _, model_id = ref.partition("/")
        facts = {"id": model_id, "name": name, "canonical_model_id": canonical, "family": family}
        models = providers.setdefault(provider, {"id": provider, "name": provider, "models": {}})["models"]
        models[model_id] = {key: value for key, value in facts.items() if value is not None}
    return load_catalog({"models": {lab: {"id": lab, "name": lab} for lab in labs}, "providers": providers})


LINKED = ("a/lab/model-7b", "lab/model-7b", "Model 7B", "model")


@pytest.mark.parametrize(
    ("row", "evidence"),
    [
        (("lab/model-7b", None, "?", None), "registry"),
        (("b/lab/model-7b", None, "?", "other"), "registry"),
        (("b/model-7b", None, "?", "model"), "tail"),
        (("b/x/Model-7B", None, "?", None), "tail"),
        (("b/model_7b", None, "?", None), "spelling"),
        (("b/seven-7-x", None, "Model 7B", None), "name"),
        (("b/us.meta.model-7b-v1:0", None, "?", None), "variant"),
        (("b/model-7b:free", None, "?", None), "variant"),
        (("b/model-7b-fp8", None, "?", "model"), "variant"),
    ],
)
def test_a_row_is_linked_by_the_first_rule_that_knows_it(row, evidence):
    catalog = made(LINKED, row)
    identity = catalog.links.identities[catalog.rows[row[0]]]
    assert ("lab/model-7b", evidence) == (identity.canonical, identity.evidence)


def test_the_same_id_elsewhere_is_the_same_model():
    catalog = made(("a/plain-3", "lab/model-3", "M", None), ("b/plain-3", None, "N", None))
    assert ("lab/model-3", "id") == catalog.links.identities[catalog.rows["b/plain-3"]][1:]


def test_a_lab_model_nobody_is_linked_to_links_by_its_id():
    catalog = made(("lab/model-9", None, "M", None), labs=("lab/model-9",))
    assert ("lab/model-9", "registry") == catalog.links.identities[0][1:]
    assert ("lab/model-9", "registry") == catalog.links.infer(0)[1:]


@pytest.mark.parametrize(
    "row",
    [
        ("b/model-7b", None, "?", "elsewhere"),  # a family that no linked row has
        ("b/model-latest", None, "Model 7B", "model"),  # a moving alias
        ("b/other-8", None, "Model 7B", "model"),  # the name, but other numbers
        ("b/unknown-1", None, "Unknown", "model"),
    ],
)
def test_a_row_that_no_rule_is_sure_of_stays_alone(row):
    catalog = made(LINKED, row)
    identity = catalog.links.identities[catalog.rows[row[0]]]
    assert identity.canonical is None
    assert [catalog.rows[row[0]]] == catalog.links.sellers[identity.group]


def test_contradicting_links_link_nothing():
    catalog = made(("a/m-1", "lab/one", "A", None), ("b/m-1", "lab/two", "B", None), ("c/m-1", None, "C", None))
    assert catalog.links.identities[catalog.rows["c/m-1"]].canonical is None


def test_a_rows_own_link_is_no_evidence_for_it():
    catalog = made(("a/m-1", "lab/m-1", "A", "m"))
    assert catalog.links.infer(0) is None
    both = made(("a/m-1", "lab/m-1", "A", "m"), ("b/m-1", "lab/m-1", "A", "m"))
    assert ("lab/m-1", "id") == both.links.infer(0)[1:]


def test_rows_that_nobody_links_belong_together_by_their_ids():
    catalog = made(
        ("a/x/fresh-2", None, "A", "fresh"),
        ("b/Fresh_2", None, "B", "fresh"),
        ("c/fresh-2", None, "C", "other"),
        ("a/auto", None, "Auto", None),
        ("b/auto", None, "Auto", None),
    )
    links = catalog.links
    assert [catalog.rows["a/x/fresh-2"], catalog.rows["b/Fresh_2"]] == links.sellers[links.identities[catalog.rows["b/Fresh_2"]].group]
    assert {1} == {len(links.sellers[links.identities[catalog.rows[ref]].group]) for ref in ("c/fresh-2", "a/auto", "b/auto")}


def test_what_upstream_calls_a_model_is_never_taken_for_a_group_of_ours():
    catalog = made(("a/foo", "1", "Foo", None), ("a/unrelated", None, "Other", None))
    assert [[0], [1]] == list(catalog.links.sellers.values())


def test_versions_of_bedrock_are_different_models_but_for_the_first():
    catalog = made(
        ("amazon-bedrock/amazon.titan-v1", "amazon/titan-1", "A", None),
        ("b/amazon.titan-v2:0", None, "B", None),
        ("c/eu.amazon.titan-v1:0", None, "C", None),
    )
    assert [None, "amazon/titan-1"] == [
        catalog.links.identities[catalog.rows[ref]].canonical for ref in ("b/amazon.titan-v2:0", "c/eu.amazon.titan-v1:0")
    ]


def test_an_empty_catalog_has_no_links():
    links = load_catalog({"acme": {"id": "acme", "models": {}}}).links
    assert ([], {}) == (links.identities, links.sellers)
