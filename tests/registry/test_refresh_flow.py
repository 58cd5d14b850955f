"""The refresh pipeline driven by hand: no network, no clock that runs, no event loop."""

from __future__ import annotations

import json
from datetime import timedelta

import attrs
import pytest

from modelmeta import Catalog, RefreshError, Settings, load_catalog
from modelmeta._flow import drive
from modelmeta.registry.head import Head
from modelmeta.registry.refresh import refresh
from modelmeta.registry.subscriptions import Subscriptions
from modelmeta.registry.world import Call, Fetch, Notify, Sleep, Stopped, Wish, World
from modelmeta.sources.source import Fetched
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock
from modelmeta.testing.stores.samples import commit


def document(*models, price=2):
    """Return a document of four providers that sell these *models*."""
    row = {"cost": {"input": price, "output": 3}}
    return {f"p{number}": {"id": f"p{number}", "models": {model: {"id": model, **row} for model in models}} for number in range(4)}


OLD = document("a", "b")
NEW = document("a", "b", "c")
BROKEN = document("a", "b", price=2_000)

COMMITTED = ["lease", "record running", "head", "held", "fetch", "commit", "swap", "notify", "record updated", "release"]
HELD = ["lease", "record running", "head", "held", "fetch", "hold", "record held", "release"]
CONFIRMED = ["lease", "record running", "head", "held", "fetch", "commit", "swap", "record unchanged", "release"]
UNCHANGED = ["lease", "record running", "head", "swap", "held", "fetch", "confirm", "hold", "swap", "record unchanged", "release"]


class Bench:
    """A world of parts that write down what is asked of them, and fail where they are told to."""

    name = "shelf"

    def __init__(self, *documents, broken=None, store=None, **settings):
        self.log = []
        self.broken = broken
        self.documents = list(documents)
        self.heads = [Head(load_catalog(OLD))]
        self.kept = store or MemoryStore()
        self.clock = FakeClock()
        self.world = World(Settings(**settings), self.clock, self, (self,), Subscriptions(), lambda: self.heads[-1], self.swap)

    def fetch(self, _validator):
        """Give the next document, or whatever is next."""
        self.note("fetch")
        found = self.documents.pop(0)
        return Fetched(json.dumps(found).encode(), str(len(self.documents))) if isinstance(found, dict) else found

    def swap(self, head):
        """Keep what is read from now on."""
        self.note("swap")
        self.heads.append(head)

    def note(self, what):
        """Write down *what*, or fail where that is broken."""
        self.log.append(what)
        if what == self.broken:
            message = f"{what} is broken"
            raise OSError(message)

    def __getattr__(self, name):  # the methods of a store
        def method(*args, **kwargs):
            self.note(f"record {args[0].outcome}" if name == "record" else name)
            return getattr(self.kept, name)(*args, **kwargs)

        return method

    def run(self, wish=None, check=lambda: None):
        """Refresh to the end."""

        def perform(step):
            match step:
                case Call(function):
                    return function()
                case Fetch(source, validator):
                    return source.fetch(validator)
                case Notify():
                    self.note("notify")
                case Sleep(seconds):
                    self.clock.advance(seconds)
            return None

        return drive(refresh(self.world, wish or Wish(), check), perform)

    @property
    def is_free(self):
        """Whether somebody else could refresh now."""
        free = self.kept.lease("somebody else", 3_600)
        self.kept.release("somebody else")
        return free

    @property
    def last(self):
        """The newest run."""
        return self.kept.refreshes(1)[0]


@pytest.mark.parametrize(("found", "log"), [(NEW, COMMITTED), (BROKEN, HELD), (OLD, CONFIRMED)])
def test_a_refresh_goes_from_lease_to_record(found, log):
    bench = Bench(found)
    report = bench.run()
    assert log == bench.log
    assert report.status == bench.last.outcome == log[-2].removeprefix("record ")
    assert bench.is_free


@pytest.mark.parametrize("found", [NEW, None], ids=["the same", "not modified"])
def test_a_refresh_that_finds_nothing_new_commits_nothing_and_says_that_it_still_holds(found):
    bench = Bench(NEW, found)
    bench.run()
    before = bench.kept.head()
    bench.log.clear()
    bench.clock.advance(60)
    assert bench.run().status == "unchanged"
    assert bench.log == UNCHANGED
    assert (before.confirmed_at, bench.kept.head().confirmed_at) == (bench.world.now() - timedelta(seconds=60), bench.world.now())
    assert bench.kept.revisions() == (attrs.evolve(before, confirmed_at=bench.world.now(), validators={"shelf": "0" if found else "1"}),)


def test_the_first_refresh_makes_a_revision_of_what_came_in_the_wheel():
    bench = Bench(OLD)
    catalog = bench.heads[0].catalog
    report = bench.run()
    (revision,) = bench.kept.revisions()
    assert (report.status, report.revision, bool(report.changes)) == ("unchanged", revision.id, False)
    assert (revision.id, revision.number, revision.digest) == (f"1-{catalog.content.digest[:12]}", 1, catalog.content.digest)
    assert (revision.added, revision.removed, revision.changed, revision.models) == (0, 0, 0, 8)
    assert bench.kept.load() == (revision, bytes(catalog.content))
    assert len(bench.kept.changes(0, 1)) == 12
    assert bench.heads[-1].catalog is catalog


@pytest.mark.parametrize("step", ["lease", "record running", "head", "held", "fetch", "commit"])
def test_whatever_fails_on_the_way_leaves_the_head_and_is_recorded(step):
    bench = Bench(NEW, broken=step)
    with pytest.raises((OSError, RefreshError), match=f"{step} is broken"):
        bench.run()
    assert "swap" not in bench.log
    assert len(bench.heads) == 1
    assert (bench.last.outcome, bench.last.duration is None) == ("failed", False)
    assert f"{step} is broken" in bench.last.error == bench.world.last_error
    assert (bench.world.failures, bench.world.last_refresh) == (1, bench.world.now())
    assert bench.is_free

    bench.broken, bench.documents = None, [NEW]
    assert bench.run().status == "updated"
    assert (bench.world.failures, bench.world.last_error) == (0, None)


def test_a_document_that_cannot_be_put_aside_is_not_read_either():
    bench = Bench(BROKEN, broken="hold")
    with pytest.raises(OSError, match="hold is broken"):
        bench.run()
    assert (bench.last.outcome, bench.world.held, len(bench.heads)) == ("failed", None, 1)


@pytest.mark.parametrize("step", ["record updated", "release"])
def test_a_store_that_is_not_told_the_end_changes_nothing_about_it(step, caplog):
    bench = Bench(NEW, NEW, broken=step)
    assert bench.run().status == "updated"
    assert (bench.log[-1], len(bench.heads[-1].catalog)) == ("release", 12)
    assert (bench.world.last_error, bench.world.failures) == (None, 0)
    assert f"the store was not told how a refresh ended: {step} is broken" in caplog.text
    assert bench.is_free is (step != "release")


def test_a_failure_of_which_the_store_is_not_told_is_the_one_that_is_raised(caplog):
    bench = Bench(broken="record failed")
    bench.fetch = lambda _validator: int("no document")
    with pytest.raises(RefreshError, match="no document"):
        bench.run()
    assert "the store was not told how a refresh ended: record failed is broken" in caplog.text
    assert bench.is_free


def test_a_notification_that_is_interrupted_is_a_refresh_that_was_done():
    bench = Bench(NEW, broken="notify")
    with pytest.raises(OSError, match="notify is broken"):
        bench.run()
    assert (bench.last.outcome, bench.last.added, bench.world.last_error) == ("updated", 4, None)
    assert len(bench.heads[-1].catalog) == 12


def test_a_lease_that_is_refused_is_waited_for():
    bench = Bench(NEW)
    bench.kept.lease("somebody else", 3_600)
    asked = []

    def advance(seconds):
        asked.append(seconds)
        if len(asked) == 5:
            bench.kept.release("somebody else")

    bench.clock.advance = advance
    assert bench.run().status == "updated"
    assert len(asked) == 5
    assert bench.log == ["lease"] * 5 + COMMITTED


def test_a_lease_that_is_never_granted_ends_the_refresh_within_its_deadline():
    bench = Bench(NEW, deadline=7)
    bench.kept.lease("somebody else", 3_600)
    with pytest.raises(RefreshError, match=r"somebody else has been refreshing this store for 7 s; nothing was changed"):
        bench.run()
    assert 7 <= bench.clock.monotonic() < 8
    assert {*bench.log} == {"lease", "record failed", "release"}
    assert not bench.kept.lease("a third", 3_600)


def overtaken(bench, *documents):
    """Let others commit one of *documents* each time when *bench* has fetched."""
    others = [load_catalog(document) for document in documents]

    def fetch(validator):
        found = Bench.fetch(bench, validator)
        if others:
            commit(bench.kept, others.pop(0))
        return found

    bench.fetch = fetch


def refs(*models):
    return {f"p{number}/{model}" for number in range(4) for model in models}


def test_a_commit_that_is_refused_is_tried_again_on_what_others_committed():
    bench = Bench(NEW, NEW)
    overtaken(bench, document("a", "b", "x"))
    report = bench.run()

    assert [len(head.catalog) for head in bench.heads] == [8, 12, 12]
    assert [revision.number for revision in bench.kept.revisions()] == [2, 1]
    assert (report.status, report.revision) == ("updated", bench.kept.head().id)
    assert ({*map(str, report.added)}, report.removed) == (refs("c"), ())
    assert (bench.kept.head().added, bench.kept.head().removed) == (4, 4)
    assert bench.log == [*COMMITTED[:6], "head", "load", "swap", "notify", "held", "fetch", *COMMITTED[5:]]


def test_a_refused_commit_of_what_others_committed_meanwhile_has_nothing_left_to_do():
    bench = Bench(NEW, NEW)
    overtaken(bench, NEW)
    report = bench.run()

    assert (report.status, report.revision, {*map(str, report.added)}) == ("updated", bench.kept.head().id, refs("c"))
    assert [revision.number for revision in bench.kept.revisions()] == [1]
    assert bench.last.outcome == "updated"


def test_who_is_overtaken_again_and_again_gives_up_and_reads_what_others_committed():
    bench = Bench(*[NEW] * 6)
    overtaken(bench, *[document("a", "b", f"x{number}") for number in range(5)])
    with pytest.raises(RefreshError, match="other processes have refreshed this store 5 times in the meantime; try again"):
        bench.run()

    assert (bench.last.outcome, bench.log.count("commit"), bench.log.count("notify")) == ("failed", 5, 4)
    assert "p0/x3" in bench.heads[-1].catalog
    assert bench.is_free
    assert ({*map(str, bench.run().removed)}, bench.kept.head().number) == (refs("x3"), 6)


def test_what_is_held_stays_held_when_a_commit_is_refused():
    bench = Bench(BROKEN, *[NEW] * 5)
    report = bench.run()
    bench.kept.commit = lambda *_args, **_base: False
    with pytest.raises(RefreshError, match="in the meantime"):
        bench.run()
    assert report.revision == bench.world.held == bench.kept.held()[0].id


def test_a_newer_head_of_the_store_is_adopted_and_told_before_anything_is_asked():
    writer = Bench(NEW)
    writer.run()
    reader = Bench(None, store=writer.kept)
    report = reader.run()
    assert (report.status, report.revision, {*map(str, report.added)}) == ("updated", writer.kept.head().id, refs("c"))
    assert reader.heads[-1].catalog.content.digest == writer.heads[-1].catalog.content.digest
    assert reader.log == [*UNCHANGED[:3], "load", "swap", "notify", *UNCHANGED[4:9], "record updated", "release"]


def test_a_newer_head_of_the_same_facts_is_the_very_same_catalog():
    writer = Bench(OLD)
    writer.run()
    reader = Bench(OLD, store=writer.kept)
    catalog = reader.heads[0].catalog
    report = reader.run()
    assert (report.status, report.revision, bool(report.changes)) == ("unchanged", writer.kept.head().id, False)
    assert reader.heads[-1].catalog is catalog
    assert reader.log == [*UNCHANGED[:3], "load", *UNCHANGED[3:]]


@pytest.mark.parametrize("wish", [Wish(), Wish(force=True), Wish(providers=frozenset({"p0"})), Wish(accept=True)], ids=repr)
@pytest.mark.parametrize("confirmed", [True, False])
def test_who_waited_for_somebody_elses_refresh_takes_what_that_one_confirmed(wish, confirmed):
    bench = Bench(NEW)
    bench.kept.lease("somebody else", 3_600)
    asked = bench.world.now()

    def advance(seconds):
        FakeClock.advance(bench.clock, seconds)
        commit(bench.kept, load_catalog(NEW), confirmed_at=bench.world.now() if confirmed else asked - timedelta(seconds=1))
        bench.kept.release("somebody else")

    bench.clock.advance = advance
    report = bench.run(wish)
    assert (report.status, {*map(str, report.added)}) == ("updated", refs("c"))
    assert ("fetch" in bench.log) is not (confirmed and wish == Wish())
    assert report.source == ("shelf" if "fetch" in bench.log and wish.providers is None else report.source)


def test_who_did_not_wait_asks_however_fresh_the_store_is():
    bench = Bench(NEW)
    commit(bench.kept, load_catalog(NEW), confirmed_at=bench.world.now())
    assert bench.run().source == "shelf"


def test_a_store_that_lost_everything_is_given_the_newest_revision_again(caplog):
    bench = Bench(NEW, None, document("a", "b", "c", "d"))
    bench.run()
    before, bench.kept = bench.kept, MemoryStore()
    bench.log.clear()

    assert bench.run().status == "unchanged"
    assert bench.log == [*UNCHANGED[:3], "commit", *UNCHANGED[2:]]
    assert bench.kept.load() == before.load()
    assert {version.raw for version in bench.kept.changes(0, 1)} == {version.raw for version in before.changes(0, 1)}
    assert "the store was empty; it has the newest revision again" in caplog.text

    assert {*map(str, bench.run().added)} == refs("d")
    assert [revision.number for revision in bench.kept.revisions()] == [2, 1]


def test_a_store_that_others_have_filled_again_is_read_like_any_other(caplog):
    others = document("a", "b", "x")
    bench = Bench(NEW, others)
    bench.run()
    bench.kept = MemoryStore()
    refill = bench.kept.commit

    def refill_too_late(*args, **base):
        bench.kept.commit = refill
        commit(bench.kept, load_catalog(others))
        return refill(*args, **base)

    bench.kept.commit = refill_too_late
    report = bench.run()
    assert ({*map(str, report.added)}, {*map(str, report.removed)}) == (refs("x"), refs("c"))
    assert (report.status, report.revision) == ("updated", bench.kept.head().id)
    assert "empty" not in caplog.text


@pytest.mark.parametrize("when", range(1, 4))
def test_a_refresh_that_is_stopped_ends_where_it_checks_and_is_recorded(when):
    bench, checked = Bench(NEW), []

    def check():
        checked.append(1)
        if len(checked) == when:
            raise Stopped

    with pytest.raises(Stopped):
        bench.run(check=check)
    assert (bench.last.outcome, len(bench.heads), len(checked)) == ("failed", 1, when)
    assert bench.is_free


def test_a_run_takes_as_long_as_the_clock_says():
    bench = Bench(NEW)
    bench.fetch = lambda validator: bench.clock.advance(12) or Bench.fetch(bench, validator)
    report = bench.run()
    assert report.duration.total_seconds() == bench.last.duration.total_seconds() == 12
    assert report.started_at.timestamp() == bench.last.started_at.timestamp() == FakeClock().time()


def test_every_run_is_told_from_the_others():
    bench = Bench(NEW, NEW, BROKEN)
    for _ in range(3):
        bench.run()
    runs = bench.kept.refreshes(9)
    assert [run.outcome for run in runs] == ["held", "unchanged", "updated"]
    assert len({run.id for run in runs}) == 3
    assert isinstance(bench.heads[-1].catalog, Catalog)
