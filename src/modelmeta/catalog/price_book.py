"""What a workload costs at many models at once, in whole numbers and exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache

from ..records.cost import RATES
from .price import EXACT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records.cost import Cost, Rates
    from ..records.usage import Usage
    from .catalog import Catalog

__all__ = ["PriceBook"]

_WHOLES = {"cache_read": "input", "cache_write": "input", "input_audio": "input", "reasoning": "output", "output_audio": "output"}
_NO_PRICE = 1 << len(RATES)
_DIGITS = 20
_LISTS_KEPT = 64


class _Table(NamedTuple):
    """One price table in the order of ``RATES``, in units of 10^-20 USD per million tokens; ``lacks`` has the bit of each unknown rate."""

    rates: tuple[int | Fraction, ...]
    lacks: int


class PriceBook:
    """The price tables of a catalog, each once, so that a workload is priced per table and not per model.

    A row is read when it is first asked about. The totals are those of ``quote``; a test holds them to it.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._reading = Lock()
        self._lists: LRUCache[int, tuple[Sequence[int], list[int], list[int]]] = LRUCache(_LISTS_KEPT)
        self._codes: list[int | None] = [None] * len(catalog)
        self._code_of: dict[Cost | None, int] = {}
        self._rates: tuple[list[int | Fraction], ...] = tuple([] for _ in RATES)
        self._lacks: dict[int, int] = {}
        self._tiers: dict[int, list[tuple[int, _Table]]] = {}

    def totals(self, rows: Sequence[int], usage: Usage) -> list[int | Fraction | None]:
        """Return the total of *usage* at each of *rows*, None where it has no price; :meth:`in_usd` reads a total."""
        codes, known = self._coded(rows)
        billed = [(place, tokens) for place, tokens in enumerate(_tokens(usage)) if tokens]
        needed = sum((1 << place for place, _ in billed), _NO_PRICE)
        totals: list[int | Fraction] = [0] * len(known)
        for place, tokens in billed:
            rates = self._rates[place]
            totals = [total + rates[code] * tokens for total, code in zip(totals, known, strict=True)]
        by_code: dict[int, int | Fraction | None] = dict(zip(known, totals, strict=True))
        for code, lacks in self._lacks.items():
            if lacks & needed and code in by_code:
                by_code[code] = None
        for code, tiers in self._tiers.items():
            if code in by_code:
                for size, table in tiers:
                    if usage.input_tokens > size:
                        by_code[code] = None if table.lacks & needed else sum(table.rates[place] * tokens for place, tokens in billed)
                        break
        return [by_code[code] for code in codes]

    def in_usd(self, total: int | Fraction) -> Decimal:
        """Return a total of :meth:`totals` in USD, exactly."""
        usd = EXACT.divide(Decimal(total.numerator), Decimal(total.denominator)).scaleb(-_DIGITS - 6, EXACT).normalize(EXACT)
        return usd.quantize(Decimal(1), context=EXACT) if usd == usd.to_integral_value() else usd

    def _coded(self, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return the code of each row's price table, and the distinct ones; those of the latest 64 lists of rows are remembered."""
        with self._reading:
            known = self._lists.get(id(rows))
            if known is None:
                codes = [self._code(self._catalog.at(row).cost) if (code := self._codes[row]) is None else code for row in rows]
                for row, code in zip(rows, codes, strict=True):
                    self._codes[row] = code
                known = self._lists[id(rows)] = rows, codes, [*{*codes}]
        return known[1:]

    def _code(self, cost: Cost | None) -> int:
        code = self._code_of.get(cost)
        if code is None:
            code = len(self._code_of)
            unpriced = _NO_PRICE if cost is None or cost.input is cost.output is None else 0
            base = _table(cost, unpriced)
            for rates, rate in zip(self._rates, base.rates, strict=True):
                rates.append(rate)
            if base.lacks:
                self._lacks[code] = base.lacks
            if cost and cost.tiers:
                self._tiers[code] = [(tier.size, _table(tier, unpriced)) for tier in reversed(cost.tiers)]
            self._code_of[cost] = code
        return code


def _table(rates: Rates | None, unpriced: int) -> _Table:
    """Return *rates* with each part that has no rate of its own at the rate of its whole."""
    known = [_number(getattr(rates, name, None)) for name in RATES]
    own = dict(zip(RATES, known, strict=True))
    filled = [own[_WHOLES[name]] if own[name] is None and name in _WHOLES else own[name] for name in RATES]
    lacks = sum(1 << place for place, rate in enumerate(filled) if rate is None)
    return _Table(tuple(rate or 0 for rate in filled), lacks | unpriced)


def _number(rate: Decimal | None) -> int | Fraction | None:
    if rate is None:
        return None
    scaled = Fraction(rate) * Fraction(10**_DIGITS)
    return scaled.numerator if scaled.denominator == 1 else scaled


def _tokens(usage: Usage) -> tuple[int, ...]:
    """Return how many tokens each of ``RATES`` bills."""
    parts = (usage.cache_read_tokens, usage.cache_write_tokens, usage.reasoning_tokens, usage.input_audio_tokens, usage.output_audio_tokens)
    read, write, reasoning, heard, spoken = parts
    return usage.input_tokens - read - write - heard, usage.output_tokens - reasoning - spoken, *parts
