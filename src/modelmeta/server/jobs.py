"""Refreshes that were asked for over HTTP."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cachetools import LRUCache

from ..errors import ModelMetaError
from .problem import problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import Response

    from ..stores.store import Refresh
    from .asking import Asking

__all__ = ["Jobs"]

_LOG = logging.getLogger("modelmeta.server")
_ALL = 1_000


class Jobs:
    """The refreshes that this process has begun. What became of all, the store tells."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._running: dict[frozenset[str], tuple[str, asyncio.Task[None]]] = {}
        self._ended: LRUCache[str, str] = LRUCache(_ALL)

    def begin(self, providers: frozenset[str]) -> str:
        """Begin to refresh all or these *providers*, unless that is under way; return the id of the run."""
        if providers not in self._running:
            job = uuid4().hex
            self._running[providers] = job, asyncio.create_task(self._run(job, providers))
        return self._running[providers][0]

    async def _run(self, job: str, providers: frozenset[str]) -> None:
        outcome = "failed"
        try:
            outcome = (await self._asking.world("refresh", providers=providers or None, run=job)).status
        except ModelMetaError as error:
            _LOG.warning("refresh %s failed: %s", job, error)
        except Exception:  # noqa: BLE001  # nobody waits for it
            _LOG.exception("refresh %s failed", job)
        finally:
            self._ended[job] = outcome
            del self._running[providers]

    async def told(self, job: str) -> Response:
        """Return how the run of this id goes or went."""
        if any(job == running for running, _ in self._running.values()):
            return self._asking.at_once({"id": job, "status": "running"})
        for run in await self._asking.world("refreshes", limit=_ALL):
            if run.id == job:
                return self._asking.at_once(_shown(run))
        if job in self._ended:  # it never began, or joined one that something else had begun
            return self._asking.at_once({"id": job, "status": self._ended[job]})
        return problem(404, "no refresh has this id")

    def accepted(self, job: str, location: str) -> Response:
        """Return the answer to one whose refresh has begun."""
        response = self._asking.at_once({"id": job, "status": "running"})
        response.status_code, response.headers["Location"] = 202, location
        return response

    def listed(self, runs: Iterable[Refresh]) -> Response:
        """Return how these *runs* went."""
        shown = [*map(_shown, runs)]
        return self._asking.at_once({"refreshes": shown, "total": len(shown)})


def _shown(run: Refresh) -> dict[str, Any]:
    """Return what is told of a run: not its error, which may hold what is nobody's business here."""
    counts = {name: getattr(run, name) for name in ("added", "removed", "changed", "price_changes", "problems")}
    return {
        "id": run.id,
        "status": run.outcome,
        "started_at": run.started_at.isoformat(),
        "duration_seconds": None if run.duration is None else run.duration.total_seconds(),
        "revision": run.revision,
        "reason": run.reason,
        **counts,
    }
