"""Which rows of the next document are checked again: those that differ, and those of which something must be said again."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from modelmeta.codec import update
from modelmeta.codec.json_text import parse
from modelmeta.codec.models_dev import read_document
from modelmeta.codec.snapshot import Snapshot, encode
from modelmeta.codec.update import Seen, read_update

FREE = {"cost": {"input": 0, "output": 0}}
PRICED = {"name": "M", "cost": {"input": 0.1, "output": 2}, "limit": {"context": 5}}
DOCUMENT = {
    "acme": {"name": "Acme", "models": {f"m{number}": {**PRICED, "description": f"the {number}th"} for number in range(50)}},
    "beta": {"name": "Beta", "models": {"free": FREE, "priced": PRICED}},
}
REFS = {f"{provider}/{model}" for provider, head in DOCUMENT.items() for model in head["models"]}


class StopError(Exception):
    """What somebody raises who wants no more."""


class Reader:
    """Reads one document after the other, and remembers what it did for that."""

    def __init__(self, monkeypatch) -> None:
        self.base = Snapshot(encode(read_document({"none": {"models": {}}}), source="test", fetched_at=None))
        self.seen = Seen()
        self.parsed: list[Any] = []
        self.checked: list[str] = []
        self._real = {name: getattr(update, name) for name in ("_parse", "read_model", "read_lab_models")}
        for name in self._real:
            monkeypatch.setattr(update, name, getattr(self, name))

    def __call__(self, document: Any, **how: Any) -> set[str]:
        """Read *document*, a tree or a text, see that it was read right, and return the references of the rows that were checked."""
        text = document if isinstance(document, str) else json.dumps(document)
        self.parsed, self.checked = [], []
        self.base, self.seen = read_update(text.encode(), self.base, self.seen, source="test", **how)
        expected = Snapshot(encode(read_document(parse(text)), source="test", fetched_at=None))
        assert (expected.digest, expected.problems()) == (self.base.digest, self.base.problems())
        assert len(self.checked) == len(set(self.checked))
        return {*self.checked}

    def _parse(self, text: str) -> Any:
        tree = self._real["_parse"](text)
        self.parsed.append(tree)
        return tree

    def read_model(self, document: Any, ref: Any, *args: Any, **kwargs: Any) -> None:
        """Check a row."""
        self.checked.append(str(ref))
        self._real["read_model"](document, ref, *args, **kwargs)

    def read_lab_models(self, document: Any, tree: Any, base: list[str]) -> None:
        """Check all lab models."""
        self.checked.append("labs")
        self._real["read_lab_models"](document, tree, base)


@pytest.fixture
def read(monkeypatch) -> Reader:
    """A reader that has read nothing yet."""
    return Reader(monkeypatch)


def changed(document: Any, ref: str, **fields: Any) -> Any:
    """Return *document* with other *fields* in one row."""
    provider, _, model = ref.partition("/")
    document = copy.deepcopy(document)
    document[provider]["models"].setdefault(model, {}).update(fields)
    return document


def test_every_row_is_checked_when_there_was_nothing_before(read):
    assert read(DOCUMENT) == REFS


def test_no_row_is_checked_or_even_parsed_when_none_changed(read):
    read(DOCUMENT)
    before = read.base
    assert read(DOCUMENT) == set()
    assert read.parsed == ["Acme", "Beta"]
    assert read.base is before


def test_no_row_is_checked_when_all_that_is_known_of_before_is_the_facts(read):
    read(DOCUMENT)
    before, read.seen = read.base, Seen()
    assert read(DOCUMENT) == set()
    assert read.base is before


def test_a_row_that_changed_is_checked_and_no_other(read):
    read(DOCUMENT)
    for value in ({"input": 0.2}, {"input": 0.3}, {"input": -1}, {"input": 0.1}):
        document = changed(DOCUMENT, "acme/m7", cost=value)
        assert read(document) == {"acme/m7"}
        assert read(document) == ({"acme/m7"} if value["input"] == -1 else set())
    assert read(changed(DOCUMENT, "acme/m7", cost={"input": 0.1}, name="N")) == {"acme/m7"}


def test_a_row_that_came_is_checked_and_no_other(read):
    read(DOCUMENT)
    assert read(changed(DOCUMENT, "beta/new", name="New")) == {"beta/new"}
    assert read({**DOCUMENT, "acme-2": DOCUMENT["beta"]}) == {"acme-2/free", "acme-2/priced"}
    assert read({"beta": DOCUMENT["beta"]}) == set()
    assert read({"beta": {"models": {"free": FREE}}}) == set()
    assert {"beta/free"} == {*read.base.refs}


@pytest.mark.parametrize(
    "row",
    [
        '{"limit": {"context": 5}, "cost": {"output": 2, "input": 0.1}, "name": "M"}',
        '{"name":"M","cost":{"input":0.1,"output":2},"limit":{"context":5}}',
        '{"name": "\\u004d", "cost": {"\\u0069nput": 0.1, "output": 2}, "limit": {"context": 5}}',
        '{"name": "M", "cost": {"input": 1e-1, "output": 2}, "limit": {"context": 5}}',
        '{"name": "M", "cost": {"input": 1E-1, "output": 2}, "limit" \n: {\t"context": 5}}',
    ],
)
def test_a_row_that_is_only_spelled_differently_is_not_checked(read, row: str):
    read({"p": {"models": {"m": PRICED, "n": FREE}}})
    before = read.base
    text = f'{{"p": {{"models": {{"n": {json.dumps(FREE)}, "m": {row}}}}}}}'
    assert read(text) == set()
    assert read(text) == set()
    assert read.base is before


def test_another_number_of_digits_is_another_fact(read):
    read({"p": {"models": {"m": PRICED, "n": FREE}}})
    assert read(f'{{"p": {{"models": {{"n": {json.dumps(FREE)}, "m": {json.dumps(PRICED).replace("0.1", "0.10")}}}}}}}') == {"p/m"}


def test_a_row_that_moves_is_not_checked_where_it_stood_and_is_where_it_stands_now(read):
    read(DOCUMENT)
    document = copy.deepcopy(DOCUMENT)
    document["acme"]["models"]["moved"] = document["beta"]["models"].pop("priced")
    assert read(document) == {"acme/moved"}


def test_facts_of_a_provider_may_change_without_its_rows(read):
    read(DOCUMENT)
    assert read({**DOCUMENT, "beta": {**DOCUMENT["beta"], "doc": "https://beta.example", "env": ["KEY"]}}) == set()
    assert read({**DOCUMENT, "beta": {**DOCUMENT["beta"], "name": 5}}) == set()
    assert read({**DOCUMENT, "beta": {"models": DOCUMENT["beta"]["models"]}}) == set()


@pytest.mark.parametrize(
    "odd", [{"release_date": "2025-25-11"}, {"knowledge": "2025-02-31"}, {"last_updated": "soon"}, {"id": "another"}], ids=str
)
@pytest.mark.parametrize("whole", [lambda tree: tree, lambda tree: {"models": {}, "providers": tree}], ids=["api", "catalog"])
@pytest.mark.parametrize("ref", ["acme/m7", "acme/it's a/test", "it's.a/m"])
def test_a_row_that_reads_oddly_is_checked_and_told_of_every_time(read, odd: Any, whole: Any, ref: str):
    document = changed({**DOCUMENT, "it's.a": {"models": {}}}, ref, **odd)
    read(whole(document))
    for number in range(3):
        again = changed(document, "acme/m8", name=f"{number}")
        assert read(whole(again)) - {"labs"} == {ref, "acme/m8"}
        assert [(ref.partition("/")[2] in problem.path, problem.kind) for problem in read.base.problems()] == [(True, "odd")]


def test_a_row_that_reads_oddly_is_told_of_in_another_kind_of_document_too(read):
    document = changed(DOCUMENT, "acme/m7", id="another")
    for tree, path in (
        (document, "$.acme.models.m7.id"),
        ({"models": {}, "providers": document}, "$.providers.acme.models.m7.id"),
        (document, "$.acme.models.m7.id"),
    ):
        assert {"acme/m7"} <= read(tree) <= REFS | {"labs"}
        assert [path] == [problem.path for problem in read.base.problems()]


def test_a_row_that_could_not_be_read_is_checked_and_told_of_every_time(read):
    document = changed(DOCUMENT, "acme/m7", limit=5)
    read(document)
    assert read(document) == {"acme/m7"}
    assert read(changed(document, "acme/m8", name="N")) == {"acme/m7", "acme/m8"}
    assert ["$.acme.models.m7.limit"] == [problem.path for problem in read.base.problems()]
    assert read(DOCUMENT) == {"acme/m7", "acme/m8"}


@pytest.mark.parametrize(("before", "after"), [("Beta", "Beta Duo"), ("Beta Duo", "Beta"), (None, "Duo"), ("Duo", None), ("Duo", 5)])
def test_the_rows_of_a_provider_that_begins_or_ceases_to_sell_a_plan_are_all_checked(read, before: Any, after: Any):
    read({**DOCUMENT, "beta": {**DOCUMENT["beta"], "name": before}})
    states = {name: "plan" if isinstance(name, str) and "Duo" in name else "free" for name in (before, after)}
    row = read.base.refs.index("beta/free")
    assert states[before] == read.base.column("price_state")[row]
    assert read({**DOCUMENT, "beta": {**DOCUMENT["beta"], "name": after}}) == {"beta/free", "beta/priced"}
    assert (states[after], states[after] == "plan") == (read.base.column("price_state")[row], read.base.model(row).subscription)


def test_a_provider_that_sells_a_plan_by_its_id_sells_one_under_any_name(read):
    read({"x-plan": {"name": "X", "models": {"m": FREE}}})
    assert read({"x-plan": {"name": "X Duo", "models": {"m": FREE}}}) == set()


def test_lab_models_are_checked_when_any_of_them_changed(read):
    one, other = ({"models": {"lab/m": {"limit": {"context": size}}}, "providers": DOCUMENT} for size in (5, 6))
    assert read(one) == {"labs", *REFS}
    assert read(changed(DOCUMENT, "acme/m7", name="N")) == {"acme/m7"}
    assert read(one) == {"labs", "acme/m7"}
    assert read(one) == set()
    assert read(other) == {"labs"}
    assert read({**other, "providers": changed(DOCUMENT, "acme/m7", name="N")}) == {"acme/m7"}


def test_lab_models_are_checked_and_told_of_every_time_when_one_reads_oddly(read):
    for labs in ({"lab/m": {"knowledge": "2025-02-31"}}, {"lab/m": 5}):
        document = {"models": labs, "providers": DOCUMENT}
        read(document)
        assert read(document) == {"labs"}
        assert len(read.base.problems()) == 1


def test_a_hundredth_of_many_rows_is_a_hundredth_of_the_work(read):
    rng = random.Random(4)
    document = {f"p{number}": {"models": {f"m{model}": {"name": f"{rng.random()}"} for model in range(100)}} for number in range(30)}
    read(document)
    refs = {f"p{rng.randrange(30)}/m{rng.randrange(100)}" for _ in range(30)}
    for ref in refs:
        document = changed(document, ref, name="New")
    assert read(document) == refs
    assert len(read.parsed) == len(refs)


@pytest.mark.parametrize("whole", [lambda tree: tree, lambda tree: {"models": {}, "providers": tree}], ids=["api", "catalog"])
def test_whoever_waits_is_asked_for_every_row_and_after(read, whole: Any):
    asked = []
    read(whole(DOCUMENT), check=lambda: asked.append(len(read.checked)))
    assert {*range(1, len(REFS))} <= {*asked}
    assert asked.count(asked[-1]) > 1
    read(whole(DOCUMENT), check=lambda: asked.append("again"))
    assert asked.count("again") > len(REFS)


@pytest.mark.parametrize("error", [StopError, ValueError, KeyboardInterrupt, GeneratorExit])
@pytest.mark.parametrize("call", [1, 2, 51, 52, 53, 60])
def test_what_the_check_raises_ends_the_reading(read, call: int, error: type[BaseException]):
    read(changed(DOCUMENT, "acme/m7", name="N"))
    before, seen = read.base, read.seen
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise error

    with pytest.raises(error):
        read(DOCUMENT, check=check)
    assert (call, before, seen) == (calls, read.base, read.seen)
    assert read(DOCUMENT) == {"acme/m7"}
