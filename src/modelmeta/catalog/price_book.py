"""What a workload costs at many models at once, in whole numbers and exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache

from ..records.cost import RATES
from .price import EXACT, billed_tokens, rate_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records.cost import Cost, Rates
    from ..records.usage import Usage
    from .catalog import Catalog

__all__ = ["PriceBook"]

_NO_PRICE = 1 << len(RATES)
_DIGITS = 20
_SHELVES_KEPT = 64


class _Table(NamedTuple):
    """One price table in the order of ``RATES``, in units of 10^-20 USD per million tokens; ``lacks`` has the bit of each unknown rate."""

    rates: tuple[int | Fraction, ...]
    lacks: int


class _Shelf(NamedTuple):
    """What pricing a list of rows needs: each distinct price table once, ``places`` saying which is whose.

    ``columns`` are the rates of the tables by ``RATES``; ``lacking`` and ``tiered`` are the places of tables without some rate, or with tiers.
    """

    rows: Sequence[int]
    places: list[int]
    columns: list[list[int | Fraction]]
    lacking: list[tuple[int, int]]
    tiered: list[tuple[int, list[tuple[int, _Table]]]]


class PriceBook:
    """The price tables of a catalog, each once, so that a workload is priced per table and not per model.

    A row is read when it is first asked about; the latest 64 lists of rows are remembered. The totals are those of ``quote``: a test holds
    them to it.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._reading = Lock()
        self._shelves: LRUCache[int, _Shelf] = LRUCache(_SHELVES_KEPT)
        self._codes: list[int | None] = [None] * len(catalog)
        self._code_of: dict[Cost | None, int] = {}
        self._tables: list[_Table] = []
        self._tiers: dict[int, list[tuple[int, _Table]]] = {}

    def totals(self, rows: Sequence[int], usage: Usage) -> list[int | Fraction | None]:
        """Return the total of *usage* at each of *rows*, None where it has no price; :meth:`in_usd` reads a total."""
        shelf = self._shelf(rows)
        billed = [(RATES.index(component), tokens) for component, tokens in billed_tokens(usage).items() if tokens]
        needed = sum((1 << place for place, _ in billed), _NO_PRICE)
        priced: list[int | Fraction] = [0] * len(shelf.columns[0])
        for place, tokens in billed:
            priced = [total + rate * tokens for total, rate in zip(priced, shelf.columns[place], strict=True)]
        totals: list[int | Fraction | None] = [*priced]
        for place, lacks in shelf.lacking:
            if lacks & needed:
                totals[place] = None
        for place, tiers in shelf.tiered:
            for size, table in tiers:
                if usage.input_tokens > size:
                    totals[place] = None if table.lacks & needed else sum(table.rates[rate] * tokens for rate, tokens in billed)
                    break
        return [totals[place] for place in shelf.places]

    def in_usd(self, total: int | Fraction) -> Decimal:
        """Return a total of :meth:`totals` in USD, exactly."""
        usd = EXACT.divide(Decimal(total.numerator), Decimal(total.denominator)).scaleb(-_DIGITS - 6, EXACT).normalize(EXACT)
        return usd.quantize(Decimal(1), context=EXACT) if usd == usd.to_integral_value() else usd

    def from_usd(self, amount: Decimal) -> Fraction:
        """Return *amount* of USD as a total of :meth:`totals`."""
        return Fraction(amount) * Fraction(10 ** (_DIGITS + 6))

    def _shelf(self, rows: Sequence[int]) -> _Shelf:
        with self._reading:
            shelf = self._shelves.get(id(rows))
            if shelf is None:
                codes = [self._code(row) for row in rows]
                place_of = {code: place for place, code in enumerate(dict.fromkeys(codes))}
                tables = [self._tables[code] for code in place_of]
                shelf = self._shelves[id(rows)] = _Shelf(
                    rows,
                    [place_of[code] for code in codes],
                    [[table.rates[rate] for table in tables] for rate in range(len(RATES))],
                    [(place, table.lacks) for place, table in enumerate(tables) if table.lacks],
                    [(place, self._tiers[code]) for code, place in place_of.items() if code in self._tiers],
                )
        return shelf

    def _code(self, row: int) -> int:
        """Return the number of the price table of *row*."""
        code = self._codes[row]
        if code is None:
            cost = self._catalog.at(row).cost
            code = self._code_of.get(cost)
            if code is None:
                code = self._code_of[cost] = len(self._tables)
                unpriced = _NO_PRICE if cost is None or cost.input is cost.output is None else 0
                self._tables.append(_table(cost, unpriced))
                if cost and cost.tiers:
                    self._tiers[code] = [(tier.size, _table(tier, unpriced)) for tier in reversed(cost.tiers)]
            self._codes[row] = code
        return code


def _table(rates: Rates | None, unpriced: int) -> _Table:
    """Return *rates* with each part that has no rate of its own at the rate of its whole."""
    numbers = [_number(rate_of(rates, name)) for name in RATES]
    lacks = sum(1 << place for place, rate in enumerate(numbers) if rate is None)
    return _Table(tuple(rate or 0 for rate in numbers), lacks | unpriced)


def _number(rate: Decimal | None) -> int | Fraction | None:
    if rate is None:
        return None
    scaled = Fraction(rate) * Fraction(10**_DIGITS)
    return scaled.numerator if scaled.denominator == 1 else scaled
