"""Where other sources contradict a catalog."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Protocol, Self

import attrs

from ..display.sheet import SHOWN, Sheet, part_of
from ..display.text import as_text
from ..display.tuples import ShownTuple
from ..errors import QueryError
from ..records.capabilities import CAPABILITIES
from ..records.cost import RATES
from ..records.frozen import FrozenDict
from ..records.refs import ModelRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..records.cost import Cost
    from ..records.model import Model
    from .catalog import Catalog
    from .reading import Reading

__all__ = ["Agreement", "Disagreement", "Disagreements", "Says", "disagreements"]

_DIGITS = Context(prec=6)
_FLAGS = ("reasoning", "tool_call", "structured_output", "temperature", "open_weights")
_MODALITIES = {
    side: [name for name in CAPABILITIES if name.endswith(f"_{side}") and name != "structured_output"] for side in ("input", "output")
}


class Says(Protocol):
    """A layer: what somebody says of models, by reference, in upstream's shape."""

    @property
    def name(self) -> str:
        """What to call who says it."""
        ...

    @property
    def models(self) -> Any:  # a mapping of mappings; pyright takes an attrs field with a converter for something else
        """Fields of rows, by reference."""
        ...


@attrs.frozen(kw_only=True)
class Disagreement:
    """One fact of one model on which *source* contradicts the catalog.

    ``field`` is its dotted path, or the capability's name; a price above so many tokens is ``cost.tiers.<size>.<rate>``. ``ratio`` is how many
    times the larger number is the smaller one (6 digits), Infinity where only one is 0; None for what is no number.
    """

    ref: ModelRef
    field: str
    ours: Any = attrs.field(hash=False)
    theirs: Any = attrs.field(hash=False)
    source: str
    ratio: Decimal | None = None


@attrs.frozen(kw_only=True)
class Agreement:
    """How much one source and the catalog were compared: models that both know, facts that both state, and how many of these are equal."""

    models: int
    facts: int
    equal: int


class Disagreements(ShownTuple[Disagreement]):
    """Every disagreement, worst first: a tuple that shows itself as a table. ``agreement`` says by source how much was compared."""

    agreement: FrozenDict[str, Agreement]

    def __new__(cls, disagreements: Iterable[Disagreement] = (), agreement: Mapping[str, Agreement] = FrozenDict()) -> Self:
        """Return *disagreements* as they are ordered."""
        found = super().__new__(cls, disagreements)
        found.agreement = FrozenDict(agreement)
        return found

    def sheet(self, *, most: int | None = SHOWN) -> Sheet:
        """Return the first 30, the first *most* or all of them as a table; notes say how much was compared."""
        rows = [[str(one.ref), one.field, as_text(one.ours), as_text(one.theirs), one.source, as_text(one.ratio)] for one in self[:most]]
        notes = part_of(len(rows), len(self), "disagreements")
        notes += [
            f"{source}: {found.models:,} models, {found.facts:,} facts compared, {found.equal:,} equal"
            for source, found in self.agreement.items()
        ]
        return Sheet(header=["model", "fact", "ours", "theirs", "source", "ratio"], rows=rows, notes=notes)

    def _some(self, some: tuple[Disagreement, ...]) -> Self:
        return type(self)(some, self.agreement)


def disagreements(catalog: Reading, *layers: Says, tolerance: Decimal | float = 0.01) -> Disagreements:
    """Return where *layers* contradict *catalog* on prices, limits and capabilities of models that both know, worst first.

    Only what both state is compared. An input limit of theirs is compared with our context where nobody else states one. The prices of
    subscriptions are left out: they are 0 because the plan pays.

    Args:
        catalog: the facts they are compared with: those of upstream, without the layers.
        layers: what others say, such as ``litellm_layer()``.
        tolerance: by what share of the smaller one two numbers may differ.

    Raises:
        QueryError: *tolerance* is no such share.
    """
    share: object = tolerance
    if isinstance(share, bool) or not isinstance(share, (int, float, Decimal)) or not 0 <= share < float("inf"):
        message = f"tolerance is a share of the smaller number, such as 0.01, not {tolerance!r}"
        raise QueryError(message, criterion="tolerance", value=tolerance)
    within = 1 + Decimal(str(share))
    found: list[Disagreement] = []
    agreement = {}
    for layer in layers:
        models, equal, others = _compared(catalog.catalog, layer)
        agreement[layer.name] = Agreement(models=models, facts=equal + len(others), equal=equal)
        found += [one for one in others if one.ratio is None or not _near(one.ours, one.theirs, within)]
    return Disagreements(sorted(found, key=_worst), agreement)


def _compared(catalog: Catalog, layer: Says) -> tuple[int, int, list[Disagreement]]:
    """Return how many models both know, how many facts are equal there, and those that are not."""
    models = equal = 0
    others = []
    for ref in layer.models.keys() & catalog.rows.keys():
        model = catalog.peek(catalog.rows[ref])
        pairs = [pair for pair in _pairs(model, layer) if pair[1] is not None and pair[2] is not None]
        models += bool(pairs)
        for field, ours, theirs in pairs:
            if ours == theirs:
                equal += 1
            else:
                others.append(
                    Disagreement(ref=model.ref, field=field, ours=ours, theirs=theirs, source=layer.name, ratio=_ratio(ours, theirs))
                )
    return models, equal, others


def _worst(one: Disagreement) -> tuple[Decimal, ModelRef, str, str]:
    return -(one.ratio or Decimal(0)), one.ref, one.field, one.source


def _near(ours: Any, theirs: Any, within: Decimal) -> bool:
    return bool(max(ours, theirs) <= min(ours, theirs) * within)


def _ratio(ours: Any, theirs: Any) -> Decimal | None:
    if isinstance(ours, (bool, tuple)):
        return None
    less, more = sorted((Decimal(ours), Decimal(theirs)))
    return Decimal(f"{_DIGITS.divide(more, less):f}") if less else Decimal("Infinity")  # 20, not 2E+1


def _pairs(model: Model, layer: Says) -> Iterator[tuple[str, Any, Any]]:
    """Yield what the catalog and *layer* say of *model*, None where one of them says nothing."""
    row = layer.models[str(model.ref)]
    limit = row.get("limit", {})
    yield "limit.context", model.limit.context, limit.get("context")
    yield "limit.output", model.limit.output, limit.get("output")
    if model.limit.input is not None:
        yield "limit.input", model.limit.input, limit.get("input")
    elif "context" not in limit:
        yield "limit.context", model.limit.context, limit.get("input")
    if model.cost and not model.subscription:
        yield from _prices(model.cost, row.get("cost", {}))
    for name in _FLAGS:
        yield name, getattr(model, name), row.get(name)
    claims: dict[str, bool] = dict(getattr(layer, "claims", {}).get(str(model.ref), {}))
    for side, names in _MODALITIES.items():
        words = row.get("modalities", {}).get(side) or ()
        claims.update({name: name.removesuffix(f"_{side}") in words for name in names if words})
    if (vision := claims.pop("vision", None)) is not None:
        claims.setdefault("image_input", vision)
    for name, answer in sorted(claims.items()):
        yield name, CAPABILITIES[name](model), answer


def _prices(ours: Cost, cost: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for rate in RATES:
        yield f"cost.{rate}", getattr(ours, rate), cost.get(rate)
    known, above = {tier.size: tier for tier in ours.tiers}, {tier["tier"]["size"]: tier for tier in cost.get("tiers", ())}
    if above and known and above.keys() != known.keys():
        yield "cost.tiers", tuple(sorted(known)), tuple(sorted(above))
    for size in sorted(above.keys() & known.keys()):
        for rate in RATES:
            yield f"cost.tiers.{size}.{rate}", getattr(known[size], rate), above[size].get(rate)
