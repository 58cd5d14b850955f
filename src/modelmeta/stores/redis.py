"""A store in Redis: what many processes and machines share.

What is read and then written is watched meanwhile, and all of it is written at once: a transaction is done, or nothing of it, or it begins again.
"""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .._forks import watch_forks
from ..errors import SettingsError, StoreError, StoreUnavailableError
from ..records.facts import Version
from ..records.own import Note, OwnBenchmark
from .redis_lease import RedisLease
from .redis_server import FORMAT, Keys, RedisServer, from_bytes, get_fields, set_fields, to_bytes
from .store import place_of
from .written import read_benchmarks, read_entry, read_notes, read_refresh, read_revision, write

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ..records.facts import Fact, Part
    from ..records.ledger import Entry
    from ..records.refs import ModelRef
    from .store import Refresh, Revision

__all__ = ["RedisStore"]

Own = TypeVar("Own", Note, OwnBenchmark)

_TIMEOUT = 10.0
_SLICE = 0.5
"""So long a thread waits for news at a time, and may not notice that the store was closed."""
_AT_ONCE = 1_000
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RedisStore:
    """Keeps revisions in Redis, for every process that reaches it.

    It needs redis-py, and connects when it is first used. A process that dies loses the lease within five seconds.

    Args:
        url: ``redis://``, ``rediss://`` (TLS) or ``unix://``, with the options of redis-py.
        prefix: what its keys begin with. Stores with different prefixes know nothing of each other.

    Raises:
        MissingExtraError: redis-py is not installed.
        SettingsError: *url* is no address of Redis, or *prefix* none for its keys.
    """

    def __init__(self, url: str, *, prefix: str = "modelmeta") -> None:
        if not prefix or set("{}") & set(prefix):
            message = f"the prefix of a store in Redis is a text without braces, not {prefix!r:.100}"
            raise SettingsError(message, key="prefix")
        self._keys = Keys.of(prefix)
        self._server = RedisServer(url, self._keys.head)
        self.name: str = self._server.name
        self._lease = RedisLease(self._server, self._keys)
        self._closed = Event()
        watch_forks(self)

    def lease(self, holder: str, seconds: float) -> bool:
        """Let *holder* be the one who refreshes, for at most *seconds*; return whether it is."""
        return self._lease.take(holder, seconds)

    def release(self, holder: str) -> None:
        """Let others refresh, if *holder* is the one who does."""
        self._lease.release(holder)

    def head(self) -> Revision | None:
        """Return the newest revision, None where there is none yet."""
        with self._server.client() as redis:
            revision = redis.hget(self._keys.head, "revision")
        return None if revision is None else read_revision(revision)

    def load(self) -> tuple[Revision, bytes] | None:
        """Return the newest revision and the snapshot that holds its facts."""
        return self._pair(self._keys.head)

    def commit(self, revision: Revision, data: bytes, facts: Sequence[Fact], *, base: str | None) -> bool:
        """Make *revision* the newest if the newest is *base*, by id; return whether it was. What was held is dropped."""
        number, written = revision.number, write(revision)
        raws = {to_bytes(f"{fact.part}:{fact.key}"): fact.raw for fact in facts}
        standing = {_at(number, piece): to_bytes(raw) for piece, raw in raws.items() if raw is not None}

        def steps(pipe: Any) -> bool:
            if self._newest(pipe) != base:
                return False
            known = [None] * len(raws) if base is None else get_fields(pipe, self._keys.pieces, raws)
            changes = [
                (b"%b %d" % (numbers or b"", number if raws[piece] is not None else -number)).lstrip()
                for piece, numbers in zip(raws, known, strict=True)
            ]
            pipe.multi()
            if base is None:  # Redis may have evicted the head and not the rest
                pipe.delete(self._keys.revisions, self._keys.pieces, self._keys.raw, self._keys.changed)
            set_fields(pipe, self._keys.pieces, dict(zip(raws, changes, strict=True)))
            set_fields(pipe, self._keys.raw, standing)
            if raws:
                pipe.zadd(self._keys.changed, {_at(number, piece): number for piece in raws})
            pipe.hset(self._keys.revisions, number, written)
            pipe.hset(self._keys.head, mapping={"format": FORMAT, "id": to_bytes(revision.id), "revision": written, "snapshot": data})
            pipe.delete(self._keys.held)
            pipe.publish(self._keys.news, to_bytes(revision.id))
            return True

        try:
            return self._server.transaction(steps, self._keys.head, self._keys.pieces)
        except StoreUnavailableError:
            with self._server.client() as redis:
                if self._newest(redis) == revision.id:  # it was the answer that did not arrive
                    return True
            raise

    def confirm(self, revision: Revision) -> None:
        """Keep the validators and the ``confirmed_at`` of *revision*, if it is still the newest."""

        def steps(pipe: Any) -> None:
            newest, written = pipe.hmget(self._keys.head, "id", "revision")
            if newest == to_bytes(revision.id):
                confirmed = write(attrs.evolve(read_revision(written), validators=revision.validators, confirmed_at=revision.confirmed_at))
                pipe.multi()
                pipe.hset(self._keys.head, "revision", confirmed)
                pipe.hset(self._keys.revisions, revision.number, confirmed)

        self._server.transaction(steps, self._keys.head)

    def revisions(self) -> tuple[Revision, ...]:
        """Return all revisions that are kept, newest first."""
        with self._server.client() as redis:
            kept = redis.hvals(self._keys.revisions)
        return tuple(sorted(map(read_revision, kept), key=lambda revision: revision.number, reverse=True))

    def versions(self, part: Part, key: str) -> tuple[Version, ...]:
        """Return every version of one piece, oldest first."""
        return self._versions(lambda _: [to_bytes(f"{part}:{key}")], lambda _since, _until: True)

    def changes(self, after: int, upto: int) -> tuple[Version, ...]:
        """Return every version that began or ended in a revision *n* with *after* < *n* <= *upto*."""

        def is_told(since: int, until: int | None) -> bool:
            return after < since <= upto or (until is not None and after < until <= upto)

        return self._versions(lambda pipe: self._changed(f"({after}", upto, pipe), is_told)

    def _changed(self, after: str, upto: int, pipe: Any) -> list[bytes]:
        """Return the pieces that changed in some revisions, in order of part and key."""
        return sorted({name.partition(b":")[2] for name in pipe.zrangebyscore(self._keys.changed, after, upto)})

    def _versions(self, find: Callable[[Any], list[bytes]], is_told: Callable[[int, int | None], bool]) -> tuple[Version, ...]:
        """Return the versions of some pieces, as far as they are told of."""

        def steps(pipe: Any) -> list[tuple[tuple[bytes, int, int | None], bytes | None]]:
            pieces = find(pipe)
            spans = [
                (piece, since, until)
                for piece, numbers in zip(pieces, map(_numbers, get_fields(pipe, self._keys.pieces, pieces)), strict=True)
                for since, until in _spans(numbers)
                if since > 0 and is_told(since, until)
            ]
            return list(zip(spans, get_fields(pipe, self._keys.raw, [_at(since, piece) for piece, since, _ in spans]), strict=True))

        versions = []
        for (piece, since, until), raw in self._server.transaction(steps, self._keys.pieces):
            if raw is None:
                message = f"{self.name} has lost part of its history: Redis evicts keys, which maxmemory-policy noeviction would forbid"
                raise StoreError(message, store=self.name)
            part, key = from_bytes(piece).split(":", 1)
            versions.append(Version(part, key, from_bytes(raw), since, until))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # it was a part when it was written
        return tuple(versions)

    def prune(self, number: int) -> int:
        """Forget all revisions before *number*, what stood only in them, and older runs; return how many revisions that were."""

        def steps(pipe: Any) -> int:
            revisions = {int(each): written for each, written in pipe.hgetall(self._keys.revisions).items()}
            if not revisions:
                return 0
            first = min((each for each in revisions if each >= number), default=max(revisions))
            gone = [each for each in revisions if each < first]
            pieces = self._changed("-inf", first, pipe)
            known = dict(zip(pieces, map(_numbers, get_fields(pipe, self._keys.pieces, pieces)), strict=True))
            standing = {piece: _standing(numbers, first) for piece, numbers in known.items()}
            fallen = [_at(abs(each), piece) for piece, numbers in known.items() for each in numbers if each not in standing[piece]]
            began = read_revision(revisions[first]).committed_at
            runs = pipe.zrangebyscore(self._keys.runs, "-inf", f"({_microseconds(began)}")
            pipe.multi()
            for drop, key, fields in (
                (pipe.hdel, self._keys.revisions, gone),
                (pipe.hdel, self._keys.raw, fallen),
                (pipe.zrem, self._keys.changed, fallen),
                (pipe.hdel, self._keys.pieces, [piece for piece in pieces if not standing[piece]]),
                (pipe.hdel, self._keys.refreshes, runs),
                (pipe.zrem, self._keys.runs, runs),
                (pipe.srem, self._keys.running, runs),
            ):
                if fields:
                    drop(key, *fields)
            set_fields(pipe, self._keys.pieces, {piece: " ".join(map(str, numbers)) for piece, numbers in standing.items() if numbers})
            return len(gone)

        return self._server.transaction(steps, self._keys.revisions, self._keys.pieces)

    def hold(self, revision: Revision | None, data: bytes = b"") -> None:
        """Keep *revision* aside until somebody accepts it, instead of any that was; None drops that."""
        with self._server.client() as redis:
            if revision is None:
                redis.delete(self._keys.held)
            else:
                redis.hset(self._keys.held, mapping={"revision": write(revision), "snapshot": data})

    def held(self) -> tuple[Revision, bytes] | None:
        """Return the revision kept aside and its snapshot."""
        return self._pair(self._keys.held)

    def _pair(self, key: bytes) -> tuple[Revision, bytes] | None:
        with self._server.client() as redis:
            revision, snapshot = redis.hmget(key, "revision", "snapshot")
        return None if revision is None else (read_revision(revision), snapshot)

    def record(self, refresh: Refresh) -> None:
        """Keep *refresh*, in place of what was kept under its id."""
        run = to_bytes(refresh.id)
        with self._server.client() as redis, redis.pipeline() as pipe:
            pipe.hset(self._keys.refreshes, run, write(refresh))
            pipe.zadd(self._keys.runs, {run: _microseconds(refresh.started_at)})
            (pipe.sadd if refresh.outcome == "running" else pipe.srem)(self._keys.running, run)
            pipe.execute()

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first, at most *limit*."""
        if limit < 1:
            return ()
        with self._server.client() as redis:
            runs = redis.zrange(self._keys.runs, 0, limit - 1, desc=True)
            # in this order, lest a run that begins or ends meanwhile is taken for a crashed one
            with redis.pipeline(transaction=False) as pipe:
                pipe.get(self._keys.lease)
                pipe.smembers(self._keys.running)
                get_fields(pipe, self._keys.refreshes, runs)
                holder, running, *kept = pipe.execute()
        alive = running & {holder}
        return tuple(_marked(read_refresh(run), alive) for run in chain(*kept) if run is not None)

    def put(self, own: Note | OwnBenchmark) -> None:
        """Keep what a user knows, in place of what was kept under the same key."""
        self._replace(own, [own])

    def discard(self, own: Note | OwnBenchmark) -> bool:
        """Forget what is kept under the same key; return whether there was anything."""
        return self._replace(own, [])

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of which there are entries, in order."""
        with self._server.client() as redis:
            kept = redis.hkeys(self._keys.entries)
        return tuple(sorted({from_bytes(place).partition(":")[0] for place in kept}))

    def entries(self, kind: str) -> dict[str, str]:
        """Return the small texts that are kept as *kind*, by key."""
        kept = self._server.transaction(lambda pipe: pipe.hgetall(self._keys.entries), self._keys.entries)
        found = {from_bytes(place): from_bytes(value) for place, value in kept.items()}
        return {place.removeprefix(f"{kind}:"): found[place] for place in sorted(found) if place.startswith(f"{kind}:")}

    def swap(self, kind: str, key: str, old: str | None, new: str | None) -> bool:
        """Keep *new* as *kind* under *key* if *old* is there (None: nothing), at once for all processes; return whether it was."""
        place = to_bytes(f"{kind}:{key}")

        def steps(pipe: Any) -> bool:
            kept = pipe.hget(self._keys.entries, place)
            if (None if kept is None else from_bytes(kept)) != old:
                return False
            pipe.multi()
            if new is None:
                pipe.hdel(self._keys.entries, place)
            else:
                pipe.hset(self._keys.entries, place, to_bytes(new))
            return True

        return self._server.transaction(steps, self._keys.entries)

    def _replace(self, own: Note | OwnBenchmark, new: list[Any]) -> bool:
        """Keep *new* instead of what is kept under the key of *own*; return whether there was anything."""
        key, read = (self._keys.notes, read_notes) if isinstance(own, Note) else (self._keys.benchmarks, read_benchmarks)
        model = to_bytes(str(own.ref))

        def steps(pipe: Any) -> bool:
            written = pipe.hget(key, model)
            kept: list[Any] = [] if written is None else read(written)
            others = [other for other in kept if place_of(other) != place_of(own)]
            pipe.multi()
            if others or new:
                pipe.hset(key, model, write([*others, *new]))
            else:
                pipe.hdel(key, model)
            return len(others) < len(kept)

        return self._server.transaction(steps, key)

    def notes(self, ref: ModelRef | None) -> tuple[Note, ...]:
        """Return the notes on one model, or on all."""
        return self._kept(self._keys.notes, read_notes, ref)

    def benchmarks(self, ref: ModelRef | None) -> tuple[OwnBenchmark, ...]:
        """Return the user's own results for one model, or for all."""
        return self._kept(self._keys.benchmarks, read_benchmarks, ref)

    def _kept(self, key: bytes, read: Callable[[bytes], list[Own]], ref: ModelRef | None) -> tuple[Own, ...]:
        with self._server.client() as redis:
            kept = redis.hvals(key) if ref is None else redis.hmget(key, [to_bytes(str(ref))])
        return tuple(sorted((own for written in kept if written is not None for own in read(written)), key=place_of))

    def book(self, entries: Sequence[Entry]) -> None:
        """Keep *entries* of the ledger, in this order; one whose id is kept already stays as it is."""

        def steps(pipe: Any) -> None:
            ids = [to_bytes(entry.id) for entry in entries]
            known = get_fields(pipe, self._keys.ledger, ids)
            new = {each: entry for each, entry, kept in zip(ids, entries, known, strict=True) if kept is None}
            numbers = range(last := int(pipe.get(self._keys.number) or 0) + 1, last + len(new))
            numbered = {each: attrs.evolve(entry, number=number) for number, (each, entry) in zip(numbers, new.items(), strict=True)}
            pipe.multi()
            if numbered:
                set_fields(pipe, self._keys.ledger, {each: write(entry) for each, entry in numbered.items()})
                pipe.zadd(self._keys.booked, {each: entry.number for each, entry in numbered.items()})
                pipe.set(self._keys.number, numbers[-1])
            for entry in numbered.values():
                pipe.hsetnx(self._keys.days, _day(entry.at), entry.number)

        self._server.transaction(steps, self._keys.number)

    def booked(self, after: int, limit: int, since: datetime | None = None, until: datetime | None = None) -> tuple[Entry, ...]:
        """Return the entries with a number greater than *after*, and of these times, in order of numbers, at most *limit*."""
        found: list[Entry] = []
        with self._server.client() as redis:
            if since is not None:
                days = redis.hgetall(self._keys.days)
                firsts = [int(first) for day, first in days.items() if day >= _day(since)]
                if not firsts:
                    return ()
                after = max(after, min(firsts) - 1)
            while len(found) < limit and (ids := redis.zrangebyscore(self._keys.booked, f"({after}", "+inf", 0, limit, withscores=True)):
                after = int(ids[-1][1])
                read = (read_entry(kept) for kept in get_fields(redis, self._keys.ledger, [each for each, _ in ids]) if kept is not None)
                found += [entry for entry in read if (since is None or since <= entry.at) and (until is None or entry.at < until)]
        return tuple(found[:limit])

    def unbook(self, before: datetime) -> int:
        """Forget the entries of before that time; return how many those were."""
        ids: list[bytes] = []
        after = 0
        while entries := self.booked(after, _AT_ONCE, until=before):
            after = entries[-1].number or 0
            ids += [to_bytes(entry.id) for entry in entries]
        with self._server.client() as redis, redis.pipeline() as pipe:
            over = [day for day in redis.hkeys(self._keys.days) if day < _day(before)]
            for start in range(0, len(ids), _AT_ONCE):
                pipe.zrem(self._keys.booked, *ids[start : start + _AT_ONCE])
            for start in range(0, len(ids), _AT_ONCE):
                pipe.hdel(self._keys.ledger, *ids[start : start + _AT_ONCE])
            if over:
                pipe.hdel(self._keys.days, *over)
            return sum(pipe.execute()[: -(-len(ids) // _AT_ONCE)])

    def wait(self, known: str | None, seconds: float) -> bool:
        """Wait until the newest revision is another than *known*, by id, at most *seconds*; return whether it is."""
        until = time.monotonic() + seconds
        while (is_another := self._hear(known, until)) is None:
            pass
        return is_another

    def _hear(self, known: str | None, until: float) -> bool | None:
        """Wait until the newest revision is another than *known*; return whether it is, None where the connection broke."""
        from redis.exceptions import RedisError  # noqa: PLC0415  # redis-py is loaded when it is needed

        with self._server.client() as redis, closing(redis.pubsub()) as news:
            news.subscribe(self._keys.news)
            news.get_message(timeout=_TIMEOUT)  # the answer: nothing that is published from here on is missed
            is_over = False
            while self._newest(redis) == known:
                if is_over:
                    return False
                try:
                    is_over = not self._has_news(news, until)
                except RedisError:
                    return None
            return True

    def _has_news(self, news: Any, until: float) -> bool:
        while not self._closed.is_set() and (left := until - time.monotonic()) > 0:
            if news.get_message(timeout=min(left, _SLICE)) is not None:
                return True
        return False

    def forked(self) -> None:
        """Go on in a child process, with connections of its own. Who refreshes the parent's catalog does not refresh this one."""
        self._server.forked()
        self._lease.forked()

    def close(self) -> None:
        """Release the lease and the connections, and wake who waits."""
        self._closed.set()
        self._lease.close()
        self._server.close()

    def _newest(self, pipe: Any) -> str | None:
        newest = pipe.hget(self._keys.head, "id")
        return None if newest is None else from_bytes(newest)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.name}, keys {from_bytes(self._keys.head).removesuffix('head')}*>"


def _marked(run: Refresh, alive: Collection[bytes]) -> Refresh:
    """Return *run*, as crashed where it is said to be running and not *alive*."""
    return attrs.evolve(run, outcome="crashed") if run.outcome == "running" and to_bytes(run.id) not in alive else run


def _numbers(text: bytes | None) -> list[int]:
    return [] if text is None else list(map(int, text.split()))


def _spans(numbers: list[int]) -> Iterator[tuple[int, int | None]]:
    """Pair each change of a piece with the revision of the next."""
    return zip(numbers, [*map(abs, numbers[1:]), None], strict=False)


def _standing(numbers: list[int], first: int) -> list[int]:
    """Return what remains of the changes of a piece where only the revisions from *first* on do."""
    standing = [since for since, until in _spans(numbers) if until is None or until > first]
    return standing[1:] if standing and standing[0] < 0 else standing


def _at(number: int, piece: bytes) -> bytes:
    return b"%d:%b" % (number, piece)


def _day(moment: datetime) -> bytes:
    return moment.astimezone(UTC).date().isoformat().encode()


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
