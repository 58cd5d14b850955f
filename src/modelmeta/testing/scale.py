"""Documents as large as you like, to see what size costs."""

from __future__ import annotations

from itertools import count, islice
from typing import Any

__all__ = ["scaled_document"]


def scaled_document(document: dict[str, Any], times: int) -> dict[str, Any]:
    """Return a models.dev document with *times* as many providers and models as *document*.

    Each provider is there as it was and *times* - 1 times more under a new id and name, ``openai`` as ``openai-copy-2``, ``openai-copy-3``
    and so on; a number under which there is a provider already is left out. All else is as in the original, so a copy sells the same models
    at the same prices, on the same terms (a subscription's id still says so). The copies share their models with *document*: change one and
    you change all.

    Args:
        document: a parsed api.json or catalog.json. The lab models of the latter stay as they are.
        times: how many times as large, 1 or more.

    Raises:
        ValueError: *times* is not a whole number of 1 or more, or *document* has no providers.

    >>> from modelmeta.testing.scale import scaled_document
    >>> acme = {"id": "acme", "name": "Acme", "models": {"rocket": {"name": "Rocket"}}}
    >>> scaled_document({"acme": acme}, 2)["acme-copy-2"]
    {'id': 'acme-copy-2', 'name': 'Acme 2', 'models': {'rocket': {'name': 'Rocket'}}}
    >>> list(scaled_document({"models": {}, "providers": {"acme": acme}}, 3)["providers"])
    ['acme', 'acme-copy-2', 'acme-copy-3']
    >>> scaled_document({}, 2)
    Traceback (most recent call last):
    ValueError: only a document with providers can be scaled: api.json or catalog.json
    >>> scaled_document({"acme": acme}, 0)
    Traceback (most recent call last):
    ValueError: times must be a whole number of 1 or more, not 0
    """
    if type(times) is not int or times < 1:
        message = f"times must be a whole number of 1 or more, not {times!r}"
        raise ValueError(message)
    if isinstance(document.get("providers"), dict) and isinstance(document.get("models"), dict):
        return {**document, "providers": scaled_document(document["providers"], times)}
    sellers = {key: value for key, value in document.items() if isinstance(value, dict) and isinstance(value.get("models"), dict)}
    if not sellers:
        message = "only a document with providers can be scaled: api.json or catalog.json"
        raise ValueError(message)
    free = (number for number in count(2) if not any(f"{seller}-copy-{number}" in document for seller in sellers))
    scaled = dict(document)
    for number in islice(free, times - 1):
        for seller, facts in sellers.items():
            copy = f"{seller}-copy-{number}"
            scaled[copy] = {**facts, "id": copy, "name": f"{facts.get('name', seller)} {number}"}
    return scaled
