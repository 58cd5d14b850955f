"""Models side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ..display.sheet import Sheet
from ..display.shown import Shown
from ..display.text import as_text
from ..records.capabilities import CAPABILITIES
from ..records.cost import RATES
from ..records.plain import plain
from .modes import modes_of
from .price import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..records.model import Model
    from ..records.usage import Usage

__all__ = ["Comparison", "ComparisonRow", "compare_models"]

Better: TypeAlias = Literal["up", "down"] | None

_TOKENS = "tokens"
_RATE = "USD per million tokens"


@attrs.frozen
class ComparisonRow:
    """One fact of every compared model, in the order of ``Comparison.models``.

    ``unit`` is what numbers count, None for what is no number. ``differs`` is whether the values are not all the same, an unknown (None)
    being different from any value. ``best`` holds the places of the best values where the fact has a good direction (prices down, limits up)
    and at least two models differ in it; it is empty otherwise. A price of 0 under a subscription plan is never best.
    """

    field: str
    unit: str | None
    values: tuple[Any, ...]
    differs: bool
    best: tuple[int, ...] = ()


@attrs.frozen(repr=False)
class Comparison(Shown):
    """Models side by side: ``rows`` of facts about ``models``; ``missing`` are the references nothing is known of.

    Prints as a table, and shows as one in notebooks and through rich. Facts nobody states for any of the models have no row.
    """

    models: tuple[Model, ...]
    missing: tuple[str, ...]
    rows: tuple[ComparisonRow, ...]

    def differences(self) -> tuple[ComparisonRow, ...]:
        """Return the rows in which the models differ."""
        return tuple(row for row in self.rows if row.differs)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dict for each row: ``field``, ``unit``, ``differs``, ``values`` by reference, and ``best`` as references."""
        refs = [str(model.ref) for model in self.models]
        return [
            {
                "field": row.field,
                "unit": row.unit,
                "differs": row.differs,
                "values": dict(zip(refs, map(plain, row.values), strict=True)),
                "best": [refs[place] for place in row.best],
            }
            for row in self.rows
        ]

    def to_markdown(self) -> str:
        """Return a Markdown table, the best of each row in bold."""
        return self.sheet().markdown

    def sheet(self) -> Sheet:
        """Return the facts as rows and the models as columns, the best of each row standing out."""
        return Sheet(
            header=["", *(str(model.ref) for model in self.models)],
            rows=[[f"{row.field} ({row.unit})" if row.unit else row.field, *map(as_text, row.values)] for row in self.rows],
            best={(number, place + 1) for number, row in enumerate(self.rows) for place in row.best},
            notes=[f"Not in the catalog: {', '.join(self.missing)}"] if self.missing else [],
        )

    def __str__(self) -> str:
        return str(self.sheet())

    def __repr__(self) -> str:
        refs = ", ".join(as_text(model.ref) for model in self.models)
        return f"<Comparison of {refs}: {len(self.differences())} of {len(self.rows)} facts differ>"


def compare_models(models: Sequence[Model], *, missing: Sequence[str] = (), usage: Usage | None = None) -> Comparison:
    """Return *models* side by side; with *usage*, what that workload costs at each."""
    rows = [_row(field, unit, better, [fact(model) for model in models], models) for field, unit, better, fact in _FACTS]
    if usage is not None:
        rows.append(_row("total", "USD", "down", [quote(model, usage).total for model in models], models))
    return Comparison(tuple(models), tuple(missing), tuple(row for row in rows if any(value is not None for value in row.values)))


def _row(field: str, unit: str | None, better: Better, values: list[Any], models: Sequence[Model]) -> ComparisonRow:
    differs = any(value != values[0] for value in values)
    contenders = {
        place: value for place, value in enumerate(values) if value is not None and (better == "up" or models[place].price_state != "plan")
    }
    best: tuple[int, ...] = ()
    if better and len(set(contenders.values())) > 1:
        top = (max if better == "up" else min)(contenders.values())
        best = tuple(place for place, value in contenders.items() if value == top)
    return ComparisonRow(field, unit, tuple(values), differs, best)


def _rate(name: str) -> Callable[[Model], Any]:
    return lambda model: model.cost and getattr(model.cost, name)


def _tiers(model: Model) -> tuple[str, ...] | None:
    tiers = model.cost.tiers if model.cost else ()
    return tuple(f"above {tier.size:,}: {as_text(tier.input)} in, {as_text(tier.output)} out" for tier in tiers) or None


def _modes(model: Model) -> tuple[str, ...] | None:
    return tuple(modes_of(model)) or None


def _reasoning(model: Model) -> tuple[str, ...] | None:
    return tuple(option.type or "?" for option in model.reasoning_options or ()) or None


_FACTS: tuple[tuple[str, str | None, Better, Callable[[Model], Any]], ...] = (
    ("name", None, None, lambda model: model.name),
    ("provider", None, None, lambda model: model.provider_id),
    ("family", None, None, lambda model: model.family),
    ("type", None, None, lambda model: model.type or "chat"),
    ("status", None, None, lambda model: model.status or "available"),
    ("release_date", None, None, lambda model: model.release_date),
    ("knowledge", None, None, lambda model: model.knowledge),
    ("limit.context", _TOKENS, "up", lambda model: model.limit.context),
    ("limit.input", _TOKENS, "up", lambda model: model.limit.input),
    ("limit.output", _TOKENS, "up", lambda model: model.limit.output),
    ("modalities.input", None, None, lambda model: model.modalities.input or None),
    ("modalities.output", None, None, lambda model: model.modalities.output or None),
    *(
        (name, None, None, CAPABILITIES[name])
        for name in ("reasoning", "tool_call", "structured_output", "temperature", "attachment", "interleaved")
    ),
    ("reasoning_options", None, None, _reasoning),
    ("open_weights", None, None, lambda model: model.open_weights),
    ("price_state", None, None, lambda model: model.price_state),
    *((f"cost.{name}", _RATE, "down", _rate(name)) for name in RATES),
    ("cost.tiers", _RATE, None, _tiers),
    ("modes", None, None, _modes),
)
