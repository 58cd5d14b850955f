"""Everything goes from a store of one kind to one of another, asked for on the command line, and is equal there."""

from __future__ import annotations

import json
from contextlib import closing
from decimal import Decimal
from itertools import permutations

import pytest
from click.testing import CliRunner

from modelmeta import Registry, StoreError, copy_store, dump_catalog
from modelmeta.cli.main import cli
from modelmeta.stores.by_url import open_store
from modelmeta.testing.stores.samples import HOSTILE, acme, entry, everything, hostile_document, note, result

KINDS = ("sqlite", "postgres", "redis")
DOCUMENTS = [acme(rocket=2, glider=0.1), hostile_document(), acme(rocket=2.5, kite=0)]
SMALL = [acme(rocket=price) for price in (1, 2, 3)]


@pytest.fixture
def place(request, tmp_path):
    """Return the function that gives the address of an empty store of some kind."""
    return lambda kind: f"sqlite:///{tmp_path}/{kind}.db" if kind.startswith("sqlite") else request.getfixturevalue(f"{kind}_url")


@pytest.fixture
def live(tmp_path):
    """Return the function that lets a store live through some documents, and keep a document aside, notes and results."""

    def through(url, documents=DOCUMENTS):
        path = tmp_path / "api.json"
        with Registry(store=url, source=path) as registry:
            for document in documents:
                path.write_text(json.dumps(document))
                registry.refresh(accept=True)
            path.write_text("{}")
            assert registry.refresh().status == "held"
        with closing(open_store(url)) as store:
            for text in HOSTILE:
                store.put(note(name=text, text=text))
            store.book([entry(f"e{place}", mode=text, tags={text: text}) for place, text in enumerate(HOSTILE)])
            store.swap("hook", "a", None, "a text")
            store.put(result(score=Decimal("0.1000000000000000055511151231257827"), date="2026-11"))

    return through


def call(*args: str, exit_code: int = 0) -> str:
    outcome = CliRunner().invoke(cli, args, prog_name="modelmeta")
    assert outcome.exit_code == exit_code, outcome.output
    return outcome.output


def kept(url: str) -> dict[str, object]:
    with closing(open_store(url)) as store:
        return everything(store)


@pytest.mark.parametrize(("one", "other"), [*permutations(KINDS, 2), ("sqlite", "sqlite-too")])
def test_everything_goes_from_one_kind_of_store_to_another(place, live, one, other):
    source, target = place(one), place(other)
    live(source)
    told = f"3 revisions, 4 refreshes, {len(HOSTILE)} notes, 1 results and {len(HOSTILE)} usages copied, and found equal.\n"
    assert call("--store", source, "export", target) == told
    assert kept(target) == kept(source)
    assert call("import", source, "--store", target) == told  # there is nothing more to copy
    with Registry(store=target) as registry:
        for revision, document in zip(registry.revisions(), DOCUMENTS, strict=True):
            assert dump_catalog(registry.as_of(revision)) == document


@pytest.mark.parametrize(("one", "other"), [("sqlite", "postgres"), ("postgres", "redis"), ("redis", "sqlite")])
def test_a_copy_that_broke_off_is_taken_up_again(place, live, one, other):
    source, target = place(one), place(other)
    live(source, SMALL)
    with closing(open_store(source)) as old, closing(open_store(target)) as new:

        class Breaking(type(new)):
            """Fails before it keeps the third revision."""

            def commit(self, revision, *args, **options):
                if revision.number == 3:
                    message = "the cable was pulled"
                    raise StoreError(message)
                return super().commit(revision, *args, **options)

        with closing(Breaking(target)) as breaking, pytest.raises(StoreError, match="the cable was pulled"):
            copy_store(old, breaking)
        assert [revision.number for revision in new.revisions()] == [2, 1]
    call("import", source, "--store", target)
    assert kept(target) == kept(source)


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_holds_something_else_is_refused_and_left_alone(place, live, kind):
    source, target = place("sqlite-too"), place(kind)
    live(source, SMALL)
    live(target, [acme(rocket=7)])
    before = kept(target)
    printed = call("--store", source, "export", target, exit_code=2)
    assert "already holds other revisions" in printed
    assert "copy to an empty one" in printed
    assert "never-shown" not in printed
    assert kept(target) == before
