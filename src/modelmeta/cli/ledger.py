"""The command about the ledger."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from ..registry.registry import Registry
from .given import Given, with_given
from .naming import REF
from .output import as_json, ending, print_json, print_sheet

if TYPE_CHECKING:
    from ..registry.ledger.totals import Totals
    from ..registry.ledger.what_if import WhatIf

__all__ = ["ledger"]


@click.command(epilog=ending("ledger --by day --by tag:team --since 2026-11-01 --store sqlite:///catalog.db"))
@click.option("--by", multiple=True, help="Add up by model (the default), by day, or by tag:NAME. Repeatable.")
@click.option("--since", help="Only what was used at this time or later; a date is its beginning, UTC.")
@click.option("--until", help="Only what was used before this time; a date is its end.")
@click.option("--tag", "tags", multiple=True, metavar="NAME[=TEXT]", help="Only what has this tag, with this text or any. Repeatable.")
@click.option("--model", type=REF, help="Only what was used of this model, provider/model.")
@click.option("--what-if", type=REF, help="Show what all that would have cost at this model instead.")
@as_json
@with_given("store", "overlay", "policy", "profile")
def ledger(
    given: Given,
    /,
    by: tuple[str, ...],
    since: str | None,
    until: str | None,
    tags: tuple[str, ...],
    model: str | None,
    what_if: str | None,
    as_json: bool,
) -> None:
    """Show what was used and what it cost.

    Of the ledger in a store, a line for each model, day or tag, in USD. What has no price is counted, and in no sum. --what-if prices are those of now.
    """
    if by and what_if is not None:
        message = "--what-if shows the models that were used: it takes no --by"
        raise click.UsageError(message)
    store = given.needed_store("this command is about a store")
    wanted = {name: text if equals else None for name, equals, text in (tag.partition("=") for tag in tags)}
    found: Totals | WhatIf
    with closing(Registry(store=store, overlays=given.overlay, policy=given.rules())) as registry:
        if what_if is None:
            found = registry.ledger.totals(by or "model", since=since, until=until, tags=wanted, model=model)
        else:
            found = registry.ledger.what_if(what_if, since=since, until=until, tags=wanted, model=model)
    if as_json:
        print_json(found.to_dicts())
    else:
        print_sheet(found.sheet())
