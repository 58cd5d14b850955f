"""What changed from one catalog to another, against a plain comparison of the raw documents."""

from __future__ import annotations

import decimal
import gzip
import json
import pickle
from decimal import Decimal

import pytest

from modelmeta import Catalog, Change, ChangeSet, ModelRef, QueryError, Registry, load_catalog
from modelmeta.codec.snapshot import Snapshot

KINDS = {
    "cost": "price",
    "limit": "limit",
    "status": "status",
    **dict.fromkeys(("attachment", "reasoning", "reasoning_options", "tool_call", "structured_output", "temperature"), "capability"),
    **dict.fromkeys(("interleaved", "modalities", "open_weights"), "capability"),
}


def kind_of(path):
    return "price" if ".cost." in path else KINDS.get(path.partition(".")[0], "metadata")


def facts(row, base=""):
    """Return every fact of a raw row under its dotted path; 0 limits, empty lists and null say nothing."""
    found = {}
    for key, value in row.items():
        path = f"{base}{key}"
        if key in {"cost"} and isinstance(value, dict):
            found |= prices(value, f"{path}.")
        elif isinstance(value, dict):
            found |= facts(value, f"{path}.")
        elif path == "reasoning_options":
            found[path] = [(way.get("type"), way.get("values", []), way.get("min"), way.get("max")) for way in value]
        elif base == "limit." and value == 0:
            continue
        elif path != "id":
            found[path] = value
    return {path: value for path, value in found.items() if value not in (None, [])}


def prices(table, base):
    found = {f"{base}{name}": rate for name, rate in table.items() if name not in {"tiers", "context_over_200k"}}
    tiers = [(tier["tier"]["size"], tier) for tier in table.get("tiers", [])] or [(200_000, table.get("context_over_200k", {}))]
    return found | {f"{base}tiers.{size}.{name}": rate for size, tier in tiers for name, rate in tier.items() if name != "tier"}


def rows(document):
    return {(provider, model): row for provider, head in document.items() for model, row in head["models"].items()}


@pytest.fixture(scope="module")
def two_days(shared_data):
    texts = [gzip.decompress((shared_data / f"api-{day}.json.gz").read_bytes()) for day in ("2026-05-21", "2026-07-02")]
    return [(load_catalog(text), rows(json.loads(text, parse_float=Decimal))) for text in texts]


def test_two_real_days_differ_where_their_documents_do(two_days):
    (old, before), (new, after) = two_days
    changes = old.diff(new)

    assert sorted(after.keys() - before.keys()) == [(ref.provider_id, ref.model_id) for ref in changes.added]
    assert sorted(before.keys() - after.keys()) == [(ref.provider_id, ref.model_id) for ref in changes.removed]
    found = {(change.ref.provider_id, change.ref.model_id): change for change in changes.changed}
    assert sorted(found) == list(found)
    for ref in before.keys() & after.keys():
        was, now = facts({"name": ref[1], **before[ref]}), facts({"name": ref[1], **after[ref]})
        paths = sorted(path for path in was.keys() | now.keys() if was.get(path) != now.get(path))
        assert paths == (list(found[ref].paths) if ref in found else [])
        for change in found[ref].changes if ref in found else ():
            assert kind_of(change.path) == change.kind
            if change.path != "reasoning_options":
                expected = [list(value) if isinstance(value, tuple) else value for value in (change.before, change.after)]
                assert [was.get(change.path), now.get(change.path)] == expected


def test_the_numbers_of_two_real_days_are_those_of_their_documents(two_days):
    """495 removed and 968 added are what upstream's own history says of these days."""
    (old, _), (new, _) = two_days
    changes = old.diff(new)

    assert (len(changes.added), len(changes.removed)) == (968, 495)
    assert f"<ChangeSet: 968 added, 495 removed, {len(changes.changed)} changed>" == repr(changes)


def test_the_way_back_says_the_opposite(two_days):
    (old, _), (new, _) = two_days
    there, back = old.diff(new), new.diff(old)

    assert (there.added, there.removed) == (back.removed, back.added)
    assert [(change.ref, change.path, change.before, change.after) for change in there if change.path] == [
        (change.ref, change.path, change.after, change.before) for change in back if change.path
    ]


BEFORE = {
    "same": {"name": "Same", "cost": {"input": 1, "output": 2}},
    "gone": {"name": "Gone"},
    "moved": {
        "name": "Moved",
        "release_date": "2025-01",
        "tool_call": True,
        "open_weights": False,
        "interleaved": True,
        "limit": {"context": 1_000, "output": 0},
        "modalities": {"input": ["text"], "output": ["text"]},
        "cost": {"input": 3, "output": 0, "cache_read": 1, "tiers": [{"input": 5, "tier": {"size": 100}}]},
        "experimental": {"modes": {"fast": {"cost": {"input": 1}}}},
        "reasoning_options": [{"type": "toggle"}],
        "images": 5,
    },
}
AFTER = {
    "same": {"cost": {"output": 2.0, "input": 1.00}, "name": "Same"},
    "come": {"name": "Come"},
    "moved": {
        "name": "Moved!",
        "release_date": "2025-01-02",
        "status": "beta",
        "open_weights": True,
        "interleaved": {"field": "thoughts"},
        "limit": {"context": 3_000, "output": 7},
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "cost": {
            "input": 2,
            "output": 1,
            "cache_write": 4,
            "tiers": [{"input": 5.5, "tier": {"size": 100}}, {"input": 9, "tier": {"size": 200}}],
        },
        "experimental": {"modes": {"fast": {"cost": {"input": 2}}}},
        "reasoning_options": [{"type": "toggle"}, {"type": "effort"}],
        "images": 6,
    },
}
EXPECTED = [
    ("price", "cost.cache_read", 1, None, None),
    ("price", "cost.cache_write", None, 4, None),
    ("price", "cost.input", 3, 2, "-33.3333333333"),
    ("price", "cost.output", 0, 1, None),
    ("price", "cost.tiers.100.input", 5, Decimal("5.5"), 10),
    ("price", "cost.tiers.200.input", None, 9, None),
    ("price", "experimental.modes.fast.cost.input", 1, 2, 100),
    ("metadata", "extra.images", 5, 6, 20),
    ("capability", "interleaved", True, None, None),
    ("capability", "interleaved.field", None, "thoughts", None),
    ("limit", "limit.context", 1_000, 3_000, 200),
    ("limit", "limit.output", None, 7, None),
    ("capability", "modalities.input", ("text",), ("text", "image"), None),
    ("metadata", "name", "Moved", "Moved!", None),
    ("capability", "open_weights", False, True, None),
    ("metadata", "release_date", "2025-01", "2025-01-02", None),
    ("status", "status", None, "beta", None),
    ("capability", "tool_call", True, None, None),
]


@pytest.fixture
def changes(document):
    return document(BEFORE).diff(document(AFTER))


def test_models_are_added_removed_and_changed(changes):
    assert (ModelRef("acme", "come"),) == changes.added
    assert (ModelRef("acme", "gone"),) == changes.removed
    assert [ModelRef("acme", "moved")] == [change.ref for change in changes.changed]
    assert changes


def test_a_changed_model_says_what_changed_field_by_field(changes):
    found = [(change.kind, change.path, change.before, change.after) for change in changes.changed[0].changes]

    assert [entry[:4] for entry in EXPECTED] == [change for change in found if change[1] != "reasoning_options"]
    assert [kind for kind, path, *_ in found if path == "reasoning_options"] == ["capability"]
    assert [change[1] for change in found] == list(changes.changed[0].paths)


@pytest.mark.parametrize(("path", "percent"), [(entry[1], entry[4]) for entry in EXPECTED])
def test_a_number_says_by_how_much_it_moved(changes, path, percent):
    change = next(change for change in changes if change.path == path)

    assert (None if percent is None else Decimal(percent)) == change.percent


def test_iterating_gives_every_change_with_added_and_removed_first(changes):
    everything = list(changes)

    assert [Change("added", ModelRef("acme", "come")), Change("removed", ModelRef("acme", "gone"))] == everything[:2]
    assert list(changes.changed[0].changes) == everything[2:]


def test_price_changes_are_the_changes_of_prices(changes):
    assert [entry[1] for entry in EXPECTED if entry[0] == "price"] == [change.path for change in changes.price_changes]


def test_the_price_of_a_mode_is_a_price_whatever_the_mode_is_called(document):
    old, new = (document({"m": {"experimental": {"modes": {"v1.5": {"cost": {"input": rate}}}}}}) for rate in (1, 2))

    assert [change.kind for change in old.diff(new)] == ["price"]


def test_equal_catalogs_do_not_differ(document, catalog):
    again = document(BEFORE)

    for changes in (document(BEFORE).diff(again), again.diff(again), catalog.diff(catalog)):
        assert not changes
        assert ChangeSet((), (), ()) == changes
        assert list(changes) == []
        assert changes.price_changes == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"cost": {"input": 1}}, {"cost": {"input": 1.0}}),
        ({"limit": {"context": 0}}, {}),
        ({"tool_call": None}, {}),
        ({"reasoning_options": []}, {}),
        ({"name": "m"}, {}),
    ],
)
def test_another_way_to_write_the_same_is_no_change(document, before, after):
    assert not document({"m": before}).diff(document({"m": after}))


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ({"tool_call": False}, {}, "tool_call"),
        ({"cost": {"input": 0}}, {"cost": {}}, "cost.input"),
        ({"experimental": True}, {"experimental": False}, "experimental"),
        ({"price_hint": 1}, {"price_hint": True}, "extra.price_hint"),
        ({"provider": {"body": {"n": 0}}}, {"provider": {"body": {"n": False}}}, "provider.body.n"),
    ],
)
def test_no_value_passes_for_another_of_a_different_meaning(document, before, after, path):
    assert [path] == [change.path for change in document({"m": before}).diff(document({"m": after}))]


def test_the_callers_decimal_context_changes_no_percentage(changes):
    expected = [change.percent for change in changes]

    with decimal.localcontext(decimal.Context(prec=2)):
        assert expected == [change.percent for change in changes]


def test_only_rows_that_differ_are_decoded_and_none_is_kept(document, monkeypatch):
    old, new = (load_catalog(bytes(document(facts).content)) for facts in (BEFORE, AFTER | {"same": BEFORE["same"]}))
    decoded = []
    monkeypatch.setattr(Snapshot, "model", lambda self, row, real=Snapshot.model: decoded.append(self.refs[row]) or real(self, row))
    old.diff(new)

    assert ["acme/moved", "acme/moved"] == decoded
    assert {None} == {*old.decoded, *new.decoded}


def test_a_registry_may_stand_on_either_side(catalog):
    assert not Registry().diff(catalog)
    assert not catalog.diff(Registry())


@pytest.mark.parametrize("other", [None, 5, "api.json", {}, Catalog])
def test_only_a_catalog_is_compared_with_a_catalog(catalog, other):
    with pytest.raises(QueryError, match="a catalog is compared with another catalog or registry, not") as caught:
        catalog.diff(other)
    assert ("other", other) == (caught.value.criterion, caught.value.value)


def test_changes_pickle_and_hash(changes):
    assert changes == pickle.loads(pickle.dumps(changes))
    assert hash(changes) == hash(pickle.loads(pickle.dumps(changes)))
