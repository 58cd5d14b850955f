"""What the doctor looks at."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import Any

from .._clock import Clock
from ..catalog.catalog import Catalog
from ..errors import DecodeError
from ..registry.head import Head
from ..registry.status import status_of
from ..settings import Settings

__all__ = ["examine"]


def examine(catalog: Catalog) -> tuple[dict[str, Any], bool]:
    """Return what was found, by name, and whether all of it is sound."""
    status = status_of(Head(catalog), Clock().time(), Settings().stale_after)
    try:
        catalog.content.verify()
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
        "problems": len(catalog.problems),
        "catalog sound": damage or True,
        **{
            f"extra {extra}": _missing(extra) or "installed"
            for extra in metadata("modelmeta").get_all("Provides-Extra") or ()
            if extra != "all"
        },
    }
    return findings, damage is None


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
