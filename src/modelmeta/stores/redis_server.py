"""The way to Redis: connections made when they are needed, keys under one prefix, errors that are ours."""

from __future__ import annotations

import re
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..errors import MissingExtraError, SettingsError, StoreError, StoreUnavailableError, StoreVersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["FORMAT", "Keys", "RedisServer", "from_bytes", "get_fields", "set_fields", "to_bytes"]

Answer = TypeVar("Answer")

FORMAT = 1
"""The version of the keys and what is in them."""

_ADDRESS = re.compile(
    r"(?:(rediss?://)(?:[^@/?#]*@)?((?:\[[^]@/?#]*\]|[^]@/?#:[]*)(?::\d+)?(?:/\d*)?)|(unix://)(?:[^@/?#]*@)?(/[^@?#]+))(?:\?[^@#]*)?"
)
_DATABASE = re.compile(r"[?&](db=\d+)")
_TIMEOUT = 10.0
_READ = 1 << 20
"""So many bytes are read at once: a snapshot has some millions."""


@attrs.frozen
class Keys:
    """The keys of one store. Each begins with the store's prefix in braces, so that a cluster keeps them together."""

    head: bytes
    """Hash: the ``id``, ``revision`` and ``snapshot`` of the newest revision, and the ``format`` of all keys."""
    revisions: bytes
    """Hash: every revision, by number."""
    pieces: bytes
    """Hash: by ``part:key``, the revisions in which a piece changed, as in ``1 7 -9``; negative where it went."""
    raw: bytes
    """Hash: by ``number:part:key``, what a piece was from that revision on."""
    changed: bytes
    """Sorted set: ``number:part:key``, by number."""
    held: bytes
    """Hash: the ``revision`` and the ``snapshot`` that were put aside."""
    lease: bytes
    """String: the id of the run that refreshes. It expires unless it is renewed."""
    refreshes: bytes
    """Hash: every run, by id."""
    runs: bytes
    """Sorted set: the ids of the runs, by start in microseconds since 1970."""
    running: bytes
    """Set: the ids of the runs that have not ended, as far as is known."""
    notes: bytes
    """Hash: the notes on each model."""
    benchmarks: bytes
    """Hash: the user's results for each model."""
    entries: bytes
    """Hash: what other parts keep here, by ``kind:key``."""
    ledger: bytes
    """Hash: every entry of the ledger, by id."""
    booked: bytes
    """Sorted set: the ids of these entries, by number."""
    days: bytes
    """Hash: the number of the first entry that is of a day in UTC, by day."""
    number: bytes
    """String: the greatest number that an entry ever had."""
    news: bytes
    """Channel: the id of each new revision."""

    @classmethod
    def of(cls, prefix: str) -> Keys:
        """Return the keys that begin with *prefix*."""
        return cls(*(to_bytes(f"{{{prefix}}}:{field.name}") for field in attrs.fields(cls)))


class RedisServer:
    """The Redis at an address.

    Args:
        url: see ``RedisStore``.
        head: the key that says of what format all are.
    """

    def __init__(self, url: str, head: bytes) -> None:
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
        database = _DATABASE.search(url)
        self.name: str = "".join(filter(None, address.groups())) + ("" if database is None else f"?{database[1]}")
        self.is_closed: bool = False
        self._url = url
        self._head = head
        self._redis: Any = None
        self._lock = Lock()

    @contextmanager
    def client(self) -> Iterator[Any]:
        """Give redis-py's client, whose types say less than is known here.

        Raises:
            StoreError: Redis did not do what it was asked to, or its keys are not ours to read.
            SettingsError: the address has an option that there is not.
        """
        from redis import exceptions as theirs  # noqa: PLC0415  # redis-py is loaded when it is needed

        try:
            redis = self._connected()
            found = int(redis.hget(self._head, "format") or FORMAT)
            if found > FORMAT:
                message = f"{self.name} was written by a later modelmeta, in format {found}; this one reads up to {FORMAT}: upgrade it"
                raise StoreVersionError(message, store=self.name, found=found, supported=FORMAT)
            yield redis
        except (theirs.AuthenticationError, theirs.AuthorizationError) as error:
            message = f"{self.name} wants another user or password: {error}"
            raise StoreError(message, store=self.name) from error
        except (theirs.ConnectionError, theirs.TimeoutError) as error:
            message = f"{self.name} does not answer: {error}"
            raise StoreUnavailableError(message, store=self.name) from error
        except theirs.RedisError as error:
            message = f"{self.name} refused: {error}"
            raise StoreError(message, store=self.name) from error
        finally:
            if self.is_closed:
                self._disconnect()

    def _connected(self) -> Any:
        from redis import ConnectionPool, Redis  # noqa: PLC0415  # redis-py is loaded when it is needed
        from redis.backoff import NoBackoff  # noqa: PLC0415  # as above
        from redis.retry import Retry  # noqa: PLC0415  # as above

        with self._lock:
            if self._redis is None:
                try:
                    pool = ConnectionPool.from_url(
                        self._url, protocol=2, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, socket_read_size=_READ
                    )
                    once = Retry(NoBackoff(), 0, supported_errors=())  # what broke off may have been done all the same
                    pool.connection_kwargs.update(decode_responses=False, retry=once, retry_on_timeout=False, retry_on_error=[])
                    pool.connection_class(**pool.connection_kwargs)
                except (TypeError, ValueError) as error:
                    message = f"the address of {self.name} has an option that redis-py does not take: {error}"
                    raise SettingsError(message, key="store") from None
                self._redis = Redis(connection_pool=pool)
            return self._redis

    def transaction(self, steps: Callable[[Any], Answer], *watched: bytes) -> Answer:
        """Return what *steps* answers: it is given a pipeline, reads, calls ``multi`` and writes. It is called again where what is *watched* changed.

        Raises:
            StoreError: see ``client``.
        """
        with self.client() as redis:
            answer: Answer = redis.transaction(steps, *watched, value_from_callable=True)
            return answer

    def forked(self) -> None:
        """Go on in a child process, with connections of its own."""
        self._redis, self._lock = None, Lock()

    def close(self) -> None:
        """Close the connections; those that are in use, when they are not any more."""
        self.is_closed = True
        self._disconnect()

    def _disconnect(self) -> None:
        with self._lock:
            if self._redis is not None:
                self._redis.connection_pool.disconnect(inuse_connections=False)


def to_bytes(text: str) -> bytes:
    """Return *text* as Redis keeps it, lone surrogates too."""
    return text.encode("utf-8", "surrogatepass")


def from_bytes(data: bytes) -> str:
    """Return the text that is kept as *data*."""
    return data.decode("utf-8", "surrogatepass")


def get_fields(pipe: Any, key: bytes, fields: Iterable[bytes]) -> list[bytes | None]:
    """Return what the hash at *key* has under *fields*."""
    fields = list(fields)
    return pipe.hmget(key, fields) if fields else []


def set_fields(pipe: Any, key: bytes, values: Mapping[Any, Any]) -> None:
    """Put *values* into the hash at *key*."""
    if values:
        pipe.hset(key, mapping=values)
