"""The commands about webhooks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, get_args

import click

from ..catalog.diff import ChangeKind
from ..display.sheet import Sheet
from ..display.text import printable
from ..registry.registry import Registry
from ..webhooks.delivery import DeliveryState
from .given import with_store
from .naming import PROVIDER, REF
from .output import as_json, cell, ending, print_json, print_sheet

if TYPE_CHECKING:
    from ..webhooks.webhooks import Webhooks

__all__ = ["webhooks"]

_HOOK = ("id", "url", "kinds", "models", "providers", "min_price_change", "paused", "created_at")
_DELIVERY = ("revision", "state", "attempts", "status", "error", "created_at", "at")


@click.group(epilog=ending("webhooks list --store sqlite:///catalog.db"))
def webhooks() -> None:
    """Say who is told of changes over HTTP.

    A server, modelmeta serve, delivers.
    """


@contextmanager
def _of(store: str, *, allow_private: bool = False) -> Iterator[Webhooks]:
    from ..webhooks.webhooks import Webhooks  # noqa: PLC0415  # brings in httpx

    with closing(Registry(store=store)) as registry:
        yield Webhooks(registry, allow_private=allow_private)


private: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--allow-private", is_flag=True, help="Private addresses and this machine may be called too, and by http."
)
hook_id: Callable[[Callable[..., None]], Callable[..., None]] = click.argument("hook_id", metavar="ID")


@webhooks.command(epilog=ending("webhooks add https://hooks.example/models --kind price --store sqlite:///catalog.db"))
@click.argument("url")
@click.option(
    "--secret",
    envvar="MODELMETA_WEBHOOK_SECRET",
    help="What messages are signed with. Made, unless it is given; better in MODELMETA_WEBHOOK_SECRET, as others can see your commands.",
)
@click.option("--kind", "kinds", multiple=True, type=click.Choice(get_args(ChangeKind)), help="Only changes of this kind. Repeatable.")
@click.option("--model", "models", multiple=True, type=REF, help="Only changes of this model, or what else is named. Repeatable.")
@click.option(
    "--provider",
    "-p",
    "providers",
    multiple=True,
    type=PROVIDER,
    help="Only changes of what this provider sells, or what else is named. Repeatable.",
)
@click.option("--min-price-change", type=click.FloatRange(0), help="Of a price only if it moved by so many percent.")
@private
@as_json
@with_store
def add(store: str, /, url: str, allow_private: bool, as_json: bool, **wanted: Any) -> None:
    """Tell URL of changes from now on.

    Shows the webhook's id, and the secret its receiver needs; that is shown only now.
    """
    with _of(store, allow_private=allow_private) as hooks:
        hook = hooks.add(url, **wanted)
    if as_json:
        print_json({**hook.to_dict(), "secret": hook.secret})
    else:
        click.echo(f"{hook.id} is told of changes. Its secret, which is not shown again: {hook.secret}")


@webhooks.command("list", epilog=ending("webhooks list --store sqlite:///catalog.db"))
@as_json
@with_store
def list_(store: str, /, as_json: bool) -> None:
    """List the webhooks.

    A line for each: whom it tells, of what, and whether it is paused.
    """
    with _of(store) as hooks:
        _print(hooks.all(), _HOOK, as_json=as_json)


@webhooks.command(epilog=ending("webhooks remove 1f6c --store sqlite:///catalog.db"))
@hook_id
@with_store
def remove(store: str, /, hook_id: str) -> None:
    """Forget a webhook.

    What is still to be delivered to it is forgotten, too.
    """
    with _of(store) as hooks:
        hooks.remove(hooks.get(hook_id).id)
    click.echo(f"{hook_id} is removed.")


@webhooks.command(epilog=ending("webhooks pause 1f6c --store sqlite:///catalog.db"))
@hook_id
@with_store
def pause(store: str, /, hook_id: str) -> None:
    """Deliver nothing to a webhook until it is resumed.

    What happens meanwhile waits.
    """
    with _of(store) as hooks:
        hooks.pause(hook_id)
    click.echo(f"{hook_id} is paused; what happens meanwhile waits.")


@webhooks.command(epilog=ending("webhooks resume 1f6c --store sqlite:///catalog.db"))
@hook_id
@with_store
def resume(store: str, /, hook_id: str) -> None:
    """Deliver to a webhook again.

    What waited is delivered, too.
    """
    with _of(store) as hooks:
        hooks.resume(hook_id)
    click.echo(f"{hook_id} is told again.")


@webhooks.command(epilog=ending("webhooks test 1f6c --store sqlite:///catalog.db", "when it was not taken"))
@hook_id
@private
@as_json
@with_store
def test(store: str, /, hook_id: str, allow_private: bool, as_json: bool) -> None:
    """Send a webhook a message of the type webhook.test from here.

    Tells what it answered, or why it did not.
    """
    with _of(store, allow_private=allow_private) as hooks:
        outcome = hooks.test(hook_id)
    if as_json:
        print_json(outcome)
    else:
        click.echo(f"taken: the answer was {outcome.status}" if outcome.error is None else f"not taken: {printable(outcome.error)}")
    sys.exit(0 if outcome.error is None else 1)


@webhooks.command(epilog=ending("webhooks deliveries 1f6c --state dead --store sqlite:///catalog.db"))
@hook_id
@click.option(
    "--state", type=click.Choice(get_args(DeliveryState)), help="Only those in this state; the dead are those that were given up."
)
@as_json
@with_store
def deliveries(store: str, /, hook_id: str, state: DeliveryState | None, as_json: bool) -> None:
    """Show what became of the messages to a webhook.

    A line for each, newest revisions first: its state, how often it was tried, and what was answered.
    """
    with _of(store) as hooks:
        _print(hooks.deliveries(hook_id, state), _DELIVERY, as_json=as_json)


@webhooks.command(epilog=ending("webhooks replay 1f6c 12-3f2a9c41d0be --store sqlite:///catalog.db"))
@hook_id
@click.argument("revision")
@with_store
def replay(store: str, /, hook_id: str, revision: str) -> None:
    """Let the message about REVISION be delivered once more.

    It goes out under the same webhook-id.
    """
    with _of(store) as hooks:
        hooks.replay(hook_id, revision)
    click.echo(f"{revision} is to be delivered to {hook_id} once more.")


def _print(records: Sequence[Any], names: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print_json([record.to_dict() for record in records])
    else:
        print_sheet(Sheet(header=names, rows=[[cell(getattr(record, name)) for name in names] for record in records]))
