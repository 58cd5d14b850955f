"""Budgets: who is told when so much was spent."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ..._forks import watch_forks
from ...catalog.price import EXACT
from ...errors import QueryError
from ...records.frozen import FrozenDict
from .given import read_amount, read_tags
from .reading import has_tags, pages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..._clock import Clock
    from ...records.ledger import Entry
    from ...stores.store import Store
    from .given import Tags

__all__ = ["Budget", "Budgets", "Crossing", "Period", "forget_crossings", "new_budget"]

Period: TypeAlias = Literal["day", "month"] | None

_LOG = logging.getLogger("modelmeta.registry")
_KIND = "budget"
_FORMATS = {"day": "%Y-%m-%d", "month": "%Y-%m", None: "ever"}


@attrs.frozen(kw_only=True)
class Budget:
    """So much, in USD, for each day or month (UTC), or for ever where ``per`` is None; of the usages that have the ``tags``, None for any text."""

    amount: Decimal
    per: Period
    tags: FrozenDict[str, str | None]
    thresholds: tuple[Decimal, ...]
    """Parts of it, in order: 0.8 is when four fifths are spent."""

    def period(self, at: datetime) -> str:
        """Return which of its periods a time is in: a day, a month, or ``ever``."""
        return f"{at:{_FORMATS[self.per]}}"

    def crossed(self, spent: Decimal) -> Iterator[Decimal]:
        """Yield the thresholds that *spent* has reached."""
        return (part for part in self.thresholds if spent >= EXACT.multiply(self.amount, part))

    def key(self, period: str, threshold: Decimal) -> str:
        """Return under what a store keeps that a crossing was told."""
        said = json.dumps([_plain(self.amount), self.per, sorted(self.tags.items(), key=str)])
        return f"{period}-{sha256(said.encode()).hexdigest()[:16]}-{_plain(threshold)}"


@attrs.frozen(kw_only=True)
class Crossing:
    """A budget of which a part was spent in one of its periods.

    ``period`` is a day, a month or ``ever``; ``spent`` the USD of all usages so far, of every process that shares the store. The ``unpriced``
    ones beside them, of which nobody knows what they cost, are no part of it.
    """

    budget: Budget
    threshold: Decimal
    period: str
    spent: Decimal
    unpriced: int
    at: datetime
    """When that was found, in UTC."""


def new_budget(amount: Decimal | float | str, per: Period, tags: Tags | None, thresholds: Iterable[Decimal | float | str]) -> Budget:
    """Return the budget that is asked for.

    Raises:
        QueryError: there is none like that.
    """
    if per not in _FORMATS:
        message = f"a budget is per 'day', per 'month', or None for all together, not {per!r:.100}"
        raise QueryError(message, criterion="per", value=per)
    parts = sorted({read_amount(part, "thresholds") for part in thresholds})
    if not parts:
        message = "a budget has at least one threshold, such as 1, which is all of it"
        raise QueryError(message, criterion="thresholds", value=thresholds)
    return Budget(amount=read_amount(amount, "amount"), per=per, tags=FrozenDict(read_tags(tags, None)), thresholds=tuple(parts))


@attrs.define(eq=False)
class _Watch:
    """What is known of one budget: who is to be told, up to where the ledger was read, and what was spent in each period since *begun*."""

    budget: Budget
    callback: Callable[[Crossing], Any]
    begun: datetime | None
    after: int = 0
    spent: dict[str, Decimal] = attrs.field(factory=dict)
    unpriced: Counter[str] = attrs.field(factory=Counter)
    told: set[tuple[str, Decimal]] = attrs.field(factory=set)

    def look(self, store: Store, now: datetime) -> Iterator[Crossing]:
        """Yield what was crossed and not told yet, by anybody."""
        for page in pages(store, self.after, since=self.begun):
            for entry in page:
                self._add(entry)
            self.after = page[-1].number or 0
        for period, spent in self.spent.items():
            for part in self.budget.crossed(spent):
                if (period, part) not in self.told:
                    is_first = store.swap(_KIND, self.budget.key(period, part), None, f"{now.isoformat()} {spent}")
                    self.told.add((period, part))
                    if is_first:
                        unpriced = self.unpriced[period]
                        yield Crossing(budget=self.budget, threshold=part, period=period, spent=spent, unpriced=unpriced, at=now)

    def _add(self, entry: Entry) -> None:
        if has_tags(entry, self.budget.tags):
            period = self.budget.period(entry.at)
            if entry.total is None:
                self.unpriced[period] += 1
            else:
                self.spent[period] = EXACT.add(self.spent.get(period, Decimal(0)), entry.total)


class Budgets:
    """The budgets of one ledger."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._watches: list[_Watch] = []
        watch_forks(self)

    def any(self) -> bool:
        """Return whether there are any."""
        return bool(self._watches)

    def add(self, budget: Budget, callback: Callable[[Crossing], Any]) -> None:
        """Call *callback* with what is crossed from now on, and in the period that goes on, unless it was told before."""
        now = self._now()
        first = {"day": now, "month": now.replace(day=1)}.get(budget.per or "")
        begun = first and first.replace(hour=0, minute=0, second=0, microsecond=0)
        self._watches.append(_Watch(budget, callback, begun))

    def look(self) -> None:
        """See what was spent since, and tell who wants to know. What callbacks raise is logged."""
        found: list[tuple[_Watch, Crossing]] = []
        try:
            with self._lock:
                for watch in [*self._watches]:
                    for crossing in watch.look(self._store, self._now()):
                        found.append((watch, crossing))  # noqa: PERF401  # the next may raise, and this one is told all the same
        finally:
            for watch, crossing in found:
                try:
                    watch.callback(crossing)
                except Exception:  # noqa: BLE001  # a callback may be anybody's code
                    _LOG.exception("who was to be told of a budget failed")

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)

    def forked(self) -> None:
        """Go on in a child process."""
        self._lock = Lock()


def forget_crossings(store: Store, before: datetime) -> None:
    """Forget what was told of the periods that were over before that time."""
    day = before.date().isoformat()
    for key, text in store.entries(_KIND).items():
        period = key.rsplit("-", 2)[0]
        if period < day[: len(period)]:
            store.swap(_KIND, key, text, None)


def _plain(number: Decimal) -> str:
    return f"{number.normalize(EXACT):f}"
