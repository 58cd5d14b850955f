"""The next document, read against the one before, beside the long way: parsed and taken apart as if nothing had come before."""

from __future__ import annotations

import gzip
import json
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from modelmeta import DecodeError, SnapshotVersionError
from modelmeta.codec.dump import dump
from modelmeta.codec.json_text import parse
from modelmeta.codec.models_dev import read_document
from modelmeta.codec.snapshot import Snapshot, encode
from modelmeta.codec.update import Seen, read_update
from modelmeta.records.columns import COLUMNS
from modelmeta.testing.strategies import documents, json_texts

SAID = {"source": "test", "fetched_at": "2026-09-30T12:00:00+00:00"}
P = {"name": "P", "models": {"m": {"limit": {"context": 5}}}}
BASE = {"p": P, "q": {"models": {"n": {"release_date": "2025-25-11"}, "bad": 5}}}
DOCUMENTS: dict[str, Any] = {
    "a provider named models": {"models": P, "p": P},
    "a provider named providers": {"providers": P, "p": P},
    "a provider named id": {"id": P, "p": P},
    "only a provider named models": {"models": P},
    "only a provider named providers": {"providers": P},
    "both names, one with an id": {"providers": {"id": "providers", **P}, "models": {**P, "id": "models"}},
    "both names, neither with an id": {"providers": {"models": {}}, "models": {"models": {"limit": {}}}},
    "both names, no objects": {"providers": 5, "models": [], "p": P},
    "both names, one no object": {"models": 5, "providers": {"p": P}},
    "both names among others": {"a": P, "providers": {"name": "X", **P}, "b": 5, "models": {"id": "models", **P}},
    "catalog": {"models": {"lab/m": {"limit": {"context": 5}}}, "providers": {"p": P}},
    "catalog, providers first": {"providers": {"p": P}, "models": {"lab/m": {"id": "x"}}},
    "catalog without anything": {"models": {}, "providers": {}},
    "catalog without models": {"providers": {"p": {"name": "P"}}, "models": {}},
    "catalog with a provider of each name": {"models": {}, "providers": {"models": P, "providers": P}},
    "catalog with a provider named id": {"models": {}, "providers": {"id": P}},
    "catalog with a wrong lab model": {"models": {"lab/m": 5, "lab/n": {"knowledge": "2025-02-31"}}, "providers": {"p": P}},
    "catalog with a part in front": {"version": 2, "models": {"lab/m": {}}, "providers": {"p": P}},
    "catalog with an object in front": {"new": {"name": "N"}, "models": {"lab/m": {}}, "providers": {"p": P}},
    "catalog with a part between": {"models": {"lab/m": {}}, "new": {}, "providers": {"p": P}},
    "catalog with a part behind": {"models": {"lab/m": {}}, "providers": {"p": P}, "new": [1]},
    "catalog with both parts only in the end": {"a": P, "b": P, "models": {}, "providers": {"p": P}},
    "half a catalog": {"models": {"lab/m": {"limit": {"context": 5}}}},
    "the other half": {"providers": {"p": P}},
    "models.json": {"lab/m": {"limit": {"context": 5}}, "lab/bad": {"limit": 5}},
    "a provider with a list of models": {"p": P, "q": {"models": [1]}},
    "a provider with no models": {"p": P, "q": {"name": "Q"}},
    "a provider with null models": {"p": P, "q": {"name": "Q", "models": None}},
    "a provider that is none": {"p": P, "q": 5},
    "providers that cannot be": {"p": P, "": P, "a/b": P},
    "fields that cannot be": {"p": {**P, "name": 5, "env": ["A", 5]}},
    "models that cannot be": {"p": {"models": {"": {}, "m": 5, "n": {"cost": {"input": -1}}}}},
    "a name that says nothing": {"p": {"name": None, "models": {"m": {"cost": {"input": 0, "output": 0}}}}},
    "an empty name and a telling id": {"Duo": {"name": "", "models": {"m": {"cost": {"input": 0, "output": 0}}}}},
    "no providers with models": {"p": {"name": "P"}},
    "an object of another kind": {"error": "unknown type", "allowed": []},
}


def long_way(text: str) -> Snapshot:
    """Return the snapshot of *text*, read without anything before it, by its bytes as they would be stored."""
    return Snapshot(encode(read_document(parse(text, "test"), "test"), **SAID))


def facts(snapshot: Snapshot) -> dict[str, Any]:
    """Return all that can be asked of *snapshot*."""
    columns = {name: snapshot.column(name) for name in COLUMNS}
    return {
        **{name: getattr(snapshot, name) for name in ("kind", "digest", "refs", "source", "fetched_at")},
        **{name: getattr(snapshot, name)() for name in ("problems", "providers", "lab_models")},
        **{name: snapshot.text(name) for name in ("providers", "lab", "problems", "asides")},
        "document": json.dumps(dump(snapshot), sort_keys=True),
        "models": [snapshot.model(row) for row in range(len(snapshot.refs))],
        "columns": {name: [column[row] for row in range(len(snapshot.refs))] for name, column in columns.items()},
        "values": {name: column.values for name, column in columns.items()},
    }


def outcome(read: Any) -> Any:
    """Return the facts of the snapshot that *read* returns, or what the error it raises says."""
    try:
        return facts(read())
    except DecodeError as error:
        return type(error), str(error), error.source


def updated(text: str, base: Snapshot, seen: Seen) -> tuple[Snapshot, Seen]:
    """Read *text* against *base*, see that it comes to what the long way comes to, and return what there is now."""
    expected = outcome(lambda: long_way(text))
    new, now = base, seen

    def read() -> Snapshot:
        nonlocal new, now
        new, now = read_update(text.encode(), base, seen, **SAID)
        return new

    found = outcome(read)
    if new is base and isinstance(found, dict):
        assert expected["digest"] == base.digest
    else:
        assert expected == found
        new.verify()
    return new, now


def altered(value: Any, rng: Random) -> Any:
    """Return *value* without some members of its objects, and with some where others stood."""
    if not isinstance(value, dict):
        return value
    members = {key: altered(item, rng) for key, item in value.items() if rng.random() < 0.95}
    if members and rng.random() < 0.3:
        members[rng.choice([*members, "name", "new"])] = rng.choice([*members.values()])
    return members


@st.composite
def chains(draw: Any) -> list[str]:
    """Return texts of three documents, api.json or catalog.json, of which each has much of the one before."""
    tree, rng = {**BASE, **draw(documents(flawed=True))}, Random(draw(st.integers(0, 2**32)))
    providers = [provider for provider in tree.values() if isinstance(provider, dict)]
    labs = {f"lab/{number}": row for number, provider in enumerate(providers) for row in [*provider.values()][:2]}
    whole = {
        "api": lambda tree, _: tree,
        "catalog": lambda tree, labs: {"models": labs, "providers": tree},
        "more": lambda tree, labs: {"models": labs, "providers": tree, "new": 5},
    }
    trees = []
    for kind in rng.choice([["api"] * 3, ["catalog"] * 3, rng.choices([*whole], k=3)]):
        trees.append(whole[kind](tree, labs))
        tree, labs = altered(tree, rng) or tree, altered(labs, rng)
    texts = [json.dumps(tree, indent=rng.choice([None, 1]), sort_keys=rng.random() < 0.5) for tree in trees]
    odd = rng.randrange(3)  # spelling all three oddly takes more choices than hypothesis likes to make
    texts[odd] = draw(json_texts(st.just(trees[odd])))
    return texts


@settings(suppress_health_check=[HealthCheck.too_slow])  # which is a matter of who else is at work
@given(chains())
def test_each_next_document_comes_to_the_same_as_if_nothing_had_come_before_it(texts: list[str]):
    try:
        base, seen = long_way(texts[0]), Seen()
    except DecodeError:
        reject()
    for text in texts:
        updated(text, base, Seen())
        base, seen = updated(text, base, seen)


@pytest.mark.parametrize("before", [BASE, *(DOCUMENTS[name] for name in ("catalog", "models.json", "fields that cannot be"))])
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_kind_of_document_comes_to_the_same_as_if_nothing_had_come_before_it(document: Any, before: Any):
    base = long_way(json.dumps(before))
    _, seen = read_update(json.dumps(before).encode(), base, Seen(), **SAID)
    for text in (json.dumps(document), json.dumps(document, indent=1), json.dumps(document).replace("m", "\\u006d")):
        updated(text, base, Seen())
        updated(text, base, seen)


@pytest.mark.parametrize("document", [{"p": {"models": {"n": 5}}}, {"p": {"models": {"m": {"limit": {"context": 5}}}}, "q": {}}, {"q": P}])
def test_what_a_document_no_longer_has_is_gone(document: Any):
    updated(json.dumps(document), long_way(json.dumps(BASE)), Seen())


@pytest.mark.parametrize("base", [BASE, DOCUMENTS["catalog"]])
@pytest.mark.parametrize("text", ["{}", " {\n} ", "\ufeff{}"])
def test_an_empty_object_is_a_document_without_anything_that_whoever_asked_may_refuse(text: str, base: Any):
    new, _ = read_update(text.encode(), long_way(json.dumps(base)), Seen(), **SAID)
    assert ([], {}, (), "api.json") == (new.refs, new.providers(), new.problems(), new.kind)


def test_equal_facts_are_the_very_snapshot_that_holds_them():
    base, seen = long_way(json.dumps(BASE)), Seen()
    respelled = json.dumps({key: BASE[key] for key in reversed(BASE)}, indent=2).replace("release", "r\\u0065lease")
    for text in (json.dumps(BASE), json.dumps(BASE), respelled, respelled, "\ufeff" + json.dumps(BASE)):
        new, seen = read_update(text.encode(), base, seen, source="elsewhere", fetched_at="2027-01-01")
        assert new is base


def test_equal_facts_in_another_kind_of_document_are_the_very_snapshot_that_holds_them():
    base = long_way(json.dumps({"p": P}))
    other = json.dumps({"models": {}, "providers": {"p": P}}).encode()
    assert long_way(other.decode()).digest == base.digest
    new, seen = read_update(other, base, Seen(), **SAID)
    assert new is base
    assert read_update(other, base, seen, **SAID)[0] is base


def test_a_snapshot_says_where_it_came_from_and_when():
    new, _ = read_update(json.dumps({"p": P}).encode(), long_way(json.dumps(BASE)), Seen(), source="mirror", fetched_at="2027-01-01")
    assert ("mirror", "2027-01-01") == (new.source, new.fetched_at)
    new, _ = read_update(json.dumps({"p": P}).encode(), long_way(json.dumps(BASE)), Seen(), source="mirror")
    assert new.fetched_at is None


def test_a_snapshot_is_taken_as_it_is():
    other = encode(read_document({"p": P}), source="its own", fetched_at="2027-01-01")
    new, seen = read_update(other, long_way(json.dumps(BASE)), Seen({"p/m": 5}, 5), **SAID)
    assert (other, "its own", "2027-01-01", Seen()) == (bytes(new), new.source, new.fetched_at, seen)
    base = long_way(json.dumps({"p": P}))
    assert read_update(other, base, Seen(), **SAID)[0] is base


@pytest.mark.parametrize("damaged", [lambda data: data[:-1], lambda data: data + b" ", lambda data: data.replace(b'"P"', b'"Q"')])
def test_a_damaged_snapshot_is_refused_by_the_name_of_its_source(damaged: Any):
    data = bytes(long_way(json.dumps({"p": P})))
    with pytest.raises(DecodeError, match=r"^test is not as it was written") as caught:
        read_update(damaged(data), long_way(json.dumps(BASE)), Seen(), **SAID)
    assert caught.value.source == "test"


def test_a_snapshot_of_another_version_is_refused():
    data = bytes(long_way(json.dumps({"p": P}))).replace(b'"version": 1', b'"version": 7')
    with pytest.raises(SnapshotVersionError, match=r"^test is of version 7"):
        read_update(data, long_way(json.dumps(BASE)), Seen(), **SAID)


def test_lab_models_come_and_go_and_change_with_the_document():
    base, seen = long_way(json.dumps({"p": P})), Seen()
    for labs in (
        {"a/m": {}},
        {"a/m": {}},
        {"a/m": {"limit": {"context": 5}}, "b/m": {}},
        {"a/m": 5, "b/m": {}},
        {"a/m": 5},
        {},
        {"a/m": {}},
    ):
        text = json.dumps({"models": labs, "providers": {"p": P}})
        base, seen = updated(text, base, seen)


def test_more_distinct_values_than_two_bytes_can_tell_apart_come_and_go():
    few = {"p": {"models": {f"m{number}": {"name": f"M{number}"} for number in range(3)}}}
    many = {"p": {"models": {f"m{number}": {"name": f"M{number}"} for number in range(65_537)}}}
    base = long_way(json.dumps(few))
    wide, seen = read_update(json.dumps(many).encode(), base, Seen(), **SAID)
    assert ("I", "M65536") == (wide.column("name").codes.typecode, wide.column("name")[wide.refs.index("p/m65536")])
    again, _ = read_update(json.dumps(few).encode(), wide, seen, **SAID)
    assert facts(base) == facts(again)


def test_each_real_document_read_against_the_one_before_comes_to_the_same_as_by_itself(shared_data):
    api = [gzip.decompress(path.read_bytes()).decode() for path in sorted(shared_data.glob("api-*.json.gz"))]
    labs = gzip.decompress((shared_data / "models-2026-07-02.json.gz").read_bytes()).decode()
    texts = [*api, f'{{"models":{labs},"providers":{api[-2]}}}', f'{{"providers":{api[-1]},"models":{labs}}}', api[0]]
    base, seen = long_way(texts[0]), Seen()
    for text in texts:
        expected = long_way(text)
        new, seen = read_update(text.encode(), base, seen, **SAID)
        assert attrs.astuple(seen) != attrs.astuple(Seen())
        assert [expected.digest, expected.problems(), expected.kind] == [new.digest, new.problems(), new.kind]
        for name in COLUMNS:
            one, other = expected.column(name), new.column(name)
            assert (one.values, one.codes) == (other.values, other.codes)
        base = new
