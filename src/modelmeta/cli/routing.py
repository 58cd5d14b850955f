"""The commands that routers have a use for: what to begin with, where to go next, what fits, and what looks wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..catalog.query import Query
from ..catalog.routing.tasks import TASKS
from ..display.sheet import Sheet
from ..display.text import as_text
from ..records.usage import Usage
from .criteria import criteria_options
from .given import with_catalog
from .naming import REF
from .output import as_json, ending, print_json, print_long, print_sheet, working
from .questions import with_providers, workload_options

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from ..catalog.leaderboard import Standard
    from ..catalog.query import Number

__all__ = ["fallback", "lint", "recommend", "room"]


def _weights(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the weights that ``FACT=NUMBER`` give."""
    for text in given:
        if "=" not in text:
            message = f"{text!r} is no FACT=NUMBER, such as price=2"
            raise click.BadParameter(message, ctx, option)
    return {fact: number for fact, _, number in (text.rpartition("=") for text in given)}


@click.command(epilog=ending("recommend vision -p anthropic -p openai --weight price=2 --weight date=1 -n 3", "when no model is left"))
@click.argument("task", type=click.Choice([*TASKS]), metavar="TASK")
@click.option(
    "--weight", "weights", multiple=True, metavar="FACT=NUMBER", callback=_weights, help="How much price, context, … counts. Repeatable."
)
@workload_options
@criteria_options
@click.option("--limit", "-n", type=int, help="At most this many; 10 by default.")
@as_json
@with_catalog
def recommend(
    catalog: Catalog,
    /,
    task: str,
    weights: dict[str | Standard, Number],
    as_json: bool,
    capability: tuple[str, ...],
    **criteria: Any,
) -> None:
    """Rank the models that suit a task by published facts.

    TASK is agents, audio, chat, documents, embedding, image-generation, long-context, reasoning, self-hosting, speech, structured-output, tool-use,
    transcription, video or vision. Shows the score of each model and, in brackets, that of each fact: the share of the others that are not better.
    """
    query, usual = TASKS[task].query, TASKS[task].weights
    asked = Query(*query.capabilities, *capability, **query.given())
    found = catalog.recommend(asked, weights=weights or usual, **with_providers(catalog, criteria))
    if as_json:
        print_json(list(found))
    else:
        print_sheet(found.sheet(most=None))
    sys.exit(0 if found else 1)


@click.command(epilog=ending("fallback anthropic/claude-opus-4-5 --input-tokens 50000 --output-tokens 2000 -n 5", "when there is none"))
@click.argument("ref", type=REF)
@workload_options
@click.option(
    "--same-capabilities/--any-capabilities", default=True, help="Whether it has all capabilities the model has; so it is by default."
)
@click.option("--different-provider/--any-provider", default=True, help="Whether another provider sells it; so it is by default.")
@click.option("--limit", "-n", type=int, help="At most this many.")
@as_json
@with_catalog
def fallback(catalog: Catalog, /, ref: str, as_json: bool, **asked: Any) -> None:
    """Show where to go when a model does not answer, nearest first.

    Other offers of the same model come first, then its other dates, its family, and what else can do as much; a line each, with the reasons.
    """
    chain = catalog.fallback_chain(ref, **asked)
    if as_json:
        print_json(list(chain))
    else:
        print_long(chain)
    sys.exit(0 if chain else 1)


@click.command(epilog=ending("room openai/gpt-5.5 --input-tokens 270000 --output-tokens 2000", "when it is known not to fit"))
@click.argument("ref", type=REF)
@workload_options
@as_json
@with_catalog
def room(catalog: Catalog, /, ref: str, usage: Usage | None, as_json: bool) -> None:
    """Show how much room a request leaves in a model's limits.

    Whether it fits, how many tokens more would, the most output after that input, and how near the next price tier is. What nobody published is "?".
    """
    asked = usage or Usage()
    left, ahead = catalog.headroom(ref, asked), catalog.cliff(ref, asked)
    facts = {
        "fits": catalog.fits(ref, asked),
        **{name: getattr(left, name) for name in ("context", "input", "output")},
        "max_output": catalog.max_output_for(ref, asked.input_tokens),
    }
    if as_json:
        tier = ahead and {"size": ahead.size, "tokens_left": ahead.tokens_left, "jump": ahead.jump}
        print_json({"ref": left.ref, **facts, "cliff": tier})
    else:
        rows = [[name, as_text(value)] for name, value in facts.items()]
        print_sheet(Sheet(header=["left", str(left.ref)], rows=rows, notes=[] if ahead is None else [str(ahead)]))
    sys.exit(1 if facts["fits"] is False else 0)


@click.command(epilog=ending("lint --overlay own.toml"))
@as_json
@with_catalog
def lint(catalog: Catalog, /, as_json: bool) -> None:
    """List what looks wrong in the facts of all models.

    A line for each finding: the model, the field, and why; limits above their whole, prices that jump, dates that cannot be. Nothing is corrected.
    """
    with working("Reading every model", quiet=as_json):
        findings = catalog.lint()
    if as_json:
        print_json(list(findings))
    else:
        print_long(findings)
