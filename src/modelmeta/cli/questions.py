"""The commands that find, explain and choose models."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import click

from ..catalog.catalog import Catalog
from ..catalog.explain import Explanation
from ..catalog.leaderboard import Standard, Standing, TextResult
from ..display.sheet import Sheet
from ..display.text import as_text
from ..errors import NoMatchError
from ..records.plain import plain
from ..records.usage import Usage
from .criteria import criteria_options, page_options
from .given import with_catalog
from .naming import REF
from .output import as_json, ending, print_json, print_sheet, stdout_is_terminal

__all__ = ["check", "explain", "leaderboard", "offerings", "search", "select", "with_providers", "workload_options"]


def workload_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options of a workload; it is called with it as ``usage``, None where neither is used."""

    @click.option("--input-tokens", type=int, help="Input tokens of the workload.")
    @click.option("--output-tokens", type=int, help="Output tokens of the workload.")
    @functools.wraps(command)
    def called(*args: Any, input_tokens: int | None, output_tokens: int | None, **options: Any) -> None:
        usage = None if input_tokens is output_tokens is None else Usage(input_tokens or 0, output_tokens or 0)
        command(*args, usage=usage, **options)

    return called


def with_providers(catalog: Catalog, criteria: dict[str, Any]) -> dict[str, Any]:
    """Return *criteria*, whose providers must exist."""
    for provider in criteria.get("provider", ()):
        catalog.provider(provider)
    return criteria


@click.command(epilog=ending('search "sonet 4.5" -p anthropic -n 5'))
@click.argument("text")
@criteria_options
@page_options
@as_json
@with_catalog
def search(catalog: Catalog, /, text: str, as_json: bool, capability: tuple[str, ...], **criteria: Any) -> None:
    """Find the models that a text describes.

    Of those that meet all criteria, a line for each, best first, 20 unless --limit says otherwise. Words may be misspelt, run together or in any order.
    """
    hits = catalog.search(text, *capability, **with_providers(catalog, criteria))
    if as_json:
        print_json(hits)
    else:
        print_sheet(hits.sheet())


@click.command(epilog=ending("offerings openai/gpt-5.5 --input-tokens 10000 --output-tokens 1000"))
@click.argument("ref", type=REF)
@workload_options
@as_json
@with_catalog
def offerings(catalog: Catalog, /, ref: str, usage: Usage | None, as_json: bool) -> None:
    """Show every offer of the same model, whoever sells it.

    A line for each, cheapest first: by input and output price, or for a workload.
    """
    offers = catalog.offerings(ref, usage=usage)
    if as_json:
        print_json(offers)
    else:
        print_sheet(offers.sheet(most=None))


@click.command(epilog=ending("explain -c tool_call -c vision --min-context 2000000"))
@criteria_options
@click.option("--near", type=int, default=5, help="How many of the nearest misses to show.")
@as_json
@with_catalog
def explain(catalog: Catalog, /, near: int, as_json: bool, capability: tuple[str, ...], **criteria: Any) -> None:
    """Explain why models do or do not meet criteria.

    A line for each criterion, with how many pass it, and the nearest misses.
    """
    _print_explanation(catalog.explain(*capability, near=near, **with_providers(catalog, criteria)), as_json=as_json)


@click.command(
    epilog=ending("select -c tool_call --min-context 400000 --input-tokens 300000", "and an explanation when no model meets the criteria")
)
@workload_options
@criteria_options
@page_options
@click.option("--prefer", default="cheapest", help="cheapest (the default; for the workload), largest_context, newest or benchmark:<name>.")
@as_json
@with_catalog
def select(catalog: Catalog, /, prefer: str, as_json: bool, capability: tuple[str, ...], **criteria: Any) -> None:
    """Choose the best model that meets all criteria, and price it.

    With --limit, shows the best that many in order. Deprecated models are left out unless --status asks for them.
    """
    asked = {"limit": 1, **with_providers(catalog, criteria)}
    try:
        catalog.select(*capability, prefer=prefer, **asked)
    except NoMatchError as error:
        _print_explanation(error.explanation, as_json=as_json)
        sys.exit(1)
    ranking = catalog.rank(*capability, prefer=prefer, **asked)
    if as_json:
        print_json(list(ranking) if "limit" in criteria else ranking[0])
        return
    print_sheet(ranking.sheet(most=None))
    if "limit" not in criteria and (quote := ranking[0].quote):
        click.echo()
        print_sheet(quote.sheet())


@click.command(epilog=ending('leaderboard "SWE-Bench Pro" --metric "resolve rate"'))
@click.argument("benchmark")
@criteria_options
@page_options
@click.option("--metric", help="Only results that state this metric.")
@click.option("--harness", help="Only results that state this harness.")
@click.option("--version", help="Only results that state this version.")
@click.option("--dataset", help="Only results that state this dataset.")
@click.option("--variant", help="Only results that state this variant.")
@as_json
@with_catalog
def leaderboard(catalog: Catalog, /, benchmark: str, as_json: bool, capability: tuple[str, ...], **criteria: Any) -> None:
    """Rank the published results of a benchmark.

    Of the models that meet all criteria, a line for each, highest first. Results compare only where metric, harness and version agree; the options choose, and an empty text ("") means results that state none.
    Only models.json and catalog.json hold results: see --catalog.
    """
    stated = {name: criteria.pop(name) or None for name in ("metric", "harness", "version", "dataset", "variant") if name in criteria}
    board = catalog.leaderboard(Standard(benchmark, **stated), *capability, **with_providers(catalog, criteria))
    if as_json:
        ranked = [{"rank": place.rank, "score": place.score, **_result(place)} for place in board]
        print_json({"benchmark": str(board.standard), "ranked": ranked, "not_ranked": [_result(text) for text in board.texts]})
    else:
        print_sheet(board.sheet())


@click.command(epilog=ending("check openai/gpt-5.5 --input image --effort high --max-output 64000", "when something is known not to fit"))
@click.argument("ref", type=REF)
@click.option("--capability", "-c", "capabilities", multiple=True, help="The request needs this capability. Repeatable.")
@click.option("--input", multiple=True, help="It sends this modality. Repeatable.")
@click.option("--output", multiple=True, help="It expects this modality. Repeatable.")
@workload_options
@click.option("--max-output", type=int, help="The max_tokens it sets.")
@click.option("--effort", "reasoning_effort", help="The reasoning effort it asks for (low, high, …).")
@click.option("--budget", "reasoning_budget", type=int, help="The reasoning tokens it allows.")
@as_json
@with_catalog
def check(catalog: Catalog, /, ref: str, as_json: bool, **request: Any) -> None:
    """Check whether a request fits a model.

    A line for each thing that does not; what is unknown is listed with a "?".
    """
    misfits = catalog.check(ref, **request)
    if as_json:
        print_json(misfits)
    elif misfits:
        rows = [[as_text(False if misfit.known else None), misfit.path, misfit.reason] for misfit in misfits]
        print_sheet(Sheet(title=str(catalog.get(ref).ref), header=["fits", "fact", "why"], rows=rows))
    else:
        click.echo(f"The request fits {catalog.get(ref).ref}.")
    sys.exit(1 if any(misfit.known for misfit in misfits) else 0)


def _print_explanation(explanation: Explanation, *, as_json: bool) -> None:
    if as_json:
        steps = list(map(_facts, explanation.steps))
        misses = [
            {"model": str(miss.model.ref), "lacks": [{**_facts(lack), "text": str(lack)} for lack in miss.lacks]}
            for miss in explanation.near_misses
        ]
        print_json({"total": explanation.total, "matched": explanation.matched, "steps": steps, "near_misses": misses})
    elif stdout_is_terminal():
        print_sheet(explanation.sheet())
    else:
        click.echo(str(explanation))  # with its title, which says that none matched


def _facts(record: Any) -> dict[str, Any]:
    """Return *record* as a dict that is JSON, sets of words included."""
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in plain(record).items()}


def _result(place: Standing | TextResult) -> dict[str, Any]:
    """Return what a place on a leaderboard says of its model."""
    return {"lab_model": place.lab_model.id, "result": place.result, "models": place.models}
