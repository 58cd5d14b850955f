"""The commands."""

from __future__ import annotations

import re
import sys
from typing import Any

import click

from ..catalog.catalog import Catalog
from ..display.sheet import Sheet
from ..display.text import as_text, printable
from ..errors import ModelMetaError, RefreshError
from ..records.usage import Usage
from ..registry.catalogs import load_catalog
from .calling import CALLING
from .changes import print_changes
from .completion import completion
from .criteria import criteria_options, page_options, sort_option
from .export import export
from .given import Given, given_options, with_catalog, with_given
from .keeping import KEEPING
from .ledger import ledger
from .mcp import mcp
from .naming import REF
from .output import as_json, ending, print_json, print_sheet, stdout_is_terminal
from .questions import check, explain, leaderboard, offerings, search, select, with_providers, workload_options
from .routing import fallback, lint, recommend, room
from .serve import serve
from .trusting import disagreements, drift, origin, policy
from .watch import watch
from .webhooks import webhooks

__all__ = ["HEADINGS", "cli"]

_SECRET = re.compile(r"""(?<=://)[^\n]*(?=@)|(?<=:/)[^/\n][^\n]*(?=@)|(?<=password=)[^&\s'")]*""")
"""What may be a password, in a line that shows an address, or one that was taken for a path."""


_SENTENCE = 200
"""No first sentence of a command's help is longer."""


class _Commands(click.Group):
    """A group that reports our errors as click reports its own, in words and with exit code 2, and shows no password that it was given."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModelMetaError as error:
            message = "\n".join(map(printable, str(error).splitlines()))
            raise click.UsageError(_SECRET.sub("***", message), None if isinstance(error, RefreshError) else ctx) from error
        except click.UsageError as error:
            raise click.UsageError(_SECRET.sub("***", error.format_message()), error.ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings, each with its first sentence."""
        del ctx
        width = max(map(len, self.commands))
        for heading, commands in HEADINGS.items():
            with formatter.section(heading):
                rows = [(str(command.name).ljust(width), command.get_short_help_str(_SENTENCE)) for command in commands]
                formatter.write_dl(rows)


@click.command("list", epilog=ending("list -c tool_call --min-context 200000 --max-input-cost 1 -s cost.input -n 10"))
@criteria_options
@sort_option
@page_options
@as_json
@with_catalog
def list_(catalog: Catalog, /, as_json: bool, capability: tuple[str, ...], **criteria: Any) -> None:
    """List the models that meet all criteria.

    A line for each, with context, output limit and prices. A criterion about something unknown fails, unless --unknown says otherwise. On a terminal the first 30 are shown unless --limit is given.
    """
    models = catalog.filter(*capability, **with_providers(catalog, criteria))
    if as_json:
        print_json(models.to_dicts())
        return
    sheet = models.sheet() if stdout_is_terminal() and "limit" not in criteria else models.sheet(most=None)
    print_sheet(sheet)
    if len(sheet.rows) < len(models):
        click.echo("--limit shows more.")


@click.command(epilog=ending("show openai/gpt-5.5"))
@click.argument("ref", type=REF)
@as_json
@with_catalog
def show(catalog: Catalog, /, ref: str, as_json: bool) -> None:
    """Show everything known about one model.

    A line for each fact, under its dotted path. What is not there, nobody said.
    """
    model = catalog.get(ref)
    if as_json:
        print_json(model)
    else:
        print_sheet(model.sheet())


@click.command(epilog=ending("compare openai/gpt-5.5 anthropic/claude-opus-4-5 --input-tokens 10000"))
@click.argument("refs", type=REF, nargs=-1, required=True)
@workload_options
@as_json
@with_catalog
def compare(catalog: Catalog, /, refs: tuple[str, ...], usage: Usage | None, as_json: bool) -> None:
    """Compare models side by side.

    A line for each fact, also for what a workload costs, and a column for each model; the best of a line is marked.
    """
    for ref in refs:
        catalog.get(ref)
    comparison = catalog.compare(*refs, usage=usage)
    if as_json:
        print_json(comparison.to_dicts())
    else:
        print_sheet(comparison.sheet())


@click.command(epilog=ending("price openai/gpt-5.5 --input 300000 --output 2000"))
@click.argument("ref", type=REF)
@click.option("--input", "input_tokens", type=int, default=0, help="Input tokens, cached and audio ones included.")
@click.option("--output", "output_tokens", type=int, default=0, help="Output tokens, reasoning and audio ones included.")
@click.option("--cache-read", "cache_read_tokens", type=int, default=0, help="Input tokens read from the cache.")
@click.option("--cache-write", "cache_write_tokens", type=int, default=0, help="Input tokens written to the cache.")
@click.option("--reasoning", "reasoning_tokens", type=int, default=0, help="Output tokens spent on reasoning.")
@click.option("--input-audio", "input_audio_tokens", type=int, default=0, help="Input tokens that are audio.")
@click.option("--output-audio", "output_audio_tokens", type=int, default=0, help="Output tokens that are audio.")
@click.option("--mode", help='Price this mode of the model, such as "fast".')
@as_json
@with_catalog
def price(catalog: Catalog, /, ref: str, mode: str | None, as_json: bool, **tokens: int) -> None:
    """Price a request.

    A line for each kind of token, with how many, at which price, and what they cost in USD.
    """
    quote = catalog.price(ref, Usage(**tokens), mode=mode)
    if as_json:
        print_json(quote)
    else:
        print_sheet(quote.sheet())


@click.command(epilog=ending("diff old.json new.json"))
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path(), required=False)
@as_json
@with_catalog
def diff(catalog: Catalog, /, old: str, new: str | None, as_json: bool) -> None:
    """Show what changed between two documents, or to the catalog in use.

    From OLD to NEW, a line for each change, and how many there are.
    """
    changes = load_catalog(old).diff(catalog if new is None else load_catalog(new))
    counts = f"{len(changes.added):,} added, {len(changes.removed):,} removed, {len(changes.changed):,} changed, {len(changes.price_changes):,} prices moved"
    print_changes(changes, counts, as_json=as_json)


@click.command(epilog=ending("doctor", "when the catalog is damaged"))
@as_json
@with_given()
def doctor(given: Given, /, as_json: bool) -> None:
    """Examine the installation.

    A line for each thing that is looked at: versions, extras, how old and sound the catalog is, and the store, if there is one.
    """
    from .doctor import examine  # noqa: PLC0415  # importlib.metadata takes longer than any answer

    findings, sound = examine(given)
    if as_json:
        print_json(findings)
    else:
        print_sheet(Sheet(header=["", "found"], rows=[[name, as_text(value)] for name, value in findings.items()]))
    sys.exit(0 if sound else 1)


HEADINGS: dict[str, tuple[click.Command, ...]] = {
    "Find": (list_, search, show, compare, offerings, leaderboard),
    "Choose": (select, explain, check, recommend, fallback, room),
    "Price": (price, ledger),
    "Call": CALLING,
    "Trust": (origin, drift, disagreements, lint, policy, diff),
    "Keep": (*KEEPING, watch, export),
    "Serve": (serve, mcp, webhooks),
    "This program": (doctor, completion),
}
"""Every command, under the heading of what it is for."""


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0; 1 for what a command's help says; 2 when something is wrong. modelmeta COMMAND --help says what a command takes and prints.",
)
@click.version_option(package_name="modelmeta", prog_name="modelmeta")
@click.option("--catalog", "path", type=click.Path(), help="Read this models.dev document or snapshot, not the bundled one, nor a store.")
@given_options()
def cli(**_: Any) -> None:
    """The catalog of LLM models: every provider, model, limit, capability and price, offline."""


for _command in (command for commands in HEADINGS.values() for command in commands):
    cli.add_command(_command)
