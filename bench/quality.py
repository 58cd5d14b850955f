"""Texts to search for, and how well a way of searching answers those for which it is known what was meant."""

from __future__ import annotations

import json
import random
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmeta import Model

QUERIES: dict[str, list[str]] = json.loads(
    (Path(__file__).parent.parent / "tests" / "catalog" / "queries.json").read_text(encoding="utf-8")
)


def texts(models: list[Model]) -> Iterator[str]:
    """Yield texts of three words from the names of *models*, one letter of each text left out."""
    drawn = random.Random(4)
    names = sorted({" ".join(model.name.split()[:3]) for model in models if len(model.name.split()) > 2})
    while True:
        text = drawn.choice(names).lower()
        place = drawn.randrange(len(text))
        yield text[:place] + text[place + 1 :]


def found(search: Callable[[str], list[Model]]) -> dict[str, int]:
    """Return for how many texts what was meant is the first that *search* finds, and for how many it is among the first five."""
    places = []
    for text, meant in QUERIES.items():
        hits = [any(fnmatchcase(name.lower(), pattern.lower()) for name in _names(model) for pattern in meant) for model in search(text)]
        places.append(hits.index(True) if True in hits else len(hits))
    return {"texts": len(places), "first": places.count(0), "five": sum(place < 5 for place in places)}


def _names(model: Model) -> tuple[str, str]:
    return str(model.ref), model.canonical_model_id or ""
