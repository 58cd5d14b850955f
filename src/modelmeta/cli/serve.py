"""The command that serves the catalog over HTTP."""

from __future__ import annotations

import click

from ..errors import MissingExtraError
from .given import Given, with_given
from .output import ending

__all__ = ["serve"]


@click.command(epilog=ending("serve --port 8000 --store sqlite:///catalog.db"))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="The port to listen on; 0 for any.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="How many processes answer. They share a store.")
@click.option(
    "--token",
    envvar="MODELMETA_TOKEN",
    help="What refreshing and webhooks ask for as a bearer token. Better in MODELMETA_TOKEN, as others can see your commands.",
)
@click.option(
    "--refresh-interval", help="Time from one refresh to the next: 30m, 6h. One day unless MODELMETA_REFRESH_INTERVAL says otherwise."
)
@click.option("--rate-limit", type=click.IntRange(1), help="Requests a minute that one client may send. Any number by default.")
@click.option("--cors", multiple=True, help="An origin whose pages may read the answers. Repeatable.")
@click.option("--private-webhooks", is_flag=True, help="Webhooks may call private addresses and this machine too, and there by http.")
@with_given()
def serve(
    given: Given,
    /,
    host: str,
    port: int,
    workers: int,
    token: str | None,
    refresh_interval: str | None,
    rate_limit: int | None,
    cors: tuple[str, ...],
    private_webhooks: bool,
) -> None:
    """Serve the catalog over HTTP.

    It serves an API, a mirror of models.dev, and a page to compare. It refreshes by itself, from models.dev or from each --source, and logs to the standard error, in JSON lines, until it is told to stop. Other settings
    are read from MODELMETA_… variables.
    """
    try:
        from ..server import serve as server  # noqa: PLC0415  # brings in the extra
    except ModuleNotFoundError as error:
        message = f'serving needs {error.name}: pip install "modelmeta[server]"'
        raise MissingExtraError(message, extra="server") from error
    wanted = server.Serving(
        store=given.store or "memory://",
        sources=given.source,
        overlays=given.overlay,
        policy=given.policy,
        profile=given.profile,
        token=token or None,
        refresh_interval=refresh_interval,
        rate_limit=rate_limit,
        cors=cors,
        private_webhooks=private_webhooks,
    )
    server.serve(wanted, host=host, port=port, workers=workers)
