"""JSON as text: read strictly, with numbers as written, and written canonically."""

from __future__ import annotations

import json
import math
from collections import Counter
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from typing import Any, NoReturn

from ..errors import DecodeError

__all__ = ["DEEPEST", "Written", "parse", "row_decoder", "to_text"]

_LONGEST_NUMBER = 100
DEEPEST = 100
"""How many containers a document may hold in one another."""
_FINEST = -400
"""Where a number becomes smaller than any float, and than any price."""

row_decoder: json.JSONDecoder = json.JSONDecoder(parse_float=Decimal)
"""Reads one row that :func:`to_text` wrote."""


def parse(text: str, source: str | None = None, *, deepest: int = DEEPEST) -> Any:
    """Return what *text* says, decimal numbers as exact Decimals.

    Args:
        text: JSON.
        source: where it came from, for people.
        deepest: how many containers it may hold in one another.

    Raises:
        DecodeError: *text* is not JSON, repeats a key in one object, holds NaN, Infinity or a number no float
            can hold, or nests too deep.
    """
    try:
        tree = _STRICT.decode(text)
        _check_depth(tree, deepest)
    except json.JSONDecodeError as error:
        message = f"{source or 'the document'} is not JSON: {error}"
    except RecursionError:
        message = f"{source or 'the document'} nests too deep to be a catalog"
    except _NotStrictError as error:
        message = f"{source or 'the document'} {error}"
    else:
        return tree
    raise DecodeError(message, source=source) from None


class _NotStrictError(Exception):
    """JSON by its grammar, but nothing that could be read and written back."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    decoded = dict(pairs)
    if len(decoded) != len(pairs):
        (key, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        message = f"repeats the key {key!r} in one object"
        raise _NotStrictError(message)
    return decoded


def _check_depth(tree: object, deepest: int) -> None:
    level = [tree]
    for _ in range(deepest):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise RecursionError


def _float(text: str) -> Decimal:
    try:
        number = Decimal(_number(text))
    except InvalidOperation:
        number = Decimal("Infinity")
    if not number.is_finite() or math.isinf(float(number)) or number.adjusted() < _FINEST:
        message = f"holds the number {text}, which is beyond anything a catalog could mean"
        raise _NotStrictError(message)
    return Decimal(f"{number}.0") if str(number).lstrip("-").isdigit() else number  # 10E0 is no whole number


def _int(text: str) -> int:
    return int(_number(text))


def _number(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        message = f"holds the number {text[:20]}… of {len(text)} characters; {_LONGEST_NUMBER} is the most that is read"
        raise _NotStrictError(message)
    return text


def _constant(text: str) -> NoReturn:
    message = f"holds {text}, which is not a JSON number"
    raise _NotStrictError(message)


_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant)


class Written(str):
    """What :func:`to_text` returned, to be part of something larger."""

    __slots__ = ()


def to_text(value: Any) -> str:
    """Return *value* as one line of ASCII JSON: keys sorted, no spaces, Decimals and floats as they print.

    Raises:
        DecodeError: *value* holds something JSON has no form for, a number no float can hold, or nests too deep.
    """
    try:
        return _text(value)
    except RecursionError:
        message = "the document nests too deep, or within itself, to be a catalog"
    except _NotStrictError as error:
        message = f"the document {error}"
    raise DecodeError(message)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value if isinstance(value, Written) else encode_basestring_ascii(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, dict):
        items = sorted(zip(map(_key, value), value.values(), strict=True), key=_first)
        return "{" + ",".join([f"{key}:{_text(item)}" for key, item in items]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, int):
        if abs(value) >= 10**_LONGEST_NUMBER:
            message = f"holds a whole number of more than {_LONGEST_NUMBER} digits"
            raise _NotStrictError(message)
        return int.__repr__(value)
    if isinstance(value, (float, Decimal)):
        text = str(value)
        _float(text)
        return text
    message = f"is not made of JSON values only: it holds {value!r}"
    raise _NotStrictError(message)


_first = itemgetter(0)
_WORDS: dict[bool | None, str] = {None: "null", True: "true", False: "false"}


def _key(key: object) -> str:
    if isinstance(key, str):
        return encode_basestring_ascii(key)
    message = f"is not made of JSON values only: it holds the key {key!r}"
    raise _NotStrictError(message)
