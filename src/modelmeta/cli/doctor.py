"""What the doctor looks at."""

from __future__ import annotations

import platform
import re
from contextlib import closing
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import Any

from .._clock import Clock
from ..errors import DecodeError
from ..registry.status import status_of
from ..settings import Settings
from ..stores.by_url import open_store
from ..stores.sql.migrate import migrations
from ..stores.sql.store import SqlStore
from .given import Given

__all__ = ["examine"]


def examine(given: Given) -> tuple[dict[str, Any], bool]:
    """Return what was found, by name, and whether all of it is sound."""
    head = given.head()
    status = status_of(head, Clock().time(), Settings().stale_after)
    try:
        head.snapshot.verify()
        damage = None
    except DecodeError as error:
        damage = str(error)
    findings = {
        "modelmeta": version("modelmeta"),
        "python": platform.python_version(),
        "catalog source": status.source,
        "catalog date": status.fetched_at and status.fetched_at.date().isoformat(),
        "catalog age in days": status.age and status.age.days,
        "catalog stale": status.stale,
        "catalog revision": status.revision,
        "models": status.models,
        "providers": status.providers,
        "problems": len(head.catalog.problems),
        "catalog sound": damage or True,
        **({} if given.store is None else _store(given.store)),
        **{
            f"extra {extra}": _missing(extra) or "installed"
            for extra in metadata("modelmeta").get_all("Provides-Extra") or ()
            if extra != "all"
        },
    }
    return findings, damage is None


def _store(url: str) -> dict[str, Any]:
    """Return what is found at the address of a store."""
    with closing(open_store(url)) as store:
        newest = store.head()
        findings = {"store": getattr(store, "name", f"{url.partition('://')[0]}://"), "store revision": newest and newest.id}
        if isinstance(store, SqlStore):
            findings["store schema"] = migrations(store.dialect)[-1].number
    return findings


def _missing(extra: str) -> str | None:
    """Return how to install *extra*, or None when all it needs is there."""
    for requirement in requires("modelmeta") or ():
        name, _, marker = requirement.partition(";")
        if f'extra == "{extra}"' in marker.replace("'", '"') and not _installed(name):
            return f'pip install "modelmeta[{extra}]"'
    return None


def _installed(requirement: str) -> bool:
    try:
        version(re.split(r"[^\w.-]", requirement)[0])
    except PackageNotFoundError:
        return False
    return True
