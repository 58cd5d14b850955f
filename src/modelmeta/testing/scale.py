"""Documents as large as you like, to see what size costs."""

from __future__ import annotations

from itertools import count, islice
from typing import Any

from ..errors import DecodeError, QueryError

__all__ = ["scaled_document"]


def scaled_document(document: dict[str, Any], times: int) -> dict[str, Any]:
    """Return a models.dev document with *times* as many providers and models as *document*.

    Each provider is there as it was and *times* - 1 times more under a new id and name, ``openai`` as ``openai-copy-2``, ``openai-copy-3``
    and so on; a number that would meet an id already there is left out. All else is as in the original, so a copy sells the same models at
    the same prices on the same terms (a subscription's id still says so). The copies share their models with *document*: change one and you
    change all.

    Args:
        document: a parsed api.json or catalog.json. The lab models of the latter stay as they are.
        times: how many times as large, 1 or more.

    Raises:
        DecodeError: *document* has no providers.
        QueryError: *times* is not a whole number of 1 or more.

    >>> from modelmeta.testing.scale import scaled_document
    >>> acme = {"id": "acme", "name": "Acme", "models": {"rocket": {"name": "Rocket"}}}
    >>> scaled_document({"acme": acme}, 2)["acme-copy-2"]
    {'id': 'acme-copy-2', 'name': 'Acme 2', 'models': {'rocket': {'name': 'Rocket'}}}
    >>> list(scaled_document({"models": {}, "providers": {"acme": acme}}, 3)["providers"])
    ['acme', 'acme-copy-2', 'acme-copy-3']
    >>> scaled_document({"acme": {}}, 2)
    Traceback (most recent call last):
    modelmeta.errors.DecodeError: only a document with providers can be scaled, an api.json or a catalog.json
    >>> scaled_document({"acme": acme}, 0)
    Traceback (most recent call last):
    modelmeta.errors.QueryError: times must be a whole number of 1 or more, not 0
    """
    if type(times) is not int or times < 1:
        message = f"times must be a whole number of 1 or more, not {times!r}"
        raise QueryError(message, criterion="times", value=times)
    given: object = document
    tree = given if isinstance(given, dict) else {}
    if isinstance(tree.get("providers"), dict) and isinstance(tree.get("models"), dict):
        return {**tree, "providers": scaled_document(tree["providers"], times)}
    sellers = {key: value for key, value in tree.items() if isinstance(value, dict) and isinstance(value.get("models"), dict)}
    if not sellers:
        message = "only a document with providers can be scaled, an api.json or a catalog.json"
        raise DecodeError(message)
    free = (number for number in count(2) if not any(f"{seller}-copy-{number}" in tree for seller in sellers))
    scaled = dict(tree)
    for number in islice(free, times - 1):
        for seller, facts in sellers.items():
            copy = f"{seller}-copy-{number}"
            scaled[copy] = {**facts, "id": copy, "name": f"{facts.get('name', seller)} {number}"}
    return scaled
