"""Four-criterion questions, no two alike."""

from __future__ import annotations

import random
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from modelmeta import Model, ModelList

    Question = tuple[int, Decimal]


def questions(models: list[Model]) -> Iterator[Question]:
    """Yield thresholds of context and price from among those of *models*, in a shuffled order.

    Before a threshold comes again there were so many others that the catalog no longer remembers it; no pair comes twice.
    """
    contexts = sorted({model.limit.context for model in models if model.limit.context is not None})
    prices = sorted({model.cost.input for model in models if model.cost is not None and model.cost.input is not None})
    shuffle = random.Random(1).shuffle
    shuffle(contexts)
    shuffle(prices)
    return zip(cycle(contexts), cycle(prices), strict=False)


def batch(source: Iterator[Question], size: int) -> list[Question]:
    return list(islice(source, size))


def ask(catalog: Any, question: Question) -> ModelList:
    context, price = question
    return catalog.filter("tool_call", "vision", min_context=context, max_input_cost=price)


def comprehend(models: list[Model], question: Question) -> list[Model]:
    """Return the same models the plain way, attribute by attribute."""
    context, price = question
    return [
        model
        for model in models
        if model.tool_call
        and "image" in model.modalities.input
        and (has := model.limit.context) is not None
        and has >= context
        and (cost := model.cost) is not None
        and (rate := cost.input) is not None
        and rate <= price
    ]
