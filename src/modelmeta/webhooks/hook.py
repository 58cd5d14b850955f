"""Who wants to be told of what."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from secrets import token_bytes, token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from ..catalog.diff import Change
from ..codec.json_text import to_text
from ..errors import QueryError
from ..records.numbers import as_decimal
from ..records.refs import ModelRef
from ..registry.subscriptions import read_kinds
from .address import checked_url
from .signing import checked_secret

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Hook", "new_hook"]

_KEY_BYTES = 32
_ID_BYTES = 8
_MOST_NAMES = 100
_LONGEST_NAME = 300


def _origin(url: str) -> str:
    """Return what of *url* is nobody's secret."""
    parts = urlsplit(url)
    return repr(f"{parts.scheme}://{parts.netloc}/…")


@attrs.frozen(kw_only=True)
class Hook:
    """An address that is told of changes, and of which.

    ``kinds`` are the kinds of change it hears of, all where there are none. ``models`` (exact references) and ``providers`` (ids) are what it
    hears of: any of these; of everything where there are neither. Of a price that moved by less than ``min_price_change`` percent it does not
    hear; one that came or went, or was free before, has no percentage and passes. ``cursor`` is the number of the last revision that was looked at for it.
    """

    id: str
    url: str = attrs.field(repr=_origin)
    secret: str = attrs.field(repr=False)
    kinds: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    min_price_change: Decimal | None = None
    paused: bool = False
    created_at: datetime
    cursor: int = 0

    def wants(self, change: Change) -> bool:
        """Return whether it is to be told of *change*."""
        about = not (self.models or self.providers) or str(change.ref) in self.models or change.ref.provider_id in self.providers
        return about and (not self.kinds or change.kind in self.kinds) and not self._is_small(change)

    def _is_small(self, change: Change) -> bool:
        least, percent = self.min_price_change, change.percent
        return change.kind == "price" and least is not None and percent is not None and abs(percent) < least

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it, without the secret."""
        told = {field.name: getattr(self, field.name) for field in attrs.fields(Hook) if field.name != "secret"}
        return {**told, "created_at": self.created_at.isoformat()}

    def to_text(self) -> str:
        """Return it as a store keeps it."""
        return to_text({**self.to_dict(), "secret": self.secret})

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what :meth:`to_text` made a text of."""
        kept = json.loads(text, parse_float=Decimal)
        least = kept["min_price_change"]
        lists = {name: tuple(kept[name]) for name in ("kinds", "models", "providers")}
        at = datetime.fromisoformat(kept["created_at"])
        return cls(**{**kept, **lists, "created_at": at, "min_price_change": None if least is None else Decimal(least)})


def new_hook(
    url: str,
    *,
    secret: str | None,
    kinds: Iterable[str],
    models: Iterable[str],
    providers: Iterable[str],
    min_price_change: Decimal | float | None,
    cursor: int,
    now: float,
    allow_private: bool,
) -> Hook:
    """Return a hook for what was given, checked.

    Raises:
        QueryError: one of them cannot be used; ``.criterion`` is its name.
        InvalidRefError: one of *models* is no reference.
        MissingExtraError: what signs messages is not installed.
    """
    return Hook(
        id=token_hex(_ID_BYTES),
        url=checked_url(url, allow_private=allow_private),
        secret=checked_secret(f"whsec_{b64encode(token_bytes(_KEY_BYTES)).decode()}" if secret is None else secret),
        kinds=tuple(sorted(read_kinds([*kinds]) or ())),
        models=_names("models", (str(ModelRef.parse(model)) for model in models)),
        providers=_names("providers", providers),
        min_price_change=_percent(min_price_change),
        created_at=datetime.fromtimestamp(now, UTC),
        cursor=cursor,
    )


def _names(criterion: str, given: Iterable[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(given))
    if len(names) > _MOST_NAMES or any(not 0 < len(name) <= _LONGEST_NAME for name in names):
        message = f"{criterion} are at most {_MOST_NAMES} names of at most {_LONGEST_NAME} characters; make several webhooks for more"
        raise QueryError(message, criterion=criterion)
    return names


def _percent(given: Decimal | float | None) -> Decimal | None:
    if given is None:
        return None
    percent = as_decimal(given)
    if percent is None or percent < 0:
        message = f"min_price_change is a percentage such as 5, not {given}"
        raise QueryError(message, criterion="min_price_change", value=given)
    return percent
