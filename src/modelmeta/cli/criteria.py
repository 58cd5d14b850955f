"""The criteria of ``filter`` as options of a command, apart from those that no word can say."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, get_args

import click

from ..catalog.query import UnknownPolicy
from ..records.vocabulary import PriceState
from .naming import PROVIDER

__all__ = ["criteria_options", "page_options", "sort_option"]

_OPTIONS = (
    click.option("--capability", "-c", multiple=True, help="It has this capability (tool_call, vision, …). Repeatable."),
    click.option("--without", multiple=True, help="It is known not to have this capability. Repeatable."),
    click.option("--provider", "-p", multiple=True, type=PROVIDER, help="Sold by one of these providers. Repeatable."),
    click.option("--family", multiple=True, help="Of one of these families. Repeatable."),
    click.option("--type", multiple=True, help="Of one of these types (chat, embedding, …). Repeatable."),
    click.option("--status", multiple=True, help="Of one of these statuses (available, beta, …). Repeatable."),
    click.option("--input", multiple=True, help="Takes this modality in (image, audio, …). Repeatable: all of them."),
    click.option("--output", multiple=True, help="Gives this modality out. Repeatable: all of them."),
    click.option("--min-context", type=int, help="Least context window, in tokens."),
    click.option("--min-input", type=int, help="Least input limit, in tokens."),
    click.option("--min-output", type=int, help="Least output limit, in tokens."),
    click.option("--max-input-cost", help="Highest input price, in USD per million tokens."),
    click.option("--max-output-cost", help="Highest output price, in USD per million tokens."),
    click.option("--price-state", multiple=True, type=click.Choice(get_args(PriceState)), help="In one of these price states. Repeatable."),
    click.option("--open-weights/--closed-weights", default=None, help="Whether the weights are published."),
    click.option("--available/--not-available", default=None, help="Whether the variables of its provider are set here."),
    click.option("--exclude-deprecated", is_flag=True, default=None, help="Leave deprecated models out."),
    click.option("--released-after", help="Released after this day, month or year."),
    click.option("--released-before", help="Released before this day, month or year."),
    click.option("--knowledge-after", help="Knowledge reaches beyond this day, month or year."),
    click.option("--canonical", multiple=True, help="Sells one of these canonical models (lab/model). Repeatable."),
    click.option(
        "--unknown", type=click.Choice(get_args(UnknownPolicy)), help="What becomes of models for which something asked is unknown."
    ),
)

sort_option: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--sort", "-s", multiple=True, help="Sort by this field (cost.input, -limit.context, …). Repeatable."
)
"""The order of models, for a command whose answer has none of its own."""


def criteria_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* an option for whatever can be asked of a model; it is called with those of all its options that were used.

    ``max_cost`` with its ``usage``, ``min_benchmark`` and ``where`` have none: they are no single word. Order and page are options of their
    own, ``sort_option`` and ``page_options``.
    """

    @functools.wraps(command)
    def called(*args: Any, capability: tuple[str, ...], **options: Any) -> None:
        used = {name: value for name, value in options.items() if name == "as_json" or value not in (None, ())}
        command(*args, capability=capability, **used)

    for option in reversed(_OPTIONS):
        option(called)
    return called


def page_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* options for the part of its answer to show."""
    limit = click.option("--limit", "-n", type=int, help="At most this many.")
    offset = click.option("--offset", type=int, help="Skip this many first.")
    return limit(offset(command))
