"""The command that lets coding agents ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from ..catalog.reading import Reading
from ..errors import MissingExtraError
from ..registry.registry import Registry
from ..settings import Settings
from .given import Given, with_given
from .output import ending

__all__ = ["mcp"]


def _address(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """Return host and port of ``HOST:PORT``."""
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) >= 1 << 16:
        message = f"{value!r} is no HOST:PORT, such as 127.0.0.1:8001"
        raise click.BadParameter(message, ctx, option)
    return host.removeprefix("[").removesuffix("]"), int(port)


@click.command(epilog=ending("mcp --store sqlite:///catalog.db"))
@click.option(
    "--http",
    metavar="HOST:PORT",
    callback=_address,
    help="Speak streamable HTTP at /mcp of this address instead of the standard streams; port 0 for any.",
)
@click.option(
    "--name", "names", multiple=True, help="With --http, another host that requests may name, such as that of a proxy. Repeatable."
)
@with_given()
def mcp(given: Given, /, http: tuple[str, int] | None, names: tuple[str, ...]) -> None:
    """Let coding agents ask, over MCP.

    The tools search, get, compare, price and select models, and list who sells them. It reads the bundled catalog, or with --store the newest revision
    of a store, and refreshes by itself only where --source or MODELMETA_… variables say so. It speaks over the standard streams, or with --http over HTTP, until it is told to stop.
    """
    try:
        from ..mcp.server import create_server, serve_http  # noqa: PLC0415  # brings in the extra
    except ModuleNotFoundError as error:
        message = f'an MCP server needs {error.name}: pip install "modelmeta[mcp]"'
        raise MissingExtraError(message, extra="mcp") from error
    with _reading(given) as reading:
        server = create_server(reading)
        if http is None:
            server.run()
        else:
            serve_http(server, host=http[0], port=http[1], names=names)


@contextmanager
def _reading(given: Given) -> Iterator[Reading]:
    """Open what is to be asked: a file, or a registry that hears of what others commit to its store, and refreshes where that is wanted."""
    if given.path is not None:
        yield given.catalog()
        return
    settings = Settings.from_env()
    if given.source:
        settings = settings.replace(auto_refresh=True)
    with Registry(
        store=given.store or "memory://",
        source=[*given.source] or None,
        overlays=given.overlay,
        policy=given.rules(),
        settings=settings,
    ) as registry:
        _ = registry.catalog  # what cannot be opened is told now
        yield registry
