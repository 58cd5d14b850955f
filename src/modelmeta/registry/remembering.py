"""What a registry remembers in its store: runs, revisions and what changed between them, what users know, what they used."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .facade import Facade

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import timedelta

    from ..catalog.catalog import Catalog
    from ..catalog.diff import Change, ChangeKind
    from ..records.lab import Benchmark
    from ..records.own import Note, OwnBenchmark
    from ..records.refs import ModelRef
    from ..stores.store import Refresh, Revision
    from .history import Moment
    from .ledger.ledger import AsyncLedger, Ledger

__all__ = ["AsyncRemembering", "Remembering"]

T = TypeVar("T")


class Remembering(Facade):
    """What a :class:`Registry` remembers. Every method asks the store, and waits for it."""

    def refreshes(self, *, limit: int = 20) -> tuple[Refresh, ...]:
        """Return the last runs of ``refresh``, newest first: how each ended, with what, how long it took. A process died in a ``crashed`` one."""
        return self._asked().store.refreshes(limit)

    def revisions(self) -> tuple[Revision, ...]:
        """Return every revision that the store keeps, oldest first."""
        return self.past().revisions()

    def as_of(self, when: Moment) -> Catalog:
        """Return the catalog as it was read at *when*, the same facts to the letter.

        Args:
            when: a revision, its id, or a time: a datetime (UTC where it does not say), a date (its end, UTC), or either as ISO 8601 text.

        Raises:
            RevisionNotFoundError: the store keeps no such revision, or none so old.
            QueryError: *when* is neither.
        """
        return self.past().as_of(when)

    def history(self, ref: str | ModelRef) -> tuple[Change, ...]:
        """Return what happened to one model, oldest first, each change with its ``revision`` and the time ``at`` which that was accepted.

        A model that is gone is asked for by its exact reference.

        Raises:
            ModelNotFoundError: neither the store nor the catalog knows it.
        """
        return self.history_of(ref)

    def changes(
        self, *, since: Moment | None = None, until: Moment | None = None, kinds: ChangeKind | Collection[ChangeKind] | None = None
    ) -> tuple[Change, ...]:
        """Return what happened to all models, oldest first.

        Args:
            since: only what was accepted after this revision or time; a date means its beginning, UTC.
            until: only what was accepted up to this revision or time; a date means its end.
            kinds: only changes of these kinds, as for ``subscribe``.

        Raises:
            RevisionNotFoundError: the store keeps no such revision.
            QueryError: a moment or a kind that is none.
        """
        return self.past().changes(since, until, kinds)

    def prune(self, *, keep: int | timedelta | str) -> int:
        """Forget old revisions, what stood only in them, and the runs of their time; return how many revisions that were.

        Args:
            keep: how many of the newest revisions to keep, or for how long: a timedelta, or text like ``"90d"``. The newest always stays.

        Raises:
            QueryError: *keep* is none of these.
        """
        return self.past().prune(keep)

    def put_note(self, ref: str | ModelRef, text: str, *, name: str = "") -> Note:
        """Keep a note on a model of the catalog, in place of the one of the same *name*. No refresh touches it.

        Raises:
            ModelNotFoundError: there is no such model.
        """
        return self._own().put_note(ref, text, name)

    def notes(self, ref: str | ModelRef | None = None) -> tuple[Note, ...]:
        """Return the notes on one model, by exact reference, or on all, ordered by model and name."""
        return self._own().notes(ref)

    def delete_note(self, ref: str | ModelRef, *, name: str = "") -> bool:
        """Forget the note of this *name*; return whether there was one."""
        return self._own().delete_note(ref, name)

    def put_benchmark(self, ref: str | ModelRef, benchmark: Benchmark) -> OwnBenchmark:
        """Keep a result of your own for a model of the catalog. No refresh touches it; the catalog's own results are beside it.

        It takes the place of the one with the same name, metric, variant, harness and version.

        Raises:
            ModelNotFoundError: there is no such model.
        """
        return self._own().put_benchmark(ref, benchmark)

    def own_benchmarks(self, ref: str | ModelRef | None = None) -> tuple[OwnBenchmark, ...]:
        """Return your own results for one model, by exact reference, or for all, ordered by model and name."""
        return self._own().benchmarks(ref)

    def delete_benchmark(self, ref: str | ModelRef, benchmark: Benchmark) -> bool:
        """Forget your result with the same name, metric, variant, harness and version; return whether there was one."""
        return self._own().delete_benchmark(ref, benchmark)

    @property
    def ledger(self) -> Ledger:
        """What was used, and what it cost at that moment, kept in the store; it begins when it is first asked for."""
        return self._kept_ledger()


class AsyncRemembering(Facade):
    """What an :class:`AsyncRegistry` remembers."""

    if TYPE_CHECKING:

        async def _ask(self, function: Callable[[], T]) -> T:
            """Return what *function* returns, which may wait for the store."""
            ...

    async def refreshes(self, *, limit: int = 20) -> tuple[Refresh, ...]:
        """As :meth:`Registry.refreshes`."""
        return await self._ask(lambda: self._asked().store.refreshes(limit))

    async def revisions(self) -> tuple[Revision, ...]:
        """As :meth:`Registry.revisions`."""
        return await self._ask(lambda: self.past().revisions())

    async def as_of(self, when: Moment) -> Catalog:
        """As :meth:`Registry.as_of`."""
        return await self._ask(lambda: self.past().as_of(when))

    async def history(self, ref: str | ModelRef) -> tuple[Change, ...]:
        """As :meth:`Registry.history`."""
        return await self._ask(lambda: self.history_of(ref))

    async def changes(
        self, *, since: Moment | None = None, until: Moment | None = None, kinds: ChangeKind | Collection[ChangeKind] | None = None
    ) -> tuple[Change, ...]:
        """As :meth:`Registry.changes`."""
        return await self._ask(lambda: self.past().changes(since, until, kinds))

    async def prune(self, *, keep: int | timedelta | str) -> int:
        """As :meth:`Registry.prune`."""
        return await self._ask(lambda: self.past().prune(keep))

    async def put_note(self, ref: str | ModelRef, text: str, *, name: str = "") -> Note:
        """As :meth:`Registry.put_note`."""
        return await self._ask(lambda: self._own().put_note(ref, text, name))

    async def notes(self, ref: str | ModelRef | None = None) -> tuple[Note, ...]:
        """As :meth:`Registry.notes`."""
        return await self._ask(lambda: self._own().notes(ref))

    async def delete_note(self, ref: str | ModelRef, *, name: str = "") -> bool:
        """As :meth:`Registry.delete_note`."""
        return await self._ask(lambda: self._own().delete_note(ref, name))

    async def put_benchmark(self, ref: str | ModelRef, benchmark: Benchmark) -> OwnBenchmark:
        """As :meth:`Registry.put_benchmark`."""
        return await self._ask(lambda: self._own().put_benchmark(ref, benchmark))

    async def own_benchmarks(self, ref: str | ModelRef | None = None) -> tuple[OwnBenchmark, ...]:
        """As :meth:`Registry.own_benchmarks`."""
        return await self._ask(lambda: self._own().benchmarks(ref))

    async def delete_benchmark(self, ref: str | ModelRef, benchmark: Benchmark) -> bool:
        """As :meth:`Registry.delete_benchmark`."""
        return await self._ask(lambda: self._own().delete_benchmark(ref, benchmark))

    @property
    def ledger(self) -> AsyncLedger:
        """As :attr:`Registry.ledger`."""
        from .ledger.ledger import AsyncLedger  # noqa: PLC0415  # few keep one

        return AsyncLedger(self._kept_ledger(), self._ask)
