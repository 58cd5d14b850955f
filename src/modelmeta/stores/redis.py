"""A store in Redis: what many processes and machines share.

Its keys, each after the prefix in braces, so that a cluster keeps them together:

==============  ==========  ==========================================================================================
``head``        hash        the newest revision: its ``id``, ``revision`` and ``snapshot``; the ``format`` of these keys
``revisions``   hash        every revision, by number
``pieces``      hash        by ``part:key``, the revisions in which a piece changed: ``1 7 -9``, negative where it went
``raw``         hash        by ``number:part:key``, what a piece was from that revision on
``changed``     sorted set  ``number:part:key``, by number
``held``        hash        the ``revision`` and ``snapshot`` that were put aside
``lease``       string      who refreshes; expires unless it is renewed
``refreshes``   hash        every run, by id
``runs``        sorted set  their ids by start, in microseconds
``running``     set         the ids of those that run, if their process lives
``notes``       hash        the notes on each model
``benchmarks``  hash        the user's results for each model
==============  ==========  ==========================================================================================

On the channel ``news`` the id of each new revision is published. Keys that are read to be written are watched meanwhile, and all are written at
once.
"""

from __future__ import annotations

import re
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .._forks import watch_forks
from ..errors import StoreError, StoreUnavailableError
from ..records.facts import Version
from ..records.own import Note, OwnBenchmark
from .written import read_benchmarks, read_notes, read_refresh, read_revision, write

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from ..records.facts import Fact, Part
    from ..records.refs import ModelRef
    from .store import Refresh, Revision

__all__ = ["RedisStore"]

Own = TypeVar("Own", Note, OwnBenchmark)
Answer = TypeVar("Answer")

_FORMAT = 1
_ADDRESS = re.compile(r"((?:rediss?|unix)://)(?:[^@/?#]*@)?((?:\[[^]@/?#]*\]|[^]@/?#:[]*)(?::\d+)?(?:/[^@?#]*)?)(?:\?[^@#]*)?")
_DATABASE = re.compile(r"[?&](db=\d+)")
_TIMEOUT = 10.0
_SLICE = 0.5
"""So long a thread waits for news at a time, and may not notice that the store was closed."""
_LIFETIME = 5.0
"""So long the lease of a process that died is respected."""
_RENEWAL = 1.5
_MILLISECOND = 0.001
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_LEASE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for _, run in ipairs(redis.call('SMEMBERS', KEYS[2])) do
    if run ~= ARGV[1] then redis.call('SREM', KEYS[2], run) end
end
return 1
"""
_EXPIRE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


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
        self._server = RedisServer(url, prefix)
        self.name = self._server.name
        self._leasing = Lock()
        self._lease = ("", 0.0)
        self._keeper: Thread | None = None
        self._closed = Event()
        watch_forks(self)

    def lease(self, holder: str, seconds: float) -> bool:
        """Let *holder* be the one who refreshes, for at most *seconds*; return whether it is."""
        until = time.monotonic() + seconds
        with self._leasing:
            with self._server.client() as redis:
                if not redis.eval(_LEASE, 2, self._server.key("lease"), self._server.key("running"), to_bytes(holder), _lifetime(seconds)):
                    return False
            self._lease = (holder, until)
            if seconds > _LIFETIME and self._keeper is None:
                self._keeper = Thread(target=self._keep, name="modelmeta-lease", daemon=True)
                self._keeper.start()
            return True

    def _keep(self) -> None:
        """Renew the lease until it is over."""
        while not self._closed.wait(_RENEWAL):
            with self._leasing, suppress(StoreError):
                holder, until = self._lease
                left = until - time.monotonic()
                if left <= 0 or not self._expire(holder, _lifetime(left)):
                    self._keeper = None
                    return

    def _expire(self, holder: str, milliseconds: int) -> bool:
        """Let the lease end in so many *milliseconds*; return whether *holder* had it."""
        with self._server.client() as redis:
            return bool(redis.eval(_EXPIRE, 1, self._server.key("lease"), to_bytes(holder), milliseconds))

    def release(self, holder: str) -> None:
        """Let others refresh, if *holder* is the one who does."""
        with self._leasing:
            if self._lease[0] == holder:
                self._lease = ("", 0.0)
            self._expire(holder, 0)

    def head(self) -> Revision | None:
        """Return the newest revision, None where there is none yet."""
        with self._server.client() as redis:
            revision = redis.hget(self._server.key("head"), "revision")
        return None if revision is None else read_revision(revision)

    def load(self) -> tuple[Revision, bytes] | None:
        """Return the newest revision and the snapshot that holds its facts."""
        return self._pair("head")

    def commit(self, revision: Revision, data: bytes, facts: Sequence[Fact], *, base: str | None) -> bool:
        """Make *revision* the newest if the newest is *base*, by id; return whether it was. What was held is dropped."""
        number, written = revision.number, write(revision)
        raws = {to_bytes(f"{fact.part}:{fact.key}"): fact.raw for fact in facts}
        standing = {_at(number, piece): to_bytes(raw) for piece, raw in raws.items() if raw is not None}

        def steps(pipe: Any) -> bool:
            if self._newest(pipe) != base:
                return False
            known = [None] * len(raws) if base is None else self._server.values("pieces", raws, pipe)
            changes = [
                b"%b %d" % (numbers or b"", number if raws[piece] is not None else -number)
                for piece, numbers in zip(raws, known, strict=True)
            ]
            pipe.multi()
            if base is None:  # Redis may have evicted the head and not the rest
                pipe.delete(*map(self._server.key, ("revisions", "pieces", "raw", "changed")))
            self._server.set("pieces", dict(zip(raws, changes, strict=True)), pipe)
            self._server.set("raw", standing, pipe)
            if raws:
                pipe.zadd(self._server.key("changed"), {_at(number, piece): number for piece in raws})
            self._server.set("revisions", {number: written}, pipe)
            self._server.set("head", {"format": _FORMAT, "id": to_bytes(revision.id), "revision": written, "snapshot": data}, pipe)
            pipe.delete(self._server.key("held"))
            pipe.publish(self._server.key("news"), to_bytes(revision.id))
            return True

        try:
            return self._server.transaction(steps, "head", "pieces")
        except StoreUnavailableError:
            with self._server.client() as redis:
                if self._newest(redis) == revision.id:  # it was the answer that did not arrive
                    return True
            raise

    def confirm(self, revision: Revision) -> None:
        """Keep the validators and the ``confirmed_at`` of *revision*, if it is still the newest."""

        def steps(pipe: Any) -> None:
            if self._newest(pipe) == revision.id:
                newest = read_revision(pipe.hget(self._server.key("head"), "revision"))
                written = write(attrs.evolve(newest, validators=revision.validators, confirmed_at=revision.confirmed_at))
                pipe.multi()
                self._server.set("head", {"revision": written}, pipe)
                self._server.set("revisions", {newest.number: written}, pipe)

        self._server.transaction(steps, "head")

    def revisions(self) -> tuple[Revision, ...]:
        """Return all revisions that are kept, newest first."""
        with self._server.client() as redis:
            kept = redis.hvals(self._server.key("revisions"))
        return tuple(sorted(map(read_revision, kept), key=lambda revision: revision.number, reverse=True))

    def versions(self, part: Part, key: str) -> tuple[Version, ...]:
        """Return every version of one piece, oldest first."""
        return self._server.transaction(lambda pipe: self._versions([to_bytes(f"{part}:{key}")], pipe), "pieces")

    def changes(self, after: int, upto: int) -> tuple[Version, ...]:
        """Return every version that began or ended in a revision *n* with *after* < *n* <= *upto*."""

        def is_told(since: int, until: int | None) -> bool:
            return after < since <= upto or (until is not None and after < until <= upto)

        return self._server.transaction(lambda pipe: self._versions(self._changed(f"({after}", upto, pipe), pipe, is_told), "pieces")

    def _changed(self, after: str, upto: int, pipe: Any) -> list[bytes]:
        """Return the pieces that changed in some revisions, in order of part and key."""
        return sorted({name.partition(b":")[2] for name in pipe.zrangebyscore(self._server.key("changed"), after, upto)})

    def _versions(
        self, pieces: Sequence[bytes], pipe: Any, is_told: Callable[[int, int | None], bool] = lambda _since, _until: True
    ) -> tuple[Version, ...]:
        """Return those versions of *pieces* that are to be told of."""
        spans = [
            (piece, since, until)
            for piece, numbers in zip(pieces, map(_numbers, self._server.values("pieces", pieces, pipe)), strict=True)
            for since, until in zip(numbers, [*map(abs, numbers[1:]), None], strict=False)
            if since > 0 and is_told(since, until)
        ]
        raws = self._server.values("raw", [_at(since, piece) for piece, since, _ in spans], pipe)
        versions = []
        for (piece, since, until), raw in zip(spans, raws, strict=True):
            if raw is None:
                message = f"{self.name} has lost part of its history: Redis evicts keys, which maxmemory-policy noeviction would forbid"
                raise StoreError(message, store=self.name)
            part, _, key = from_bytes(piece).partition(":")
            versions.append(Version(part, key, from_bytes(raw), since, until))
        return tuple(versions)

    def prune(self, number: int) -> int:
        """Forget all revisions before *number*, what stood only in them, and older runs; return how many revisions that were."""

        def steps(pipe: Any) -> int:
            numbers = sorted(map(int, pipe.hkeys(self._server.key("revisions"))))
            first = next((each for each in numbers if each >= number), max(numbers, default=0))
            gone = [each for each in numbers if each < first]
            if not gone:
                return 0
            pieces = self._changed("-inf", first, pipe)
            known = dict(zip(pieces, map(_numbers, self._server.values("pieces", pieces, pipe)), strict=True))
            standing = {piece: _standing(numbers, first) for piece, numbers in known.items()}
            fallen = [_at(abs(each), piece) for piece, numbers in known.items() for each in numbers if each not in standing[piece]]
            began = read_revision(pipe.hget(self._server.key("revisions"), first)).committed_at
            runs = pipe.zrangebyscore(self._server.key("runs"), "-inf", f"({_microseconds(began)}")
            pipe.multi()
            for drop, name, fields in (
                (pipe.hdel, "revisions", gone),
                (pipe.hdel, "raw", fallen),
                (pipe.zrem, "changed", fallen),
                (pipe.hdel, "pieces", [piece for piece in pieces if not standing[piece]]),
                (pipe.hdel, "refreshes", runs),
                (pipe.zrem, "runs", runs),
                (pipe.srem, "running", runs),
            ):
                if fields:
                    drop(self._server.key(name), *fields)
            self._server.set("pieces", {piece: " ".join(map(str, numbers)) for piece, numbers in standing.items() if numbers}, pipe)
            return len(gone)

        return self._server.transaction(steps, "revisions", "pieces")

    def hold(self, revision: Revision | None, data: bytes = b"") -> None:
        """Keep *revision* aside until somebody accepts it, instead of any that was; None drops that."""
        with self._server.client() as redis:
            if revision is None:
                redis.delete(self._server.key("held"))
            else:
                self._server.set("held", {"revision": write(revision), "snapshot": data}, redis)

    def held(self) -> tuple[Revision, bytes] | None:
        """Return the revision kept aside and its snapshot."""
        return self._pair("held")

    def _pair(self, name: str) -> tuple[Revision, bytes] | None:
        with self._server.client() as redis:
            revision, snapshot = redis.hmget(self._server.key(name), "revision", "snapshot")
        return None if revision is None else (read_revision(revision), snapshot)

    def record(self, refresh: Refresh) -> None:
        """Keep *refresh*, in place of what was kept under its id."""
        run = to_bytes(refresh.id)
        with self._server.client() as redis, redis.pipeline() as pipe:
            self._server.set("refreshes", {run: write(refresh)}, pipe)
            pipe.zadd(self._server.key("runs"), {run: _microseconds(refresh.started_at)})
            (pipe.sadd if refresh.outcome == "running" else pipe.srem)(self._server.key("running"), run)
            pipe.execute()

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first, at most *limit*."""
        if limit < 1:
            return ()
        with self._server.client() as redis:
            runs = redis.zrange(self._server.key("runs"), 0, limit - 1, desc=True)
            with redis.pipeline() as pipe:
                pipe.get(self._server.key("lease"))
                pipe.smembers(self._server.key("running"))
                self._server.values("refreshes", runs, pipe)
                holder, running, *kept = pipe.execute()
        alive = running & {holder}
        return tuple(_marked(read_refresh(run), alive) for run in chain(*kept) if run is not None)

    def put(self, own: Note | OwnBenchmark) -> None:
        """Keep what a user knows, in place of what was kept under the same key."""
        self._replace(own, [own])

    def discard(self, own: Note | OwnBenchmark) -> bool:
        """Forget what is kept under the same key; return whether there was anything."""
        return self._replace(own, [])

    def _replace(self, own: Own, new: list[Own]) -> bool:
        """Keep *new* instead of what was kept under the key of *own*; return whether there was anything."""
        name, model = _OWN[type(own)][0], to_bytes(str(own.ref))

        def steps(pipe: Any) -> bool:
            kept = self._own(type(own), own.ref, pipe)
            others = [other for other in kept if _place(other) != _place(own)]
            pipe.multi()
            if others or new:
                self._server.set(name, {model: write(sorted([*others, *new], key=_place))}, pipe)
            else:
                pipe.hdel(self._server.key(name), model)
            return len(others) < len(kept)

        return self._server.transaction(steps, name)

    def notes(self, ref: ModelRef | None) -> tuple[Note, ...]:
        """Return the notes on one model, or on all."""
        with self._server.client() as redis:
            return tuple(sorted(self._own(Note, ref, redis), key=_place))

    def benchmarks(self, ref: ModelRef | None) -> tuple[OwnBenchmark, ...]:
        """Return the user's own results for one model, or for all."""
        with self._server.client() as redis:
            return tuple(sorted(self._own(OwnBenchmark, ref, redis), key=_place))

    def _own(self, kind: type[Own], ref: ModelRef | None, pipe: Any) -> list[Own]:
        name, read = _OWN[kind]
        kept = pipe.hvals(self._server.key(name)) if ref is None else self._server.values(name, [to_bytes(str(ref))], pipe)
        return [own for written in kept if written is not None for own in read(written)]

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
            news.subscribe(self._server.key("news"))
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
        self._redis, self._keeper, self._lease = None, None, ("", 0.0)
        self._connecting, self._leasing = Lock(), Lock()
        closed, self._closed = self._closed, Event()
        if closed.is_set():
            self._closed.set()

    def close(self) -> None:
        """Release the lease and the connections, and wake who waits."""
        self._closed.set()
        if self._keeper is not None:
            self._keeper.join()
        if time.monotonic() < self._lease[1]:
            with suppress(StoreError):
                self.release(self._lease[0])
        self._disconnect()

    def _newest(self, pipe: Any) -> str | None:
        newest = pipe.hget(self._server.key("head"), "id")
        return None if newest is None else from_bytes(newest)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.name}, keys {{{self._prefix}}}:*>"


_OWN: dict[type, tuple[str, Callable[[bytes], Any]]] = {Note: ("notes", read_notes), OwnBenchmark: ("benchmarks", read_benchmarks)}


def _place(own: Note | OwnBenchmark) -> tuple[str, ...]:
    """Return where *own* stands among its like."""
    words = (own.name,) if isinstance(own, Note) else (word or "" for word in own.key)
    return (str(own.ref), *words)


def _marked(run: Refresh, alive: Collection[bytes]) -> Refresh:
    """Return *run*, as crashed where it is said to be running and not *alive*."""
    return attrs.evolve(run, outcome="crashed") if run.outcome == "running" and to_bytes(run.id) not in alive else run


def _numbers(text: bytes | None) -> list[int]:
    return [] if text is None else list(map(int, text.split()))


def _standing(numbers: list[int], first: int) -> list[int]:
    """Return what is left of the changes of a piece when only the revisions from *first* on are left."""
    begun = max((place for place, number in enumerate(numbers) if abs(number) <= first), default=0)
    return numbers[begun + (numbers[begun] < 0) :]


def _at(number: int, piece: bytes) -> bytes:
    return b"%d:%b" % (number, piece)


def _lifetime(seconds: float) -> int:
    """Return for how many milliseconds the lease is taken, where *seconds* of it are left."""
    return max(1, int(min(seconds, _LIFETIME) / _MILLISECOND))


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
