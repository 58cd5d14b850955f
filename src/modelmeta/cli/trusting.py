"""The commands about who says what: where facts come from, who contradicts them, and what a policy rules."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..errors import QueryError
from ..records.plain import plain
from .given import with_registry
from .naming import REF
from .output import as_json, ending, print_json, print_long, print_records, working

if TYPE_CHECKING:
    from ..codec.layer import Layer
    from ..registry.registry import Registry

__all__ = ["disagreements", "drift", "origin", "policy"]

_ORIGIN = ("layer", "value", "revision", "ref")
_DRIFT = ("overlay", "ref", "field", "before", "now")
_RULED = ("ref", "allowed", "reason", "place", "rule")


@click.command(epilog=ending("origin openai/gpt-5.5 cost.input --overlay own.toml"))
@click.argument("ref", type=REF)
@click.argument("field")
@as_json
@with_registry
def origin(registry: Registry, /, ref: str, field: str, as_json: bool) -> None:
    """Show where a fact of a model comes from.

    FIELD is the dotted path of one fact, such as cost.input or modalities.input. Shows the layer that says it (bundled, upstream, or the name of an
    overlay), what it says, and the revision and the model of which it says so. Without a layer, nobody says it.
    """
    found = registry.origin(ref, field)
    if as_json:
        print_json(found)
    else:
        print_records([found], _ORIGIN, as_json=False)


@click.command(epilog=ending("drift --overlay own.toml --store sqlite:///catalog.db", "when upstream moved"))
@as_json
@with_registry
def drift(registry: Registry, /, as_json: bool) -> None:
    """List where upstream moved since an overlay was written.

    A line for each fact under written_against in an overlay of which upstream says something else: what it said then, and what now.
    """
    moved = registry.overlay_drift()
    print_records(moved, _DRIFT, as_json=as_json)
    sys.exit(1 if moved else 0)


@click.command(epilog=ending("disagreements --with litellm --tolerance 0.05"))
@click.option(
    "--with",
    "others",
    multiple=True,
    required=True,
    metavar="NAME[=FILE]",
    help="Compare with litellm or genai-prices as installed, or with a file of them or of openrouter. Repeatable.",
)
@click.option("--tolerance", type=float, default=0.01, show_default=True, help="By what share of the smaller one numbers may differ.")
@as_json
@with_registry
def disagreements(registry: Registry, /, others: tuple[str, ...], tolerance: float, as_json: bool) -> None:
    """List where other sources contradict upstream.

    A line for each price, limit or capability that both state, worst first, and how much was compared. Nothing touches the network.
    """
    with working("Comparing", quiet=as_json):
        found = registry.disagreements(*(_layer(registry, other) for other in others), tolerance=tolerance)
    if as_json:
        listed = [{**plain(one), "ratio": one.ratio if one.ratio is None or one.ratio.is_finite() else str(one.ratio)} for one in found]
        print_json({"disagreements": listed, "agreement": found.agreement})
    else:
        print_long(found)


def _layer(registry: Registry, other: str) -> Layer:
    """Return the layer that ``NAME[=FILE]`` means."""
    from ..registry import dialects  # noqa: PLC0415  # no other command needs them

    name, _, path = other.partition("=")
    match name, path:
        case "litellm", _:
            return dialects.litellm_layer(path or None, catalog=registry.upstream)
        case "genai-prices", _:
            return dialects.genai_prices_layer(path or None, catalog=registry.upstream)
        case "openrouter", _ if path:
            return dialects.openrouter_layer(path, catalog=registry.upstream)
    message = (
        f"{other!r} is none of litellm[=FILE], genai-prices[=FILE] and openrouter=FILE, what https://openrouter.ai/api/v1/models answered"
    )
    raise QueryError(message, criterion="with", value=other)


@click.command(epilog=ending("policy openai/gpt-5.5 --policy rules.toml --profile prod", "when it is denied"))
@click.argument("ref", type=REF)
@as_json
@with_registry
def policy(registry: Registry, /, ref: str, as_json: bool) -> None:
    """Show what the policy rules of a model, and which rule decided.

    Whether it is allowed, why, and where the rule stands. Without a policy everything is allowed.
    """
    ruled = registry.policy_check(ref)
    if as_json:
        said: dict[str, Any] = {name: getattr(ruled, name) for name in _RULED[:-1]}
        print_json({**said, "rule": ruled.rule and str(ruled.rule)})
    else:
        print_records([ruled], _RULED, as_json=False)
    sys.exit(0 if ruled.allowed else 1)
