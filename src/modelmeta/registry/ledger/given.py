"""What users say to a ledger: times, tags, and amounts of money."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from ...errors import QueryError
from ...records.numbers import as_decimal

__all__ = ["Tags", "When", "read_amount", "read_tags", "read_time"]

Bare = TypeVar("Bare", str, None)

Tags: TypeAlias = Mapping[str, str] | Collection[str]
"""Texts by name, as in ``{"team": "search"}``, or names alone, as in ``("batch",)`` or ``"batch"``."""
When: TypeAlias = datetime | date | str
"""A datetime (UTC where it does not say), a date, or either as ISO 8601 text."""

_MOST_TAGS = 32
_LONGEST_NAME = 100
_LONGEST_VALUE = 1_000
_DAY = timedelta(days=1)


def read_tags(tags: Tags | None, bare: Bare) -> dict[str, str | Bare]:
    """Return *tags* by name, those without a text with *bare*.

    Raises:
        QueryError: they are no tags, or too many, or too long.
    """
    if not tags:
        return {}
    named: Mapping[Any, Any] = tags if isinstance(tags, Mapping) else dict.fromkeys([tags] if isinstance(tags, str) else tags, bare)
    if len(named) > _MOST_TAGS:
        message = f"a usage has at most {_MOST_TAGS} tags, not {len(named)}"
        raise QueryError(message, criterion="tags", value=tags)
    return dict(_tag(name, value, bare) for name, value in named.items())


def _tag(name: object, value: object, bare: Bare) -> tuple[str, str | Bare]:
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        message = f"the name of a tag is a text of 1 to {_LONGEST_NAME} characters, not {name!r:.200}"
        raise QueryError(message, criterion="tags", value=name)
    if value is bare:
        return name, bare
    if not isinstance(value, str) or len(value) > _LONGEST_VALUE:
        message = f"the tag {name!r} is a text of at most {_LONGEST_VALUE:,} characters, not {value!r:.200}"
        raise QueryError(message, criterion="tags", value=value)
    return name, value


def read_time(when: When | None, criterion: str, *, last: bool = False) -> datetime | None:
    """Return the time, in UTC, that *when* means: of a day its beginning, or its end if *last*; None where nothing is said.

    Raises:
        QueryError: it is none.
    """
    if isinstance(when, str):
        for read in (date.fromisoformat, datetime.fromisoformat):
            with suppress(ValueError):
                return read_time(read(when), criterion, last=last)
    elif isinstance(when, datetime):
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    elif isinstance(when, date):
        with suppress(OverflowError):  # there is no day after the last
            when += _DAY * last
        return datetime.combine(when, time(), UTC)
    elif when is None:
        return None
    message = f"{when!r:.100} is no time; write one like '2026-11-24' or '2026-11-24T18:30+01:00'"
    raise QueryError(message, criterion=criterion, value=when)


def read_amount(amount: object, criterion: str) -> Decimal:
    """Return a number above 0, as exact as it was written.

    Raises:
        QueryError: it is none.
    """
    number = as_decimal(amount)
    if number is not None and number > 0:
        return number
    message = f"{criterion} is a number above 0, not {amount!r:.100}"
    raise QueryError(message, criterion=criterion, value=amount)
