"""Stores with one fault each, and the tests of the suite that find it: ``test_stores.py`` runs them."""
# ruff: noqa: ARG002, D101, D102, D106, N801  # the name of each says what is wrong with it

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from itertools import count

import attrs
import pytest

from modelmeta.records.own import OwnBenchmark
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import StoreSuite


class Broken(StoreSuite):
    """The suite of a store that is broken in one way."""

    lasts = False
    store_class = MemoryStore

    @pytest.fixture
    def open_store(self):
        """Return what opens an empty store."""
        return lambda _: self.store_class()


def id_of(revision):
    return revision and revision.id


class TestTakesAnyBase(Broken):
    fails = ("test_a_revision_on_another_base_is_refused", "test_a_first_revision_has_no_base")

    class store_class(MemoryStore):
        def commit(self, revision, data, facts, *, base):
            while not super().commit(revision, data, facts, base=id_of(self.head())):
                pass
            return True


class TestLooksBeforeItLeaps(Broken):
    fails = ("test_of_many_who_replace_one_revision_one_succeeds", "test_no_update_is_lost")

    class store_class(MemoryStore):
        def commit(self, revision, data, facts, *, base):
            if id_of(self.head()) != base:
                return False
            time.sleep(0.05)  # long enough for others to look too
            while not super().commit(revision, data, facts, base=id_of(self.head())):
                pass
            return True


class TestCommitsByHalves(Broken):
    fails = ("test_a_commit_that_fails_changes_nothing",)

    class store_class(MemoryStore):
        def commit(self, revision, data, facts, *, base):
            self.hold(None)
            return super().commit(revision, data, facts, base=base)


class TestKeepsWhatWasHeld(Broken):
    fails = ("test_a_commit_drops_what_is_held",)

    class store_class(MemoryStore):
        def commit(self, revision, data, facts, *, base):
            held, done = self.held(), super().commit(revision, data, facts, base=base)
            self.hold(*held or (None,))
            return done


class TestConfirmsAnything(Broken):
    fails = ("test_only_the_newest_revision_is_confirmed",)

    class store_class(MemoryStore):
        def confirm(self, revision):
            super().confirm(attrs.evolve(revision, id=id_of(self.head()) or ""))


class TestConfirmsTooMuch(Broken):
    fails = ("test_confirming_keeps_when_and_with_what",)

    class store_class(MemoryStore):
        def confirm(self, revision):
            self._revisions[-1:] = [revision] if id_of(self.head()) == revision.id else self._revisions[-1:]


class TestKnowsOnlyWhatStands(Broken):
    fails = ("test_a_piece_has_a_version_for_each_time_it_changed", "test_a_piece_that_is_gone_keeps_its_versions")

    class store_class(MemoryStore):
        def versions(self, part, key):
            return tuple(version for version in super().versions(part, key) if version.until is None)


class TestClosesGaps(Broken):
    fails = ("test_a_piece_that_comes_back_goes_on_with_its_history", "test_any_past_revision_can_be_put_together")

    class store_class(MemoryStore):
        def commit(self, revision, data, facts, *, base):
            return super().commit(revision, data, [fact for fact in facts if fact.raw is not None], base=base)


class TestCutsKeys(Broken):
    fails = ("test_hostile_keys_and_texts_go_in_and_out_unchanged",)

    class store_class(MemoryStore):
        def commit(self, revision, data, facts, *, base):
            return super().commit(revision, data, [attrs.evolve(fact, key=fact.key[:500]) for fact in facts], base=base)


class TestMendsKeys(Broken):
    fails = ("test_hostile_keys_and_texts_go_in_and_out_unchanged",)

    class store_class(MemoryStore):
        def commit(self, revision, data, facts, *, base):
            mended = [attrs.evolve(fact, key=fact.key.encode("utf-8", "replace").decode()) for fact in facts]
            return super().commit(revision, data, mended, base=base)


class TestCountsFromTheFirst(Broken):
    fails = ("test_changes_are_what_began_or_ended_after_one_revision_and_up_to_another",)

    class store_class(MemoryStore):
        def changes(self, after, upto):
            return super().changes(after - 1, upto)


class TestForgetsEnds(Broken):
    fails = ("test_changes_are_what_began_or_ended_after_one_revision_and_up_to_another",)

    class store_class(MemoryStore):
        def changes(self, after, upto):
            return tuple(version for version in super().changes(after, upto) if version.since > after)


class TestSortsAsPeopleDo(Broken):
    fails = ("test_changes_are_ordered_by_part_and_key_and_time", "test_notes_are_ordered_by_model_and_name")

    class store_class(MemoryStore):
        def changes(self, after, upto):
            return tuple(sorted(super().changes(after, upto), key=lambda version: (version.part, version.key.lower(), version.since)))

        def notes(self, ref):
            return tuple(sorted(super().notes(ref), key=lambda note: (str(note.ref).lower(), note.name.lower())))


class TestForgetsTheNewest(Broken):
    fails = ("test_the_newest_revision_is_never_forgotten",)

    class store_class(MemoryStore):
        def prune(self, number):
            gone = super().prune(number)
            if self._revisions and self._revisions[-1].number < number:
                self._revisions.clear()
            return gone


class TestForgetsNoRuns(Broken):
    fails = ("test_pruning_forgets_runs_that_began_before",)

    class store_class(MemoryStore):
        def prune(self, number):
            runs, gone = dict(self._refreshes), super().prune(number)
            self._refreshes = runs
            return gone


class TestBeginsHistoryAnew(Broken):
    fails = ("test_pruning_forgets_what_stood_only_in_older_revisions",)

    class store_class(MemoryStore):
        def prune(self, number):
            gone = super().prune(number)
            for piece, spans in self._spans.items():
                self._spans[piece] = tuple((raw, max(since, number), until) for raw, since, until in spans)
            return gone


class TestLetsAllRefresh(Broken):
    fails = (
        "test_one_at_a_time_refreshes",
        "test_of_many_who_want_to_refresh_one_does",
        "test_after_any_operations_it_is_as_a_store_in_memory",
    )

    class store_class(MemoryStore):
        def lease(self, holder, seconds):
            return super().lease(holder, seconds) or True


class TestTakesTheLeaseFromAnybody(Broken):
    fails = ("test_a_lease_that_was_given_back_is_free",)

    class store_class(MemoryStore):
        def release(self, holder):
            super().release(self._holder())


class TestDoesNotProlong(Broken):
    fails = ("test_a_lease_that_is_asked_for_again_ends_later",)

    class store_class(MemoryStore):
        def lease(self, holder, seconds):
            return self._holder() == holder or super().lease(holder, seconds)


class TestListsRunsFromTheFirst(Broken):
    fails = ("test_runs_are_kept_in_place_and_newest_first", "test_so_many_runs_are_read_as_are_asked_for")

    class store_class(MemoryStore):
        def refreshes(self, limit):
            return super().refreshes(1_000)[::-1][:limit]


class TestBelievesTheDead(Broken):
    fails = ("test_who_gets_the_lease_finds_the_runs_of_others_crashed",)

    class store_class(MemoryStore):
        def _marked(self, run):
            return run


class TestBuriesTheLiving(Broken):
    fails = ("test_a_run_is_running_while_it_holds_the_lease", "test_of_two_who_share_a_store_one_refreshes")

    class store_class(MemoryStore):
        def refreshes(self, limit):
            return tuple(attrs.evolve(run, outcome="crashed") if run.outcome == "running" else run for run in super().refreshes(limit))


class TestTakesTextsForOne(Broken):
    fails = ("test_no_two_names_are_taken_for_one",)

    class store_class(MemoryStore):
        def put(self, own):
            if not isinstance(own, OwnBenchmark):
                for note in self.notes(own.ref):
                    if note.name.strip().casefold() == own.name.strip().casefold():
                        self.discard(note)
            super().put(own)


class TestRoundsScores(Broken):
    fails = ("test_a_number_keeps_all_its_digits",)

    class store_class(MemoryStore):
        def put(self, own):
            if isinstance(own, OwnBenchmark) and isinstance(own.benchmark.score, Decimal):
                own = attrs.evolve(own, benchmark=attrs.evolve(own.benchmark, score=Decimal(str(float(own.benchmark.score)))))
            super().put(own)


class TestReadsNumbersIntoTexts(Broken):
    fails = ("test_a_number_keeps_all_its_digits",)

    class store_class(MemoryStore):
        def put(self, own):
            if isinstance(own, OwnBenchmark) and own.benchmark.score == "0":
                own = attrs.evolve(own, benchmark=attrs.evolve(own.benchmark, score=Decimal(0)))
            super().put(own)


class TestTakesEmptyForNothing(Broken):
    fails = ("test_nothing_and_the_empty_text_are_one_key",)

    class store_class(MemoryStore):
        def put(self, own):
            if isinstance(own, OwnBenchmark):
                own = attrs.evolve(own, benchmark=attrs.evolve(own.benchmark, variant=own.benchmark.variant or None))
            super().put(own)


class TestForgetsWhatItWasAsked(Broken):
    fails = ("test_a_note_is_forgotten_by_its_model_and_name", "test_a_result_is_forgotten_by_its_key")

    class store_class(MemoryStore):
        def discard(self, own):
            return own in (*self.notes(None), *self.benchmarks(None)) and super().discard(own)


class TestSwapsWhateverIsThere(Broken):
    fails = ("test_an_entry_is_made_replaced_and_removed_by_who_knows_what_is_there", "test_of_many_who_swap_at_once_one_succeeds")

    class store_class(MemoryStore):
        def swap(self, kind, key, old, new):
            return super().swap(kind, key, self.entries(kind).get(key), new) or True


class TestTakesKindsForOne(Broken):
    fails = ("test_kinds_know_nothing_of_each_other",)

    class store_class(MemoryStore):
        def swap(self, kind, key, old, new):
            return super().swap("any", key, old, new)

        def entries(self, kind):
            return super().entries("any")


class TestBooksTwice(Broken):
    fails = ("test_what_is_written_again_is_kept_once",)

    class store_class(MemoryStore):
        def book(self, entries):
            self._booked.clear()
            super().book(entries)


class TestNumbersAnew(Broken):
    fails = ("test_what_is_older_is_forgotten",)

    class store_class(MemoryStore):
        def unbook(self, before):
            self._numbers = count(1)
            return super().unbook(before)


class TestRoundsAmounts(Broken):
    fails = ("test_an_amount_keeps_all_its_digits",)

    class store_class(MemoryStore):
        def book(self, entries):
            super().book([attrs.evolve(entry, total=entry.total and Decimal(str(float(entry.total)))) for entry in entries])


class TestReadsTheEndToo(Broken):
    fails = ("test_entries_are_read_of_a_time",)

    class store_class(MemoryStore):
        def booked(self, after, limit, since=None, until=None):
            return super().booked(after, limit, since, until and until + timedelta(microseconds=1))


class TestDoesNotSeeNews(Broken):
    fails = ("test_who_knows_another_revision_does_not_wait",)

    class store_class(MemoryStore):
        def wait(self, known, seconds):
            return False


class TestSeesNewsThatAreNone(Broken):
    fails = ("test_waiting_ends_with_its_time", "test_closing_wakes_who_waits")

    class store_class(MemoryStore):
        def wait(self, known, seconds):
            return True


class TestDoesNotLast(Broken):
    lasts = True
    fails = ("test_all_is_there_when_the_store_is_opened_again", "test_two_who_share_a_store_see_the_same")
