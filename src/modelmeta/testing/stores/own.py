"""What users know themselves: notes and results of their own, which no refresh touches."""
# ruff: noqa: S101  # tests assert, and what they expect is a literal

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING

import attrs
import pytest

from ...records.refs import ModelRef
from .samples import HOSTILE, NOON, commit, note, result, samples

if TYPE_CHECKING:
    from ...stores.store import Store

__all__ = ["Own"]

_LATER = NOON + timedelta(hours=1)
_PLACES = ("a-x/m", "a/m", "a/M", "a/é", "a/\uffff", "a/\U0001f995", "a/b/c", "a b/m")
_SCORES = ("0", "1.50", "1E+3", "0.1000000000000000055511151231257827", "123456789012345678901234567890.5", "1E-30", "-7")


class Own:
    """What ``put``, ``discard``, ``notes`` and ``benchmarks`` promise."""

    def test_a_note_comes_back_as_it_was(self, store: Store) -> None:
        """With its time to the microsecond."""
        store.put(note(name="mine", text="fast"))
        assert store.notes(None) == (note(name="mine", text="fast"),)
        assert store.notes(None)[0].written_at.utcoffset() == timedelta()

    def test_a_note_is_replaced_by_one_of_the_same_model_and_name(self, store: Store) -> None:
        """And by no other."""
        kept = [note(name="a"), note(name="b"), note("acme/glider", "a")]
        again = attrs.evolve(kept[0], text="slow", written_at=_LATER)
        for each in (*kept, again):
            store.put(each)
        assert store.notes(None) == (kept[2], again, kept[1])

    def test_notes_are_read_of_one_model_or_of_all(self, store: Store) -> None:
        """A model of which there are none has none."""
        kept = [note("acme/glider"), note("acme/rocket")]
        for each in kept:
            store.put(each)
        assert [store.notes(each.ref) for each in kept] == [(kept[0],), (kept[1],)]
        assert store.notes(ModelRef("acme", "kite")) == ()

    def test_notes_are_ordered_by_model_and_name(self, store: Store) -> None:
        """By their texts, in the order of code points."""
        for model in reversed(_PLACES):
            for name in ("b", "a", "B", ""):
                store.put(note(model, name))
        told = [(str(each.ref), each.name) for each in store.notes(None)]
        assert told == sorted((model, name) for model in set(_PLACES) for name in ("", "B", "a", "b"))

    def test_a_note_says_anything(self, store: Store) -> None:
        """So does its name."""
        for text in HOSTILE:
            store.put(note(name=text, text=text))
            assert store.notes(None) == (note(name=text, text=text),), ascii(text)
            assert store.discard(note(name=text)) is True

    def test_no_two_names_are_taken_for_one(self, store: Store) -> None:
        """However alike they look."""
        kept = [note(f"acme/-{text}", text, text) for text in HOSTILE]
        for each in kept:
            store.put(each)
            store.put(note(name=each.name))
        for each in kept:
            assert store.notes(each.ref) == (each,), ascii(each.name)
        assert [each.name for each in store.notes(ModelRef("acme", "rocket"))] == sorted(HOSTILE)

    def test_a_note_is_forgotten_by_its_model_and_name(self, store: Store) -> None:
        """Whatever it says. Who asks again is told that it is not there."""
        store.put(note(name="a"))
        store.put(note(name="b"))
        assert store.discard(note("acme/glider", "a")) is False
        forgotten = attrs.evolve(note(name="a"), text="", written_at=_LATER)
        assert [store.discard(forgotten), store.discard(forgotten)] == [True, False]
        assert store.notes(None) == (note(name="b"),)

    def test_a_result_comes_back_as_it_was(self, store: Store) -> None:
        """Each of its facts, set or not."""
        words = {name: f"its {name}" for name in ("metric", "harness", "variant", "dataset", "version", "source")}
        every, bare = result(name="every", **words, date="2026-11"), result(name="bare")
        for each in (every, bare):
            store.put(each)
        assert store.benchmarks(None) == (bare, every)
        assert store.benchmarks(None)[0].written_at.utcoffset() == timedelta()

    @pytest.mark.parametrize("score", _SCORES)
    def test_a_number_keeps_all_its_digits(self, store: Store, score: str) -> None:
        """It is a number, and a text that looks like it is a text."""
        for each in (result(name="number", score=Decimal(score)), result(name="text", score=score)):
            store.put(each)
        kept = [each.benchmark.score for each in store.benchmarks(None)]
        assert list(map(repr, kept)) == [repr(Decimal(score)), repr(score)]

    @pytest.mark.parametrize("date", ["2026", "2026-11", "2026-11-24", "2025-02-31", "soon", ""])
    def test_a_date_is_as_exact_as_it_was(self, store: Store, date: str) -> None:
        """And as impossible."""
        store.put(result(date=date))
        assert store.benchmarks(None) == (result(date=date),)

    def test_a_result_is_replaced_by_one_of_the_same_key(self, store: Store) -> None:
        """The key is model, name, metric, variant, harness and version; each tells results apart."""
        keys = [{}, *({key: "x"} for key in ("version", "harness", "variant", "metric")), {"name": "rally"}]
        for key in keys:
            store.put(result(**key))
        store.put(result("acme/glider"))
        again = [attrs.evolve(result(score="fast", dataset="d", source="s", date="2026", **key), written_at=_LATER) for key in keys]
        for each in again:
            store.put(each)
        assert store.benchmarks(None) == (result("acme/glider"), *again)

    def test_nothing_and_the_empty_text_are_one_key(self, store: Store) -> None:
        """What was put last is kept, as it was put."""
        for variant, metric in (("", None), (None, ""), (None, None), ("", "")):
            store.put(result(variant=variant, metric=metric, dataset=variant, source=metric))
            assert store.benchmarks(None) == (result(variant=variant, metric=metric, dataset=variant, source=metric),)

    def test_results_are_read_of_one_model_or_of_all(self, store: Store) -> None:
        """A model of which there are none has none."""
        kept = [result("acme/glider"), result("acme/rocket")]
        for each in kept:
            store.put(each)
        assert [store.benchmarks(each.ref) for each in kept] == [(kept[0],), (kept[1],)]
        assert store.benchmarks(ModelRef("acme", "kite")) == ()

    def test_results_are_ordered_by_model_and_key(self, store: Store) -> None:
        """By their texts, in the order of code points, nothing as the empty text."""
        words = (None, "B", "a", "\U0001f995")
        for model in reversed(_PLACES[:3]):
            for metric, variant in permutations(words, 2):
                store.put(result(model, metric=metric, variant=variant))
        told = [(str(own.ref), *(word or "" for word in own.key)) for own in store.benchmarks(None)]
        assert len(told) == 3 * 12  # models, pairs of words
        assert told == sorted(told)

    def test_a_result_says_anything(self, store: Store) -> None:
        """In every field."""
        for text in HOSTILE:
            words = dict.fromkeys(("metric", "harness", "variant", "dataset", "version", "source", "date"), text)
            hostile = result(f"{text.replace('/', '') or 'acme'}/{text or 'rocket'}", text, text, **words)
            store.put(hostile)
            assert store.benchmarks(hostile.ref) == store.benchmarks(None) == (hostile,), ascii(text)
            assert store.discard(hostile) is True
        assert store.benchmarks(None) == ()

    def test_a_result_is_forgotten_by_its_key(self, store: Store) -> None:
        """Whatever its score. Who asks again is told that it is not there."""
        store.put(result(variant="a"))
        store.put(result())
        forgotten = result(variant="a", score="unknown")
        assert [store.discard(forgotten), store.discard(forgotten)] == [True, False]
        assert store.benchmarks(None) == (result(),)

    def test_a_note_is_no_result(self, store: Store) -> None:
        """Neither replaces the other, nor is forgotten with it."""
        store.put(note(name="race"))
        store.put(result(name="race"))
        assert (store.notes(None), store.benchmarks(None)) == ((note(name="race"),), (result(name="race"),))
        store.discard(note(name="race"))
        assert store.benchmarks(None) == (result(name="race"),)

    def test_what_users_know_survives_everything_else(self, store: Store) -> None:
        """Commits that take the model away, and pruning."""
        one, _, three = samples()[:3]
        commit(store, one)
        kept = [note("acme/glider"), note("nobody/nothing")]
        store.put(result("acme/glider"))
        for each in kept:
            store.put(each)
        commit(store, three, one)
        store.prune(2)
        assert store.notes(None) == tuple(kept)
        assert store.benchmarks(None) == (result("acme/glider"),)
