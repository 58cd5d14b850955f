"""What users know themselves, kept beside the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import QueryError
from ..records.lab import Benchmark
from ..records.own import Note, OwnBenchmark
from .subscriptions import as_ref

if TYPE_CHECKING:
    from ..records.refs import ModelRef
    from .world import World

__all__ = ["Own"]


class Own:
    """The notes and results of a registry's users. Every method may block."""

    def __init__(self, world: World) -> None:
        self._world = world

    def put_note(self, ref: str | ModelRef, text: str, name: str) -> Note:
        """Keep a note on a model that is in the catalog, in place of the one of this *name*."""
        for criterion, value in {"text": text, "name": name}.items():
            if not isinstance(value, str):
                message = f"the {criterion} of a note is text, not {value!r:.100}"
                raise QueryError(message, criterion=criterion, value=value)
        note = Note(ref=self._known(ref), name=name, text=text, written_at=self._world.now())
        self._world.store.put(note)
        return note

    def notes(self, ref: str | ModelRef | None) -> tuple[Note, ...]:
        """Return the notes on one model, or on all."""
        return self._world.store.notes(None if ref is None else as_ref(ref))

    def delete_note(self, ref: str | ModelRef, name: str) -> bool:
        """Forget a note; return whether there was one."""
        return self._world.store.discard(Note(ref=as_ref(ref), name=name, text="", written_at=self._world.now()))

    def put_benchmark(self, ref: str | ModelRef, benchmark: Benchmark) -> OwnBenchmark:
        """Keep a result of a model that is in the catalog, in place of the one that compares with it."""
        own = self._own(self._known(ref), benchmark)
        self._world.store.put(own)
        return own

    def benchmarks(self, ref: str | ModelRef | None) -> tuple[OwnBenchmark, ...]:
        """Return the results of one model, or of all."""
        return self._world.store.benchmarks(None if ref is None else as_ref(ref))

    def delete_benchmark(self, ref: str | ModelRef, benchmark: Benchmark) -> bool:
        """Forget the result of the same name, metric, variant, harness and version; return whether there was one."""
        return self._world.store.discard(self._own(as_ref(ref), benchmark))

    def _own(self, ref: ModelRef, benchmark: Benchmark) -> OwnBenchmark:
        if not isinstance(benchmark, Benchmark):
            message = f"a result is a Benchmark(name=…, score=…), not {benchmark!r:.100}"
            raise QueryError(message, criterion="benchmark", value=benchmark)
        return OwnBenchmark(ref=ref, benchmark=benchmark, written_at=self._world.now())

    def _known(self, ref: str | ModelRef) -> ModelRef:
        return self._world.head().read.get(ref).ref
