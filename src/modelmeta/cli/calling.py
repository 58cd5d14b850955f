"""The commands about calling models: who can be called, and how."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from ..display.text import UNKNOWN
from ..registry.registry import Registry
from .given import Given, with_catalog, with_given, with_registry, with_store
from .naming import PROVIDER, REF
from .output import as_json, ending, print_json, print_records, print_sheet, working

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..catalog.catalog import Catalog
    from ..codec.live import Dialect
    from ..records.model import Model

__all__ = ["CALLING"]

_STATS = ("provider_id", "total", "available", "enabled", "weight", "synced_at")
_CONFIG = ("provider_id", "weight", "enabled")


@click.command(epilog=ending("available --json", "when no provider can be called"))
@as_json
@with_catalog
def available(catalog: Catalog, /, as_json: bool) -> None:
    """Show which providers can be called from here.

    A line for each whose variables are set, and for each that has some of them ("?"), with those that are not. Values are not kept.
    """
    found = catalog.available()
    if as_json:
        ids = {name: [provider.id for provider in getattr(found, name)] for name in ("providers", "unsure")}
        print_json({**ids, "missing": found.missing, "models": _refs(found.models)})
    else:
        print_sheet(found.sheet())
    sys.exit(0 if found.providers else 1)


@click.command(epilog=ending("runtime anthropic/claude-opus-4-8 --mode fast"))
@click.argument("ref", type=REF)
@click.option("--mode", help='Call this mode of the model, such as "fast".')
@as_json
@with_catalog
def runtime(catalog: Catalog, /, ref: str, mode: str | None, as_json: bool) -> None:
    """Show how a model is called, as far as the data say.

    A line for each fact: address, id on the wire, protocol, package, variables, headers. What the data do not say is "?".
    """
    said = catalog.runtime(ref, mode=mode)
    if as_json:
        print_json(said)
    else:
        print_sheet(said.sheet())


@click.command(epilog=ending("discover http://localhost:11434 --protocol ollama"))
@click.argument("provider", type=PROVIDER)
@click.option("--protocol", help="Whose list it is like: openai, anthropic, google or ollama; else as the data say, or openai.")
@as_json
@with_registry
def discover(registry: Registry, /, provider: str, protocol: Dialect | None, as_json: bool) -> None:
    """Ask a provider which models it has.

    PROVIDER is its id, or the address of its API. Shows how many of them the catalog knows, how many it does not, and how many of its own the list does not name; with --json all of them. The key
    is read from the provider's own variable, and from nowhere else; to an address none is sent.
    """
    with working(f"Asking {provider}", quiet=as_json):
        found = registry.discover(provider, protocol=protocol)
    if as_json:
        said = {name: getattr(found, name) for name in ("provider_id", "url", "protocol")}
        models = {name: _refs(getattr(found, name)) for name in ("known", "unknown", "unlisted")}
        print_json({**said, "at": found.at.isoformat(), **models, "problems": list(map(str, found.problems))})
    else:
        print_sheet(found.sheet())


@click.group(invoke_without_command=True, epilog=ending("providers --store sqlite:///catalog.db"))
@as_json
@click.pass_context
@with_given()
def providers(given: Given, /, ctx: click.Context, as_json: bool) -> None:
    """Show every provider in numbers, or configure one.

    A line for each: its models, whether its variables are set here, what is configured in the store, and when upstream last had just these facts.
    """
    if ctx.invoked_subcommand is None:
        with given.registry() as registry:
            print_records(registry.provider_stats(), _STATS, as_json=as_json, unknown=UNKNOWN)


@providers.command("set", epilog=ending("providers set openai --weight 1.2 --store sqlite:///catalog.db"))
@click.argument("provider", metavar="ID", type=PROVIDER)
@click.option("--weight", help="How much it weighs, 0 or more; 1 by default.")
@click.option("--enable/--disable", "enabled", default=None, help="Whether it is to be used.")
@as_json
@with_store
def set_(store: str, /, provider: str, as_json: bool, **wanted: Any) -> None:
    """Keep in the store what you want of a provider.

    Shows all that is configured for it afterwards. What is not given stays as it was; no refresh touches it.
    """
    with closing(Registry(store=store)) as registry:
        config = registry.configure_provider(provider, **wanted)
    if as_json:
        print_json(config)
    else:
        print_records([config], _CONFIG, as_json=False)


CALLING = (available, runtime, discover, providers)
"""The commands of this module."""


def _refs(models: Iterable[Model]) -> list[str]:
    return [str(model.ref) for model in models]
