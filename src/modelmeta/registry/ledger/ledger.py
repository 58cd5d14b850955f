"""The ledger of a registry, for threads and for tasks."""

from __future__ import annotations

import asyncio
import inspect
import weakref
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import uuid4

from ...catalog.price import Quote
from ...catalog.price import quote as price
from ...errors import ModelNotFoundError, QueryError
from ...records.frozen import FrozenDict
from ...records.ledger import Entry
from ...records.model import Model
from ...records.refs import ModelRef
from ..subscriptions import as_ref
from ..threads import in_loop
from .budgets import Budget, Budgets, Crossing, forget_crossings, new_budget
from .given import read_tags, read_time
from .reading import has_tags, pages
from .totals import Totals, add_up, read_by
from .what_if import WhatIf, suppose
from .writer import Writer

if TYPE_CHECKING:
    from threading import Event

    from ...catalog.catalog import Catalog
    from ...records.usage import Usage
    from ..world import World
    from .budgets import Period
    from .given import Tags, When

__all__ = ["AsyncLedger", "Ledger"]

T = TypeVar("T")


class Ledger:
    """What was used, and what it cost at that moment, kept in the store of a registry; nothing leaves it.

    ``record`` returns at once. A daemon thread writes what it was given to the store, in one transaction for up to a thousand usages, at most
    a second later; all questions, ``flush``, closing the registry and the end of the program write first. So a process that is killed loses what
    it recorded in its last second, and nothing else; what was written is as durable as the store. While a store fails usages wait, up to
    100,000, and are written once it is back: none twice, not even where it was the answer of the store that got lost.

    Any number of processes may write into one store. Days and months are those of UTC.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._budgets = Budgets(world.store, world.clock)
        self._writer = Writer(world.store, world.clock, self._budgets)
        weakref.finalize(self, self._writer.end).atexit = False

    def record(
        self,
        ref: str | ModelRef,
        usage: Usage,
        *,
        tags: Tags = (),
        at: datetime | None = None,
        mode: str | None = None,
        quote: Quote | None = None,
    ) -> Entry:
        """Record a usage at the price that the catalog has now; return the entry. It never waits for the store.

        A model that the catalog does not know, by exact reference, is recorded too, as ``unpriced``: what was spent is never guessed, nor
        forgotten.

        Args:
            ref: what was used.
            usage: how much of it.
            tags: texts by name, such as ``{"team": "search"}``, or names alone: at most 32.
            at: when, UTC where it does not say; now by default.
            mode: the mode to price it by, as for ``price``.
            quote: the price, where somebody asked for it before: of just this model and usage.

        Raises:
            InvalidRefError: *ref* is no reference, and no name of a model.
            AmbiguousModelError: it means several models.
            UnknownModeError: the model has no such mode.
            UsageError: *usage* is no Usage.
            QueryError: *tags*, *at* or *quote* cannot be used; ``.criterion`` is its name.
            StoreError: the registry was closed, or the store has failed for so long that no more usages can wait.
        """
        head = self._world.head()
        known, model = _model(head.read, ref)
        asked = quote is not None
        priced = _agreed(quote, model.ref, usage, mode) if asked else price(model, usage, mode=mode if known else None)
        if at is not None and not isinstance(at, datetime):
            message = f"at is a datetime, not {at!r:.100}"
            raise QueryError(message, criterion="at", value=at)
        entry = Entry(
            id=uuid4().hex,
            at=read_time(at, "at") or self._world.now(),
            ref=priced.ref,
            usage=usage,
            tags=FrozenDict(read_tags(tags, "")),
            total=priced.total,
            state=priced.state,
            rates=FrozenDict({line.component: line.rate for line in priced.lines}),
            tier=None if priced.tier is None else priced.tier.size,
            mode=priced.mode if asked else mode,
            revision=None if asked else head.id,
        )
        self._writer.add(entry)
        return entry

    def flush(self) -> None:
        """Write what was recorded to the store, and tell of budgets; return when that is done.

        Raises:
            StoreError: the store failed; what was recorded goes on waiting.
        """
        self._writer.flush()

    def entries(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        tags: Tags | None = None,
        model: str | ModelRef | None = None,
    ) -> tuple[Entry, ...]:
        """Return the usages of a time, of every process that shares the store, in the order of their times.

        Args:
            since: only those of this time or later; a date means its beginning, UTC.
            until: only those before this time; a date means its end.
            tags: only those that have all of these; of a name alone, with any text.
            model: only those of this model, by exact reference.

        Raises:
            QueryError: a time or a tag that is none.
            InvalidRefError: *model* is no reference.
            StoreError: the store failed.
        """
        return tuple(sorted(self._found(since, until, tags, model), key=attrgetter("at", "number")))

    def totals(
        self,
        by: str | Iterable[str] = "model",
        *,
        since: When | None = None,
        until: When | None = None,
        tags: Tags | None = None,
        model: str | ModelRef | None = None,
    ) -> Totals:
        """Return the sums of the usages that ``entries`` would return, exact to the last digit. Those without a price are counted, not summed.

        Args:
            by: ``"model"``, ``"day"``, ``"tag:<name>"``, or several of these; ``()`` for one sum of all.
            since: as for ``entries``.
            until: as for ``entries``.
            tags: as for ``entries``.
            model: as for ``entries``.

        Raises:
            QueryError: as for ``entries``; or *by* is none of these.
            InvalidRefError: *model* is no reference.
            StoreError: the store failed.
        """
        names = read_by(by)
        return add_up(self._found(since, until, tags, model), names)

    def what_if(
        self,
        ref: str | ModelRef,
        *,
        since: When | None = None,
        until: When | None = None,
        tags: Tags | None = None,
        model: str | ModelRef | None = None,
    ) -> WhatIf:
        """Return what the usages that ``entries`` would return had cost at the model called *ref*, by its prices of now.

        Those of which that, or what they did cost, is unknown, are counted, not summed.

        Args:
            ref: the other model.
            since: as for ``entries``.
            until: as for ``entries``.
            tags: as for ``entries``.
            model: as for ``entries``: only what was used of this one.

        Raises:
            ModelNotFoundError: there is no such model.
            QueryError: as for ``entries``.
            InvalidRefError: *model* is no reference.
            StoreError: the store failed.
        """
        other = self._world.head().read.get(ref)
        return suppose(self._found(since, until, tags, model), other)

    def budget(
        self,
        amount: Decimal | float | str,
        callback: Callable[[Crossing], Any],
        *,
        per: Period = None,
        tags: Tags | None = None,
        thresholds: Iterable[Decimal | float | str] = (1,),
    ) -> Budget:
        """Call *callback* once, with a ``Crossing``, when so much was spent by all processes that share the store.

        It is called by the thread that writes; what it raises is logged, and harms nothing. Each crossing is told once: that it was is kept in
        the store, so that neither a restart nor another process with the same budget (amount, period, tags, threshold) tells it again. A process
        that is killed in that moment may have told nobody. The period that goes on counts from its beginning; earlier ones are not told.

        Args:
            amount: how much, in USD.
            callback: who is called.
            per: ``"day"`` or ``"month"``, in UTC: each begins anew. None: all that the ledger has.
            tags: only of the usages that have all of these; of a name alone, with any text.
            thresholds: at which parts of the amount to call, such as ``(0.8, 1)``.

        Raises:
            QueryError: one of them cannot be used; ``.criterion`` is its name.
            StoreError: the registry was closed.
        """
        budget, told = new_budget(amount, per, tags, thresholds), _function(callback)
        self._writer.begin()
        self._budgets.add(budget, told)
        self._writer.wake()
        return budget

    def prune(self, *, before: When) -> int:
        """Forget the usages of before that time, a date meaning its beginning; return how many those were.

        Raises:
            QueryError: *before* is no time.
            StoreError: the store failed.
        """
        time = read_time(before, "before")
        if time is None:
            message = "say before which time usages are forgotten, like '2026-01-01'"
            raise QueryError(message, criterion="before", value=before)
        self.flush()
        forget_crossings(self._world.store, time)
        return self._world.store.unbook(time)

    def close(self) -> None:
        """Write what waits, and record nothing more. Not for users: closing the registry does it."""
        self._writer.close()

    @property
    def ended(self) -> Event:
        """What is set when closing has begun. Not for users: who calls back asks."""
        return self._writer.ended

    def _found(self, since: When | None, until: When | None, tags: Tags | None, model: str | ModelRef | None) -> Iterator[Entry]:
        begin, end = read_time(since, "since"), read_time(until, "until", last=True)
        wanted, ref = read_tags(tags, None), None if model is None else as_ref(model)
        self.flush()
        return (
            entry
            for page in pages(self._world.store, since=begin, until=end)
            for entry in page
            if ref in {None, entry.ref} and has_tags(entry, wanted)
        )


class _Ask(Protocol):
    def __call__(self, function: Callable[[], T]) -> Awaitable[T]: ...


class AsyncLedger:
    """As :class:`Ledger`, for tasks: ``record`` and ``budget`` are the same plain calls, all that waits for the store is awaited."""

    def __init__(self, ledger: Ledger, ask: _Ask) -> None:
        self._ledger = ledger
        self._ask = ask

    def record(
        self,
        ref: str | ModelRef,
        usage: Usage,
        *,
        tags: Tags = (),
        at: datetime | None = None,
        mode: str | None = None,
        quote: Quote | None = None,
    ) -> Entry:
        """As :meth:`Ledger.record`."""
        return self._ledger.record(ref, usage, tags=tags, at=at, mode=mode, quote=quote)

    def budget(
        self,
        amount: Decimal | float | str,
        callback: Callable[[Crossing], Any],
        *,
        per: Period = None,
        tags: Tags | None = None,
        thresholds: Iterable[Decimal | float | str] = (1,),
    ) -> Budget:
        """As :meth:`Ledger.budget`. *callback* is called in the event loop that runs now, and what it returns is awaited if it can be."""
        loop, ended, told = asyncio.get_running_loop(), self._ledger.ended, _function(callback)

        def tell(crossing: Crossing) -> None:
            async def work() -> None:
                result = told(crossing)
                if inspect.isawaitable(result):
                    await result

            in_loop(loop, work, ended)

        return self._ledger.budget(amount, tell, per=per, tags=tags, thresholds=thresholds)

    async def flush(self) -> None:
        """As :meth:`Ledger.flush`."""
        await self._ask(self._ledger.flush)

    async def entries(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        tags: Tags | None = None,
        model: str | ModelRef | None = None,
    ) -> tuple[Entry, ...]:
        """As :meth:`Ledger.entries`."""
        return await self._ask(lambda: self._ledger.entries(since=since, until=until, tags=tags, model=model))

    async def totals(
        self,
        by: str | Iterable[str] = "model",
        *,
        since: When | None = None,
        until: When | None = None,
        tags: Tags | None = None,
        model: str | ModelRef | None = None,
    ) -> Totals:
        """As :meth:`Ledger.totals`."""
        return await self._ask(lambda: self._ledger.totals(by, since=since, until=until, tags=tags, model=model))

    async def what_if(
        self,
        ref: str | ModelRef,
        *,
        since: When | None = None,
        until: When | None = None,
        tags: Tags | None = None,
        model: str | ModelRef | None = None,
    ) -> WhatIf:
        """As :meth:`Ledger.what_if`."""
        return await self._ask(lambda: self._ledger.what_if(ref, since=since, until=until, tags=tags, model=model))

    async def prune(self, *, before: When) -> int:
        """As :meth:`Ledger.prune`."""
        return await self._ask(lambda: self._ledger.prune(before=before))


def _model(catalog: Catalog, ref: str | ModelRef) -> tuple[bool, Model]:
    """Return whether the catalog knows the model called *ref*, and that; or else one of which nothing is known but its reference."""
    model = catalog.get(ref, None)
    if model is not None:
        return True, model
    try:
        return True, catalog.names.resolve(str(ref), suggest=False).model  # says so where it means several
    except ModelNotFoundError:
        return False, _unknown(as_ref(ref))


def _unknown(ref: ModelRef) -> Model:
    return Model(ref=ref, name=ref.model_id)


def _function(callback: object) -> Callable[[Crossing], Any]:
    if callable(callback):
        return callback
    message = f"who is to be told of a budget is a function, not {callback!r:.100}"
    raise QueryError(message, criterion="callback", value=callback)


def _agreed(quote: object, ref: ModelRef, usage: Usage, mode: str | None) -> Quote:
    if not isinstance(quote, Quote) or (quote.ref, quote.usage) != (ref, usage) or mode not in {None, quote.mode}:
        message = f"the quote is to be that of the usage which is recorded, at {ref}"
        raise QueryError(message, criterion="quote", value=quote)
    return quote
