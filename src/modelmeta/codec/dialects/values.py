"""Single values of foreign documents, read strictly: prices, numbers of tokens, answers, words and days."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ...errors import DecodeError
from ...records.dates import PartialDate
from ..json_text import parse
from ..structure import Unreadable, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..shape import Json

__all__ = [
    "Number",
    "a_day",
    "a_flag",
    "a_list",
    "a_number",
    "a_rate",
    "a_size",
    "a_text",
    "an_object",
    "believed",
    "over",
    "per_million",
    "tiered",
    "tokens",
    "words",
]

Kind = TypeVar("Kind")
Number: TypeAlias = int | Decimal
Rates: TypeAlias = "Mapping[str, Number]"

_LARGEST = 20
"""Digits before the point that no price has."""


def a_number(value: Any) -> Number:
    """Return a number, or the one a text is."""
    try:
        number = parse(value) if isinstance(value, str) else value
    except DecodeError:
        number = None
    if isinstance(number, bool) or not isinstance(number, (int, Decimal)):
        message = f"must be a number, not {show(value)}"
        raise Unreadable((), message)
    return number


def a_rate(value: Any) -> Number:
    """Return a price in the unit it is written in: not negative, whole numbers as int, decimals without trailing zeros."""
    return _plain(a_number(value), 0)


def per_million(value: Any) -> Number:
    """Return a price for each token, a number or the text of one, as USD per million tokens, exactly."""
    return _plain(a_number(value), 6)


def _plain(number: Number, shift: int) -> Number:
    sign, digits, exponent = Decimal(number).as_tuple()
    moved = Decimal((sign, digits, int(exponent) + shift))  # nothing is rounded: Decimal.scaleb would be, to the context's digits
    if moved < 0 or moved.adjusted() > _LARGEST:
        message = f"must be a price, not {show(number)}"
        raise Unreadable((), message)
    text = f"{moved:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Decimal(text) if "." in text else int(text)


def a_size(value: Any) -> int:
    """Return a number of tokens."""
    number = a_number(value)
    if number < 0 or Decimal(number).adjusted() > _LARGEST or number != int(number):
        message = f"must be a whole number of tokens, not {show(value)}"
        raise Unreadable((), message)
    return int(number)


def tokens(value: Any) -> int | None:
    """Return a limit in tokens; 0 is nobody's limit, and unknown."""
    return a_size(value) or None


def a_flag(value: Any) -> bool:
    """Return true or false."""
    return _of(bool, "true or false", value)


def a_text(value: Any) -> str | None:
    """Return a text; an empty one says nothing."""
    return _of(str, "text", value) or None


def a_list(value: Any) -> list[Any]:
    """Return a list."""
    return _of(list, "a list", value)


def an_object(value: Any) -> Json:
    """Return an object."""
    return _of(dict, "an object", value)


def words(value: Any) -> list[str]:
    """Return a list of words, each once."""
    return list(dict.fromkeys(_of(str, "text", word) for word in a_list(value)))


def a_day(value: Any) -> str:
    """Return a date, as far as it is written: a year, a month or a day."""
    text = _of(str, "a date", value)
    if not PartialDate(text).is_possible:
        message = f"must be a date, not {show(text)}"
        raise Unreadable((), message)
    return text


def _of(cls: type[Kind], what: str, value: Any) -> Kind:
    if type(value) is cls:
        return value
    message = f"must be {what}, not {show(value)}"
    raise Unreadable((), message)


def believed(rates: Mapping[str, Number | None]) -> dict[str, Number]:
    """Return the known *rates*. One of 0 is only believed of input and output: elsewhere people write it for want of a price of its own."""
    return {name: rate for name, rate in rates.items() if rate or (rate == 0 and name in {"input", "output"})}


def over(base: Rates, changes: Rates) -> dict[str, Number]:
    """Return the table *base* with *changes*. Reasoning that costs what output costs goes on costing that."""
    table = {**base, **changes}
    if "reasoning" in base and "reasoning" not in changes and base["reasoning"] == base.get("output"):
        table["reasoning"] = table["output"]
    return table


def tiered(base: Rates, steps: Mapping[int, Rates]) -> Json:
    """Return upstream's ``cost`` of a table and of what changes in it above so many tokens; what does not change is written out."""
    tables = {size: over(base, steps[size]) for size in sorted(steps)}
    tiers = [{**table, "tier": {"type": "context", "size": size}} for size, table in tables.items() if table != base]
    return {**base, "tiers": tiers} if tiers else {**base}
