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
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .._forks import watch_forks
from ..errors import MissingExtraError, SettingsError, StoreError, StoreUnavailableError, StoreVersionError
from ..records.facts import Version
from ..records.own import Note, OwnBenchmark
from .written import read_benchmarks, read_notes, read_refresh, read_revision, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

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
        if find_spec("redis") is None:
            message = 'a store in Redis needs redis-py: pip install "modelmeta[redis]"'
            raise MissingExtraError(message, extra="redis")
        address = _ADDRESS.fullmatch(url)
        if address is None:
            message = (
                "the address of a store in Redis reads redis://user:password@host:6379/0 or unix:///path/to/socket?db=0, "
                "with special characters in the password percent-encoded; what was given is not shown"
            )
            raise SettingsError(message, key="store")
        if not prefix or set("{}") & set(prefix):
            message = f"the prefix of a store in Redis is a text without braces, not {prefix!r:.100}"
            raise SettingsError(message, key="prefix")
        self.name = address[1] + address[2] + "".join(f"?{database}" for database in _DATABASE.findall(url)[:1])
        self._url = url
        self._prefix = prefix
        self._redis: Any = None
        self._connecting = Lock()
        self._leasing = Lock()
        self._lease = ("", 0.0)
        self._keeper: Thread | None = None
        self._closed = Event()
        watch_forks(self)

    def lease(self, holder: str, seconds: float) -> bool:
        """Let *holder* be the one who refreshes, for at most *seconds*; return whether it is."""
        until = time.monotonic() + seconds
        with self._leasing:
            with self._server() as redis:
                if not redis.eval(_LEASE, 2, self._key("lease"), self._key("running"), _bytes(holder), _lifetime(seconds)):
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
        with self._server() as redis:
            return bool(redis.eval(_EXPIRE, 1, self._key("lease"), _bytes(holder), milliseconds))

    def release(self, holder: str) -> None:
        """Let others refresh, if *holder* is the one who does."""
        with self._leasing:
            if self._lease[0] == holder:
                self._lease = ("", 0.0)
            self._expire(holder, 0)

    def head(self) -> Revision | None:
        """Return the newest revision, None where there is none yet."""
        with self._server() as redis:
            revision = redis.hget(self._key("head"), "revision")
        return None if revision is None else read_revision(revision)

    def load(self) -> tuple[Revision, bytes] | None:
        """Return the newest revision and the snapshot that holds its facts."""
        return self._pair("head")

    def commit(self, revision: Revision, data: bytes, facts: Sequence[Fact], *, base: str | None) -> bool:
        """Make *revision* the newest if the newest is *base*, by id; return whether it was. What was held is dropped."""
        number, written = revision.number, write(revision)
        raws = {_bytes(f"{fact.part}:{fact.key}"): fact.raw for fact in facts}
        standing = {_at(number, piece): _bytes(raw) for piece, raw in raws.items() if raw is not None}

        def steps(pipe: Any) -> bool:
            if self._newest(pipe) != base:
                return False
            known = [None] * len(raws) if base is None else self._values("pieces", raws, pipe)
            changes = [
                b"%b %d" % (numbers or b"", number if raws[piece] is not None else -number)
                for piece, numbers in zip(raws, known, strict=True)
            ]
            pipe.multi()
            if base is None:  # Redis may have evicted the head and not the rest
                pipe.delete(*map(self._key, ("revisions", "pieces", "raw", "changed")))
            self._set(pipe, "pieces", dict(zip(raws, changes, strict=True)))
            self._set(pipe, "raw", standing)
            if raws:
                pipe.zadd(self._key("changed"), {_at(number, piece): number for piece in raws})
            self._set(pipe, "revisions", {number: written})
            self._set(pipe, "head", {"format": _FORMAT, "id": _bytes(revision.id), "revision": written, "snapshot": data})
            pipe.delete(self._key("held"))
            pipe.publish(self._key("news"), _bytes(revision.id))
            return True

        try:
            return self._transaction(steps, "head", "pieces")
        except StoreUnavailableError:
            with self._server() as redis:
                if self._newest(redis) == revision.id:  # it was the answer that did not arrive
                    return True
            raise

    def confirm(self, revision: Revision) -> None:
        """Keep the validators and the ``confirmed_at`` of *revision*, if it is still the newest."""

        def steps(pipe: Any) -> None:
            if self._newest(pipe) == revision.id:
                newest = read_revision(pipe.hget(self._key("head"), "revision"))
                written = write(attrs.evolve(newest, validators=revision.validators, confirmed_at=revision.confirmed_at))
                pipe.multi()
                self._set(pipe, "head", {"revision": written})
                self._set(pipe, "revisions", {newest.number: written})

        self._transaction(steps, "head")

    def revisions(self) -> tuple[Revision, ...]:
        """Return all revisions that are kept, newest first."""
        with self._server() as redis:
            kept = redis.hvals(self._key("revisions"))
        return tuple(sorted(map(read_revision, kept), key=lambda revision: revision.number, reverse=True))

    def versions(self, part: Part, key: str) -> tuple[Version, ...]:
        """Return every version of one piece, oldest first."""
        return self._transaction(lambda pipe: self._versions([_bytes(f"{part}:{key}")], pipe), "pieces")

    def changes(self, after: int, upto: int) -> tuple[Version, ...]:
        """Return every version that began or ended in a revision *n* with *after* < *n* <= *upto*."""

        def is_told(since: int, until: int | None) -> bool:
            return after < since <= upto or (until is not None and after < until <= upto)

        return self._transaction(lambda pipe: self._versions(self._changed(f"({after}", upto, pipe), pipe, is_told), "pieces")

    def _changed(self, after: str, upto: int, pipe: Any) -> list[bytes]:
        """Return the pieces that changed in some revisions, in order of part and key."""
        return sorted({name.partition(b":")[2] for name in pipe.zrangebyscore(self._key("changed"), after, upto)})

    def _versions(
        self, pieces: Sequence[bytes], pipe: Any, is_told: Callable[[int, int | None], bool] = lambda _since, _until: True
    ) -> tuple[Version, ...]:
        """Return those versions of *pieces* that are to be told of."""
        spans = [
            (piece, since, until)
            for piece, numbers in zip(pieces, map(_numbers, self._values("pieces", pieces, pipe)), strict=True)
            for since, until in zip(numbers, [*map(abs, numbers[1:]), None], strict=False)
            if since > 0 and is_told(since, until)
        ]
        raws = self._values("raw", [_at(since, piece) for piece, since, _ in spans], pipe)
        versions = []
        for (piece, since, until), raw in zip(spans, raws, strict=True):
            if raw is None:
                message = f"{self.name} has lost part of its history: Redis evicts keys, which maxmemory-policy noeviction would forbid"
                raise StoreError(message, store=self.name)
            part, _, key = _text(piece).partition(":")
            versions.append(Version(part, key, _text(raw), since, until))
        return tuple(versions)

    def prune(self, number: int) -> int:
        """Forget all revisions before *number*, what stood only in them, and older runs; return how many revisions that were."""

        def steps(pipe: Any) -> int:
            numbers = sorted(map(int, pipe.hkeys(self._key("revisions"))))
            first = next((each for each in numbers if each >= number), max(numbers, default=0))
            gone = [each for each in numbers if each < first]
            if not gone:
                return 0
            pieces = self._changed("-inf", first, pipe)
            known = dict(zip(pieces, map(_numbers, self._values("pieces", pieces, pipe)), strict=True))
            standing = {piece: _standing(numbers, first) for piece, numbers in known.items()}
            fallen = [_at(abs(each), piece) for piece, numbers in known.items() for each in numbers if each not in standing[piece]]
            began = read_revision(pipe.hget(self._key("revisions"), first)).committed_at
            runs = pipe.zrangebyscore(self._key("runs"), "-inf", f"({_microseconds(began)}")
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
                    drop(self._key(name), *fields)
            self._set(pipe, "pieces", {piece: " ".join(map(str, numbers)) for piece, numbers in standing.items() if numbers})
            return len(gone)

        return self._transaction(steps, "revisions", "pieces")

    def hold(self, revision: Revision | None, data: bytes = b"") -> None:
        """Keep *revision* aside until somebody accepts it, instead of any that was; None drops that."""
        with self._server() as redis:
            if revision is None:
                redis.delete(self._key("held"))
            else:
                self._set(redis, "held", {"revision": write(revision), "snapshot": data})

    def held(self) -> tuple[Revision, bytes] | None:
        """Return the revision kept aside and its snapshot."""
        return self._pair("held")

    def _pair(self, name: str) -> tuple[Revision, bytes] | None:
        with self._server() as redis:
            revision, snapshot = redis.hmget(self._key(name), "revision", "snapshot")
        return None if revision is None else (read_revision(revision), snapshot)

    def record(self, refresh: Refresh) -> None:
        """Keep *refresh*, in place of what was kept under its id."""
        run = _bytes(refresh.id)
        with self._server() as redis, redis.pipeline() as pipe:
            self._set(pipe, "refreshes", {run: write(refresh)})
            pipe.zadd(self._key("runs"), {run: _microseconds(refresh.started_at)})
            (pipe.sadd if refresh.outcome == "running" else pipe.srem)(self._key("running"), run)
            pipe.execute()

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first, at most *limit*."""
        if limit < 1:
            return ()
        with self._server() as redis:
            runs = redis.zrange(self._key("runs"), 0, limit - 1, desc=True)
            with redis.pipeline() as pipe:
                pipe.get(self._key("lease"))
                pipe.smembers(self._key("running"))
                self._values("refreshes", runs, pipe)
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
        name, model = _OWN[type(own)][0], _bytes(str(own.ref))

        def steps(pipe: Any) -> bool:
            kept = self._own(type(own), own.ref, pipe)
            others = [other for other in kept if _place(other) != _place(own)]
            pipe.multi()
            if others or new:
                self._set(pipe, name, {model: write(sorted([*others, *new], key=_place))})
            else:
                pipe.hdel(self._key(name), model)
            return len(others) < len(kept)

        return self._transaction(steps, name)

    def notes(self, ref: ModelRef | None) -> tuple[Note, ...]:
        """Return the notes on one model, or on all."""
        with self._server() as redis:
            return tuple(sorted(self._own(Note, ref, redis), key=_place))

    def benchmarks(self, ref: ModelRef | None) -> tuple[OwnBenchmark, ...]:
        """Return the user's own results for one model, or for all."""
        with self._server() as redis:
            return tuple(sorted(self._own(OwnBenchmark, ref, redis), key=_place))

    def _own(self, kind: type[Own], ref: ModelRef | None, pipe: Any) -> list[Own]:
        name, read = _OWN[kind]
        kept = pipe.hvals(self._key(name)) if ref is None else self._values(name, [_bytes(str(ref))], pipe)
        return [own for written in kept if written is not None for own in read(written)]

    def wait(self, known: str | None, seconds: float) -> bool:
        """Wait until the newest revision is another than *known*, by id, at most *seconds*; return whether it is."""
        until = time.monotonic() + seconds
        while (is_another := self._hear(known, until)) is None:
            pass
        return is_another

    def _hear(self, known: str | None, until: float) -> bool | None:
        """Wait until the newest revision is another than *known*; return whether it is, None where the connection broke."""
        from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004, PLC0415  # redis-py is loaded when used

        with self._server() as redis, closing(redis.pubsub()) as news:
            news.subscribe(self._key("news"))
            news.get_message(timeout=_TIMEOUT)  # what is published from here on will be heard
            while self._newest(redis) == known:
                heard = None
                while heard is None:
                    left = until - time.monotonic()
                    if self._closed.is_set():
                        return False
                    ...
            return True
