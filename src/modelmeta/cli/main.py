"""The commands."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeVar

import click

from ..catalog.catalog import Catalog
from ..display.sheet import Sheet
from ..display.text import as_text, printable
from ..errors import ModelMetaError, RefreshError
from ..records.usage import Usage
from ..registry.catalogs import load_catalog
from .changes import print_changes
from .criteria import criteria_options, page_options, sort_option
from .doctor import examine
from .export import export
from .given import STORE_HELP, Given, with_catalog, with_given
from .keeping import KEEPING
from .ledger import ledger
from .mcp import mcp
from .output import print_json, print_sheet, stdout_is_terminal
from .questions import QUESTIONS, as_json, workload_options
from .serve import serve
from .webhooks import webhooks

__all__ = ["cli"]

Command = TypeVar("Command", bound=Callable[..., Any])


_SECRET = re.compile(r"""(?<=://)[^\n]*(?=@)|(?<=password=)[^&\s'")]*""")
"""What may be a password, in a line that shows an address."""


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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("modelmeta"), prog_name="modelmeta")
@click.option("--catalog", "path", type=click.Path(), help="Read this models.dev document or snapshot, not the bundled one, nor a store.")
@click.option("--store", envvar="MODELMETA_STORE", help=f"{STORE_HELP}. Commands about models read its newest revision.")
def cli(path: str | None, store: str | None) -> None:
    """The catalog of LLM models: every provider, model, limit, capability and price, offline."""


for command in (*QUESTIONS, *KEEPING, ledger, export, mcp, serve, webhooks):
    cli.add_command(command)


@cli.command("list")
@criteria_options
@sort_option
@page_options
@as_json
@with_catalog
def list_(catalog: Catalog, /, as_json: bool, capability: tuple[str, ...], **criteria: Any) -> None:  # noqa: FBT001  # click passes flags by name
    """List the models that meet all criteria.

    A criterion about something unknown fails, unless --unknown says otherwise. On a terminal the first 30 are shown unless --limit is given.
    """
    for provider in criteria.get("provider", ()):
        catalog.provider(provider)
    models = catalog.filter(*capability, **criteria)
    if as_json:
        print_json(models.to_dicts())
        return
    sheet = models.sheet() if stdout_is_terminal() and "limit" not in criteria else models.sheet(most=None)
    print_sheet(sheet)
    if len(sheet.rows) < len(models):
        click.echo("--limit shows more.")


@cli.command()
@click.argument("ref")
@as_json
@with_catalog
def show(catalog: Catalog, /, ref: str, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Show everything known about one model."""
    model = catalog.get(ref)
    if as_json:
        print_json(model)
    else:
        print_sheet(model.sheet())


@cli.command()
@click.argument("refs", nargs=-1, required=True)
@workload_options
@as_json
@with_catalog
def compare(catalog: Catalog, /, refs: tuple[str, ...], usage: Usage | None, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Compare models side by side, also by what a workload costs; the best of a row is marked."""
    for ref in refs:
        catalog.get(ref)
    comparison = catalog.compare(*refs, usage=usage)
    if as_json:
        print_json(comparison.to_dicts())
    else:
        print_sheet(comparison.sheet())


@cli.command()
@click.argument("ref")
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
def price(catalog: Catalog, /, ref: str, mode: str | None, as_json: bool, **tokens: int) -> None:  # noqa: FBT001  # click passes flags by name
    """Price a request, line by line, in USD."""
    quote = catalog.price(ref, Usage(**tokens), mode=mode)
    if as_json:
        print_json(quote)
    else:
        print_sheet(quote.sheet())


@cli.command()
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path(), required=False)
@as_json
@with_catalog
def diff(catalog: Catalog, /, old: str, new: str | None, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Show what changed from the document OLD to NEW, or to the catalog in use."""
    changes = load_catalog(old).diff(catalog if new is None else load_catalog(new))
    counts = f"{len(changes.added):,} added, {len(changes.removed):,} removed, {len(changes.changed):,} changed, {len(changes.price_changes):,} prices moved"
    print_changes(changes, counts, as_json=as_json)


@cli.command()
@as_json
@with_given
def doctor(given: Given, /, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Examine the installation: versions, extras, how old and sound the catalog is, and the store, if there is one."""
    findings, sound = examine(given)
    if as_json:
        print_json(findings)
    else:
        print_sheet(Sheet(header=["", "found"], rows=[[name, as_text(value)] for name, value in findings.items()]))
    sys.exit(0 if sound else 1)
