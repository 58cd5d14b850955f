"""Everything that a store keeps goes to another, or is refused; what breaks off can be taken up again."""

from __future__ import annotations

import json
from decimal import Decimal

import attrs
import pytest

from modelmeta import Benchmark, Copied, RefreshError, Registry, StoreError, copy_store
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeModelsDev
from modelmeta.testing.stores.samples import EVER, NOON, acme, entry, everything

REF = "acme/rocket"
BOTH = acme(rocket=2, glider=0.1)
LABS = {"acme/rocket": {"name": "Rocket \ud83d", "limit": {}, "benchmarks": [{"name": "race", "score": 3.5}]}}
BROKEN = {**BOTH, "em\0ca": {"name": "Emca", "models": {"x": {"name": 5}, "y'; --": "no row"}}, "z": 1}
PLAN = {"acme": {**BOTH["acme"], "name": "Acme Duo"}}
DOCUMENTS = [BOTH, acme(rocket=2.5, kite=0), {"models": LABS, "providers": BROKEN}, BOTH, PLAN]


@pytest.fixture
def live(tmp_path):
    """Return the function that lets a store live through documents, one a refresh, without asking whether they look sound."""

    def through(store, *documents):
        path = tmp_path / "api.json"
        with Registry(store=store, source=path) as registry:
            for document in documents:
                path.write_text(json.dumps(document))
                registry.refresh(accept=True)
        return store

    return through


@pytest.fixture
def lived(live):
    """A store with five revisions, a failed run, a document that is held, a note, two results, three small texts, and two usages."""
    store = live(MemoryStore(), *DOCUMENTS)
    with FakeModelsDev({}) as upstream, Registry(store=store, source=upstream.url, max_retries=0) as registry:
        assert registry.refresh().status == "held"
        registry.put_note(REF, "our default", name="platform")
        for name in ("race", "haul"):
            registry.put_benchmark(REF, Benchmark(name=name, score=Decimal("1.50")))
        upstream.close()
        with pytest.raises(RefreshError):
            registry.refresh()
    assert store.held() is not None
    for kind, key in (("hook", "a"), ("hook-pending", "a-1"), ("hook", "b")):
        store.swap(kind, key, None, f"{kind} {key}")
    store.book([entry("one"), entry("two", minute=-1)])
    return store


class Breaking(MemoryStore):
    """A store that fails before it keeps the revision *number*."""

    number = 0

    def commit(self, revision, *args, **options):
        """As that of any other, or not at all."""
        if revision.number == self.number:
            message = "the cable was pulled"
            raise StoreError(message)
        return super().commit(revision, *args, **options)


def test_everything_is_copied(lived):
    target = MemoryStore()
    assert copy_store(lived, target) == Copied(revisions=5, refreshes=7, notes=1, benchmarks=2, entries=3, usages=2)
    assert everything(target) == everything(lived)


def test_what_was_copied_answers_for_the_past(lived):
    target = MemoryStore()
    copy_store(lived, target)
    with Registry(store=lived) as old, Registry(store=target) as new:
        revisions = new.revisions()
        assert [old.as_of(revision).content.digest for revision in revisions] == [revision.digest for revision in revisions]
        assert [new.as_of(revision).content.digest for revision in revisions] == [revision.digest for revision in revisions]
        assert new.history(REF) == old.history(REF)
        assert new.changes() == old.changes()


def test_copying_again_changes_nothing(lived):
    target = MemoryStore()
    copied = copy_store(lived, target)
    before = everything(target)
    assert copy_store(lived, target) == copied
    assert everything(target) == before


@pytest.mark.parametrize("number", range(1, 6))
def test_a_copy_that_broke_off_is_taken_up_again(lived, number):
    target = Breaking()
    target.number = number
    with pytest.raises(StoreError, match="the cable was pulled"):
        copy_store(lived, target)
    assert target.revisions() == lived.revisions()[6 - number :]
    target.number = 0
    assert copy_store(lived, target).revisions == 5
    assert everything(target) == everything(lived)


def test_what_happened_in_the_meantime_is_copied_too(lived, live):
    target = MemoryStore()
    copy_store(lived, target)
    live(lived, BOTH, BOTH)  # the first accepts what is held
    assert (len(lived.revisions()), lived.held()) == (7, None)
    copy_store(lived, target)
    assert everything(target) == everything(lived)


def test_what_was_only_confirmed_in_the_meantime_is_copied_too(lived, live):
    target = MemoryStore()
    copy_store(lived, target)
    before = lived.head()
    lived.confirm(attrs.evolve(before, confirmed_at=before.confirmed_at.replace(year=2027)))
    copy_store(lived, target)
    assert target.head() == lived.head() != before


def test_notes_that_the_other_has_already_stay(lived, live):
    target = MemoryStore()
    copy_store(lived, target)
    with Registry(store=target) as registry:
        registry.put_note(REF, "another")
    assert copy_store(lived, target).notes == 1
    assert [note.text for note in target.notes(None)] == ["another", "our default"]


def test_a_store_that_forgot_its_past_is_copied_from_there(lived):
    lived.prune(3)
    target = MemoryStore()
    assert copy_store(lived, target).revisions == 3
    assert target.revisions() == lived.revisions()
    with Registry(store=target) as registry:
        assert [registry.as_of(revision).content.digest for revision in lived.revisions()] == [kept.digest for kept in lived.revisions()]
        assert {change.revision for change in registry.changes()} <= {revision.id for revision in lived.revisions()[:2]}


def test_what_was_forgotten_since_it_was_copied_stays_there(lived, live):
    target = MemoryStore()
    copy_store(lived, target)
    lived.prune(4)
    live(lived, BOTH, BOTH)
    assert copy_store(lived, target).revisions == 4
    assert [revision.number for revision in target.revisions()] == [7, 6, 5, 4, 3, 2, 1]


def test_an_empty_store_is_nothing_to_copy():
    assert copy_store(MemoryStore(), MemoryStore()) == Copied(revisions=0, refreshes=0, notes=0, benchmarks=0, entries=0, usages=0)


def another(live, lived):
    """Return a store that holds something else."""
    return live(MemoryStore(), acme(rocket=7))


def ahead(live, lived):
    """Return one that went on from where the other is."""
    target = MemoryStore()
    copy_store(lived, target)
    return live(target, acme(rocket=7))


def branched(live, lived):
    """Return one that parted before the newest."""
    return live(MemoryStore(), *DOCUMENTS[:3], acme(rocket=7))


def forgetful(live, lived):
    """Return one that does not hold the first any more."""
    target = MemoryStore()
    copy_store(lived, target)
    target.prune(2)
    return target


@pytest.mark.parametrize("make", [another, ahead, branched, forgetful], ids=lambda make: make.__name__)
def test_a_store_that_holds_something_else_is_refused_and_left_alone(live, lived, make):
    target = make(live, lived)
    before = everything(target)
    with pytest.raises(StoreError, match=rf"already holds other revisions, the newest of them {target.head().id}; copy to an empty one"):
        copy_store(lived, target)
    assert everything(target) == before


def test_a_store_that_forgot_what_was_copied_before_cannot_go_on(live, lived):
    target = live(MemoryStore(), BOTH)
    lived.prune(3)
    with pytest.raises(StoreError, match="copy to an empty one"):
        copy_store(lived, target)


def test_somebody_who_writes_meanwhile_is_noticed(live, lived):
    class Busy(MemoryStore):
        """Somebody else commits before the second revision comes."""

        def commit(self, revision, *args, **options):
            if revision.number == 2:
                super().commit(attrs.evolve(revision, id="2-somebody's"), *args, **options)
            return super().commit(revision, *args, **options)

    target = Busy()
    with pytest.raises(StoreError, match="the two stores differ after copying: something else was written to one of them"):
        copy_store(lived, target)
    assert [revision.id for revision in target.revisions()] == ["2-somebody's", lived.revisions()[-1].id]
    assert target.refreshes(5) == ()


def test_what_other_parts_keep_is_replaced_where_it_is_there_and_stays_where_it_is_not(lived):
    target = MemoryStore()
    target.swap("hook", "a", None, "older")
    target.swap("budget", "c", None, "its own")
    copy_store(lived, target)
    assert target.entries("hook") == {"a": "hook a", "b": "hook b"}
    assert target.entries("budget") == {"c": "its own"}


def test_the_ledger_goes_on_where_it_was_copied_before(lived):
    target = MemoryStore()
    copy_store(lived, target)
    target.book([entry("its own")])
    lived.book([entry("three")])
    assert copy_store(lived, target).usages == 3
    assert [each.id for each in target.booked(0, EVER)] == ["one", "two", "its own", "three"]
    lived.unbook(NOON)
    assert copy_store(lived, target).usages == 2


@pytest.mark.parametrize("method", ["put", "hold", "record", "confirm", "swap", "book"])
def test_a_store_that_keeps_less_is_noticed(lived, method):
    target = Breaking()
    target.number = 5
    with pytest.raises(StoreError):
        copy_store(lived, target)
    newest = target.head()
    target.confirm(attrs.evolve(newest, confirmed_at=newest.confirmed_at.replace(year=2027)))
    target.number = 0
    setattr(target, method, lambda *_: None)
    with pytest.raises(StoreError, match="the two stores differ after copying"):
        copy_store(lived, target)


def test_a_store_that_keeps_something_else_than_it_was_given_is_noticed(lived):
    class Careless(MemoryStore):
        """Loses the last character of every other price."""

        def commit(self, revision, data, facts, *, base):
            facts = [attrs.evolve(fact, raw=fact.raw and fact.raw.replace("2.5", "2")) for fact in facts]
            return super().commit(revision, data, facts, base=base)

    with pytest.raises(StoreError, match=r"revision 2-[0-9a-f]{12} cannot be put together again: what the store keeps of it was changed"):
        copy_store(lived, Careless())


def test_a_damaged_store_is_not_copied(live):
    source, target = live(MemoryStore(), acme(rocket=2), acme(rocket=3)), MemoryStore()
    (raw, *between), second = source._spans["models", REF]
    source._spans["models", REF] = ((raw.replace("2", "4"), *between), second)
    with pytest.raises(StoreError, match=r"revision 1-.* cannot be put together again"):
        copy_store(source, target)
    assert target.revisions() == ()
