"""A store of your own, one file that many processes share: ``python examples/custom_store.py``."""

from __future__ import annotations

import fcntl  # on Windows: msvcrt.locking
import json
import pickle
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event

import attrs

from modelmeta import Entry, Fact, ModelRef, Note, OwnBenchmark, Part, Refresh, Registry, Revision, StoreError, Version


@attrs.define
class Content:
    """What stands in the file."""

    revisions: list[Revision] = attrs.Factory(list)
    snapshot: bytes = b""
    versions: dict[tuple[Part, str], list[Version]] = attrs.Factory(dict)
    held: tuple[Revision, bytes] | None = None
    lease: tuple[str, float] = ("", 0.0)
    refreshes: dict[str, Refresh] = attrs.Factory(dict)
    own: dict[tuple[str, ...], Note | OwnBenchmark] = attrs.Factory(dict)
    entries: dict[str, dict[str, str]] = attrs.Factory(dict)
    ledger: dict[str, Entry] = attrs.Factory(dict)
    booked: int = 0

    @property
    def head(self) -> Revision | None:
        """The newest revision."""
        return self.revisions[-1] if self.revisions else None

    @property
    def id(self) -> str | None:
        """What the newest revision is called."""
        return self.head.id if self.head else None

    @property
    def holder(self) -> str:
        """Who refreshes."""
        holder, until = self.lease
        return holder if time.time() < until else ""

    def marked(self, run: Refresh) -> Refresh:
        """Return *run*, which has crashed where it says that it runs and another, or nobody, refreshes."""
        return attrs.evolve(run, outcome="crashed") if run.outcome == "running" and run.id != self.holder else run


class FileStore:
    """Keeps everything in one file, which is read when it has changed and replaced whole; what has these methods is a store.

    It is a pickle: whoever may write it may run code in the processes that read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, ...] | None, Content] = (None, Content())
        self._holders: set[str] = set()
        self._closed = Event()

    @contextmanager
    def _content(self) -> Iterator[Content]:
        """Lock the file, and read it if it has changed. What fails in between is forgotten, unless it was written."""
        try:
            with self.path.with_suffix(".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # of one file opened twice: it keeps out other threads too
                version, content = self._read
                if version != (version := self._version()):
                    content = Content(**pickle.loads(self.path.read_bytes())) if version else Content()  # noqa: S301  # our own file
                self._read = (None, content)
                yield content
                self._read = (self._version(), content)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            message = f"{self.path} cannot be read or written: {error}"
            raise StoreError(message, store=str(self.path)) from error

    def _write(self, content: Content) -> None:
        new = self.path.with_suffix(".new")
        new.write_bytes(pickle.dumps(attrs.asdict(content, recurse=False)))
        new.replace(self.path)

    def _version(self) -> tuple[int, ...]:
        """Return what changes whenever the file is replaced; nothing where there is none."""
        if not self.path.exists():
            return ()
        now = self.path.stat()
        return (now.st_ino, now.st_mtime_ns, now.st_size)

    def lease(self, holder: str, seconds: float) -> bool:
        """Let one at a time refresh."""
        with self._content() as content:
            if content.holder not in {"", holder}:
                return False
            content.lease = (holder, time.time() + seconds)
            content.refreshes = {run.id: content.marked(run) for run in content.refreshes.values()}
            self._holders.add(holder)
            self._write(content)
            return True

    def release(self, holder: str) -> None:
        """Let others refresh."""
        self._holders.discard(holder)
        with self._content() as content:
            if content.lease[0] == holder:
                content.lease = ("", 0.0)
                self._write(content)

    def head(self) -> Revision | None:
        """Return the newest revision."""
        with self._content() as content:
            return content.head

    def load(self) -> tuple[Revision, bytes] | None:
        """Return it with its snapshot."""
        with self._content() as content:
            return (content.head, content.snapshot) if content.head else None

    def commit(self, revision: Revision, data: bytes, facts: Sequence[Fact], *, base: str | None) -> bool:
        """Replace it, if it is still *base*."""
        with self._content() as content:
            if content.id != base:
                return False
            for fact in facts:
                versions = content.versions.setdefault((fact.part, fact.key), [])
                if versions and versions[-1].until is None:
                    versions[-1] = attrs.evolve(versions[-1], until=revision.number)
                if fact.raw is not None:
                    versions.append(Version(fact.part, fact.key, fact.raw, revision.number))
            content.revisions.append(revision)
            content.snapshot, content.held = data, None
            self._write(content)
            return True

    def confirm(self, revision: Revision) -> None:
        """Note that a source still has the newest facts."""
        with self._content() as content:
            if content.id == revision.id:
                told = {"validators": revision.validators, "confirmed_at": revision.confirmed_at}
                content.revisions[-1] = attrs.evolve(content.revisions[-1], **told)  # type: ignore[arg-type]  # of two types
                self._write(content)

    def revisions(self) -> tuple[Revision, ...]:
        """Return all revisions, newest first."""
        with self._content() as content:
            return tuple(reversed(content.revisions))

    def versions(self, part: Part, key: str) -> tuple[Version, ...]:
        """Return the history of one piece."""
        with self._content() as content:
            return tuple(content.versions.get((part, key), ()))

    def changes(self, after: int, upto: int) -> tuple[Version, ...]:
        """Return what began or ended between two revisions."""
        with self._content() as content:
            every = (version for _, versions in sorted(content.versions.items()) for version in versions)
            return tuple(version for version in every if any(after < number <= upto for number in (version.since, version.until) if number))

    def prune(self, number: int) -> int:
        """Forget what is older than one revision."""
        with self._content() as content:
            kept = [revision for revision in content.revisions if revision.number >= number] or content.revisions[-1:]
            gone = len(content.revisions) - len(kept)
            content.revisions = kept
            for oldest in kept[:1]:
                content.refreshes = {run.id: run for run in content.refreshes.values() if run.started_at >= oldest.committed_at}
                for key, versions in content.versions.items():
                    content.versions[key] = [version for version in versions if version.until is None or version.until > oldest.number]
            self._write(content)
            return gone

    def hold(self, revision: Revision | None, data: bytes = b"") -> None:
        """Put a revision aside."""
        with self._content() as content:
            content.held = (revision, data) if revision else None
            self._write(content)

    def held(self) -> tuple[Revision, bytes] | None:
        """Return what was put aside."""
        with self._content() as content:
            return content.held

    def record(self, refresh: Refresh) -> None:
        """Keep how a run goes."""
        with self._content() as content:
            content.refreshes[refresh.id] = refresh
            self._write(content)

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first."""
        with self._content() as content:
            return tuple(map(content.marked, [*reversed(content.refreshes.values())][:limit]))

    def put(self, own: Note | OwnBenchmark) -> None:
        """Keep what a user knows."""
        with self._content() as content:
            content.own[_key(own)] = own
            self._write(content)

    def discard(self, own: Note | OwnBenchmark) -> bool:
        """Forget it."""
        with self._content() as content:
            known = content.own.pop(_key(own), None) is not None
            self._write(content)
            return known

    def notes(self, ref: ModelRef | None) -> tuple[Note, ...]:
        """Return the user's notes."""
        return tuple(own for own in self._own(ref) if isinstance(own, Note))

    def benchmarks(self, ref: ModelRef | None) -> tuple[OwnBenchmark, ...]:
        """Return the user's results."""
        return tuple(own for own in self._own(ref) if isinstance(own, OwnBenchmark))

    def _own(self, ref: ModelRef | None) -> list[Note | OwnBenchmark]:
        with self._content() as content:
            return [own for _, own in sorted(content.own.items()) if ref in {None, own.ref}]

    def kinds(self) -> tuple[str, ...]:
        """Return of which kinds there are small texts."""
        with self._content() as content:
            return tuple(sorted(kind for kind, texts in content.entries.items() if texts))

    def entries(self, kind: str) -> dict[str, str]:
        """Return the small texts of one kind."""
        with self._content() as content:
            return dict(sorted(content.entries.get(kind, {}).items()))

    def swap(self, kind: str, key: str, old: str | None, new: str | None) -> bool:
        """Replace a small text, if it is still *old*."""
        with self._content() as content:
            texts = content.entries.setdefault(kind, {})
            if texts.get(key) != old:
                return False
            texts.pop(key, None)
            if new is not None:
                texts[key] = new
            self._write(content)
            return True

    def book(self, entries: Sequence[Entry]) -> None:
        """Keep entries of the ledger that are new."""
        with self._content() as content:
            for entry in entries:
                if entry.id not in content.ledger:
                    content.booked += 1
                    content.ledger[entry.id] = attrs.evolve(entry, number=content.booked)
            self._write(content)

    def booked(self, after: int, limit: int, since: datetime | None = None, until: datetime | None = None) -> tuple[Entry, ...]:
        """Return those after a number, of some time."""
        with self._content() as content:
            later = [entry for entry in content.ledger.values() if (entry.number or 0) > after]
            return tuple(entry for entry in later if (since is None or since <= entry.at) and (until is None or entry.at < until))[:limit]

    def unbook(self, before: datetime) -> int:
        """Forget those of before a time."""
        with self._content() as content:
            kept = {name: entry for name, entry in content.ledger.items() if entry.at >= before}
            gone = len(content.ledger) - len(kept)
            content.ledger = kept
            self._write(content)
            return gone

    def wait(self, known: str | None, seconds: float) -> bool:
        """Look at the file now and then until the newest revision is another."""
        end = time.monotonic() + seconds
        while self._id() == known and (left := end - time.monotonic()) > 0 and not self._closed.wait(min(left, 0.2)):
            pass
        return self._id() != known

    def _id(self) -> str | None:
        with self._content() as content:
            return content.id

    def close(self) -> None:
        """Wake who waits, and let others refresh."""
        self._closed.set()
        for holder in [*self._holders]:
            self.release(holder)


def _key(own: Note | OwnBenchmark) -> tuple[str, ...]:
    words = (own.name,) if isinstance(own, Note) else (word or "" for word in own.key)
    return (type(own).__name__, str(own.ref), *words)


def publish(path: Path, price: float) -> None:
    """Write a document in models.dev's own form: providers by id, each with its models."""
    rocket = {"id": "rocket-1", "name": "Rocket 1", "cost": {"input": price, "output": 3 * price}}
    path.write_text(json.dumps({"acme": {"id": "acme", "name": "Acme", "models": {"rocket-1": rocket}}}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        document, kept = Path(folder, "acme.json"), Path(folder, "catalog")

        for price in (2, 1.5):
            publish(document, price)
            with closing(FileStore(kept)) as store, Registry(store=store, source=document, enabled=False) as registry:
                print(registry.refresh())

        with closing(FileStore(kept)) as store, Registry(store=store, source=()) as registry:
            print(registry.get("acme/rocket-1").cost)
            for change in registry.history("acme/rocket-1"):
                print(f"  {change.revision}:", f"{change.path} {change.before} -> {change.after}" if change.path else change.kind)
            for run in registry.refreshes():
                print(f"  {run.started_at:%Y-%m-%d %H:%M} {run.outcome}")
