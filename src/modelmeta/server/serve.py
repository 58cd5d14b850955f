"""The server as a program: uvicorn around the app, in one process or in several that share a store."""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import signal
from contextlib import suppress
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import attrs
import uvicorn

from ..catalog.policy.policy import Policy
from ..errors import SettingsError
from ..metrics import PrometheusMetrics
from ..registry.registry import AsyncRegistry
from ..settings import Settings
from .app import create_app
from .connection import Connection
from .front import ACCESS
from .lines import Gathering, Lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from fastapi import FastAPI

__all__ = ["Serving", "application", "serve"]

_GIVEN = "MODELMETA_SERVING"
"""The variable in which the workers find what they are to serve. It is not in their command line, where everybody could read it."""
_SHARED_NUMBERS = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client knows where several processes add up what they count."""
_COLLECTING = 50_000, 20, 50
"""When garbage is looked for. By default that is so often that answers under way grow old, and the whole catalog is walked over with them.

With these it is so seldom that catalogs of before, which are cycles, would pile up: they are let go of when there is another.
"""
_ARENA_MAX = -8
"""What glibc calls the number of its heaps."""
_GRACE = 10
"""For so many seconds requests may go on that are under way when the server is told to stop."""
_LOGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": Lines,
            "format": "%(levelname)s %(name)s %(process)d %(message)s",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": True,
            "reserved_attrs": [*vars(logging.makeLogRecord({})), "message", "color_message"],
        }
    },
    "handlers": {
        name: {"()": handler, "formatter": "json", "stream": "ext://sys.stderr"}
        for name, handler in (("at once", logging.StreamHandler), ("together", Gathering))
    },
    "loggers": {
        name: {"handlers": [handler], "level": "INFO", "propagate": False}
        for name, handler in (("modelmeta", "at once"), ("uvicorn", "at once"), (ACCESS, "together"))
    },
}


@attrs.frozen(kw_only=True)
class Serving:
    """What is to be served, and to whom."""

    store: str = attrs.field(default="memory://", repr=False)
    sources: Sequence[str] = ()
    overlays: Sequence[str] = ()
    """The paths of overlays."""
    policy: str | None = None
    """The path of a policy."""
    profile: str | None = None
    """Which of its profiles counts."""
    token: str | None = attrs.field(default=None, repr=False)
    refresh_interval: str | None = None
    rate_limit: int | None = None
    cors: Sequence[str] = ()
    private_webhooks: bool = False

    @classmethod
    def given(cls) -> Self:
        """Return what the environment of this process says."""
        said: dict[str, Any] = json.loads(os.environ[_GIVEN])
        return cls(**said)

    def registry(self, metrics: PrometheusMetrics | None = None) -> AsyncRegistry:
        """Return the registry that one process serves, not opened yet. It refreshes by itself.

        Raises:
            SettingsError: a value that cannot be used, also one of the ``MODELMETA_…`` variables.
            OverlayError: an overlay with mistakes.
            PolicyError: a policy with mistakes.
            SourceError: one of their files cannot be read.
        """
        settings = Settings.from_env().replace(auto_refresh=True)
        if self.refresh_interval is not None:
            settings = settings.replace(refresh_interval=self.refresh_interval)
        policy = None if self.policy is None else Policy.load(self.policy, profile=self.profile)
        return AsyncRegistry(
            store=self.store,
            source=[*self.sources] or None,
            overlays=self.overlays,
            policy=policy,
            settings=settings,
            metrics=metrics,
        )


def application() -> FastAPI:
    """Return the app of one process, as the environment says."""
    gc.set_threshold(*_COLLECTING)
    with suppress(AttributeError, TypeError):  # other C libraries have no such thing
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)  # threads with heaps of their own would keep there what answers no longer need
    given = Serving.given()
    metrics = PrometheusMetrics() if find_spec("prometheus_client") else None
    app = create_app(
        given.registry(metrics),
        token=given.token,
        cors=given.cors,
        rate_limit=given.rate_limit,
        metrics=metrics,
        private_webhooks=given.private_webhooks,
    )
    app.state.answers.let_go = gc.collect
    return app


def serve(given: Serving, *, host: str, port: int, workers: int = 1) -> None:
    """Serve until the process is told to stop (SIGTERM, SIGINT), and requests that are under way are answered.

    Args:
        given: what is to be served.
        host: the address to listen on.
        port: its port.
        workers: how many processes answer.

    Raises:
        SettingsError: a value that cannot be used, or several workers without a store that they could share.
    """
    given.registry()
    if workers > 1 and given.store == "memory://":
        message = f"{workers} workers need a store that they share; say which with --store, or in MODELMETA_STORE"
        raise SettingsError(message, key="store")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _heard)
    with TemporaryDirectory(prefix="modelmeta-") as folder:
        os.environ[_GIVEN] = json.dumps(attrs.asdict(given))
        if workers > 1:
            os.environ.setdefault(_SHARED_NUMBERS, folder)
        uvicorn.run(
            f"{__name__}:{application.__name__}",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=Connection,
            ws="none",
            access_log=False,
            log_config=_LOGS,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )


def _heard(*_: object) -> None:
    """Do nothing: uvicorn, once it has stopped, raises the signal again that made it stop, which is no failure."""
