from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from modelmeta import DecodeError, ModelMetaError, dump_catalog, load_catalog
from modelmeta.codec.unpack import to_bytes

SOUND = {"openai": {"id": "openai", "models": {"gpt-5.5": {"cost": {"input": 1}}}}}
TEXT = json.dumps(SOUND)


def nested(depth: int, opening: str = "[", closing: str = "]") -> str:
    """Return JSON of *depth* containers in one another."""
    return opening * depth + ("1" if opening.endswith(":") else "") + closing * depth


PLACES = {
    "top": "{}",
    "provider": '{{"openai": {}, "a": {{"models": {{}}}}}}',
    "provider field": '{{"openai": {{"models": {{"m": {{}}}}, "new": {}}}}}',
    "provider name": '{{"openai": {{"models": {{"m": {{}}}}, "name": {}}}}}',
    "models": '{{"openai": {{"models": {}}}, "a": {{"models": {{}}}}}}',
    "row": '{{"openai": {{"models": {{"m": {}}}}}}}',
    "row field": '{{"openai": {{"models": {{"m": {{"new": {}}}}}}}}}',
    "row name": '{{"openai": {{"models": {{"m": {{"name": {}}}}}}}}}',
    "price": '{{"openai": {{"models": {{"m": {{"cost": {{"input": {}}}}}}}}}}}',
    "lab model": '{{"providers": {{}}, "models": {{"a/b": {{"new": {}}}}}}}',
    "third part": '{{"providers": {{}}, "models": {{}}, "new": {}}}',
}


def refused(source: Any) -> DecodeError:
    """Return the error of loading *source*, which must be a DecodeError that reads as a sentence."""
    with pytest.raises(DecodeError) as caught:
        load_catalog(source)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, ModelMetaError)
    assert str(caught.value).startswith(("the document ", "the data "))
    assert len(str(caught.value)) < 500
    return caught.value


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"openai": {"models": {}}, "openai": {"models": {}}}', "openai"),
        ('{"openai": {"models": {}, "id": "a", "id": "b"}}', "id"),
        ('{"openai": {"models": {"m": {}, "m": {}}}}', "m"),
        ('{"openai": {"models": {"m": {"cost": {"input": 1, "input": 1}}}}}', "input"),
        ('{"openai": {"models": {"m": {"x": [{"y": 1, "\\u0079": 2}]}}}}', "y"),
        ('{"providers": {}, "models": {}, "models": {}}', "models"),
    ],
)
def test_a_key_twice_in_one_object_is_refused_by_its_name(text: str, key: str):
    assert f"the key {key!r}" in str(refused(text.encode()))


@pytest.mark.timeout(10)
def test_a_key_twice_among_very_many_is_found_in_time():
    rows = ",".join(f'"m{number}":{{}}' for number in range(100_000))
    assert "'m99999'" in str(refused(f'{{"openai":{{"models":{{{rows},"m99999":{{}}}}}}}}'.encode()))


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_number_is_refused_wherever_it_stands(place: str, constant: str):
    assert constant in str(refused(place.format(constant).encode()))


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(
    "number",
    [
        "1e999",
        "-1e999",
        "1E+309",
        "1" + "0" * 5_000,
        "-" + "9" * 101,
        "0." + "1" * 100_000,
        "1e" + "9" * 19,
        "1e-" + "9" * 19,
        "0e" + "9" * 25,
        "0.0e-" + "9" * 25,
    ],
    ids=lambda number: number[:10],
)
def test_a_number_beyond_care_is_refused_wherever_it_stands(place: str, number: str):
    assert number[:10] in str(refused(place.format(number).encode()))


@pytest.mark.parametrize("text", ["[]", '"text"', "5", "null", "true", "0.5", "[{}]"])
def test_a_document_is_an_object(text: str):
    assert "top level" in str(refused(text.encode()))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"error": "unknown type", "allowed": []},
        {"openai": {}},
        {"openai": {"id": "openai", "name": "OpenAI"}},
        {"providers": [], "models": []},
        {"providers": {"openai": {"models": {}}}},
        {"data": [{"id": "gpt-4"}], "object": "list"},
        {"gpt-4": {"max_tokens": 8192, "litellm_provider": "openai"}},
        {"models": {"a": {"limit": {}}}},
    ],
)
def test_an_object_of_another_kind_is_no_document(document: dict[str, Any]):
    assert "not a models.dev document" in str(refused(document))
    assert "not a models.dev document" in str(refused(json.dumps(document).encode()))


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("depth", [120, 350, 500, 900, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_deep_nesting_is_refused_wherever_it_stands(place: str, depth: int, opening: str, closing: str):
    error = refused(place.format(nested(depth, opening, closing)).encode())
    assert "deep" in str(error) or "top level" in str(error) or "not a models.dev document" in str(error)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b'{"openai": {"models": ' + b"[" * 100_000])
def test_deep_nesting_that_never_ends_is_refused(data: bytes):
    refused(data)


def test_nesting_of_fifty_is_read():
    document = {"openai": {"models": {"m": {"x": json.loads(nested(50))}}}}
    assert document == dump_catalog(load_catalog(json.dumps(document).encode()))


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-32"),
        TEXT.replace("openai", "opénai").encode("latin-1"),
        b"\xff\xfe",
        b"\x80" + TEXT.encode(),
        TEXT.encode().replace(b"gpt", b"\xed\xa0\x80"),
        bytes(range(256)),
    ],
    ids=range(8),
)
def test_what_is_not_utf_8_is_refused(data: bytes):
    refused(data)


@pytest.mark.parametrize("end", range(0, len(TEXT), 5))
def test_json_cut_short_anywhere_is_refused(end: int):
    assert "is not JSON" in str(refused(TEXT[:end].encode()))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b"\xef\xbb\xbf",
        b"\x00",
        b"<!doctype html><html><head><title>models.dev</title></head></html>",
        TEXT.encode() + b"{}",
        TEXT.encode() + b"\x00",
        TEXT.replace('"', "'").encode(),
        TEXT.replace("}}", ",}}").encode(),
        TEXT.replace("1", "01").encode(),
        TEXT.replace("1", "1.").encode(),
        TEXT.replace("1", "+1").encode(),
        TEXT.replace("1", "0x1").encode(),
        TEXT.replace("openai", "open\nai").encode(),
        b"// a comment\n" + TEXT.encode(),
    ],
    ids=range(15),
)
def test_what_is_not_json_is_refused(data: bytes):
    assert "is not JSON" in str(refused(data))


@pytest.mark.parametrize("end", [2, 3, 10, 11, 20, -20, -8, -4, -1])
def test_gzip_cut_short_anywhere_is_refused(end: int):
    assert "gzip" in str(refused(gzip.compress(TEXT.encode())[:end]))


@pytest.mark.parametrize("place", [2, 3, 12, 15, -8, -1])
def test_damaged_gzip_is_refused(place: int):
    data = bytearray(gzip.compress(TEXT.encode()))
    data[place] ^= 0xFF
    assert "gzip" in str(refused(bytes(data)))


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8b",
        b"\x1f\x8bgarbage",
        b"\x1f\x8b\x08" + bytes(100),
        gzip.compress(b"", mtime=0),
        gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0),
    ],
)
def test_gzip_of_nothing_good_is_refused(data: bytes):
    refused(data)


def test_zlib_without_the_gzip_header_is_refused():
    refused(zlib.compress(TEXT.encode()))


@pytest.mark.parametrize("most", [0, 1, 2, 1_000])
@pytest.mark.parametrize("members", [1, 2, 5])
def test_gzip_is_unpacked_to_the_most_and_no_further(most: int, members: int):
    parts = [b"x" * (most // members)] * (members - 1)
    exactly = [*parts, b"x" * (most - sum(map(len, parts)))]
    assert b"x" * most == to_bytes(b"".join(map(gzip.compress, exactly)), "here", most)
    for more in ([*exactly, b"x"], [b"x", *exactly], [*exactly[:-1], exactly[-1] + b"x"], [*exactly, b"", b"x" * 10_000_000]):
        with pytest.raises(DecodeError, match=f"^here is gzip .* more than {most:,} bytes$") as caught:
            to_bytes(b"".join(map(gzip.compress, more)), "here", most)
        assert caught.value.source == "here"


def test_gzip_that_unpacks_to_more_than_the_most_is_refused_before_it_is_unpacked():
    bomb = gzip.compress(b" " * 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="1,000 bytes"):
            to_bytes(bomb, "here", 1_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def cycle_of(container: Any) -> Any:
    """Return *container*, a list or a dict, holding itself."""
    if isinstance(container, list):
        container.append(container)
    else:
        container["itself"] = container
    return container


@pytest.mark.parametrize(
    "wrong",
    [
        {1: 2},
        {None: 2},
        {("a", "b"): 2},
        {b"a": 2},
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        Decimal("1e400"),
        10**5_000,
        {1, 2},
        b"bytes",
        object(),
        1j,
        datetime(2026, 9, 30, tzinfo=UTC),
        datetime(2026, 9, 30, tzinfo=UTC).date(),
        range(3),
        cycle_of([]),
        cycle_of({}),
        json.loads(nested(500)),
    ],
    ids=lambda wrong: type(wrong).__name__,
)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_parsed_document_that_json_could_not_say_is_refused_wherever_the_fault_stands(place: str, wrong: Any):
    def put(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: put(item) for key, item in value.items()}
        return wrong if value == "here" else value

    refused(put(json.loads(place.format('"here"'))) if place != "{}" else {"openai": wrong, "a": {"models": {}}})


@pytest.mark.parametrize(
    "document", [{5: {"models": {}}}, {"openai": {"models": {5: {}}}}, {"openai": {5: 5, "models": {}}}, {None: 1, **SOUND}]
)
def test_a_key_that_is_no_text_is_refused(document: dict[Any, Any]):
    assert "key" in str(refused(document))


@pytest.mark.parametrize("source", [None, 5, 0.5, ["a"], {"a"}, object(), ("openai",)])
def test_what_is_neither_path_nor_bytes_nor_document_is_refused(source: Any):
    refused(source)


@pytest.mark.parametrize("mapping", [OrderedDict, MappingProxyType])
def test_any_mapping_may_be_a_parsed_document(mapping: Any):
    assert dump_catalog(load_catalog(mapping(SOUND))) == SOUND
    assert list(load_catalog(SOUND)) == list(load_catalog(mapping(SOUND)))


def test_a_parsed_document_of_other_containers_makes_the_same_models():
    document = {"p": {"models": OrderedDict(m=OrderedDict(modalities={"input": ("text",)}, new=OrderedDict(a=[(1,)])))}}
    (model,) = load_catalog(document)
    assert (model.extra, model.modalities.input) == ({"new": {"a": [[1]]}}, ("text",))
    assert isinstance(hash(model), int)


def test_gzip_of_several_members_is_one_document():
    halves = TEXT.encode()[:20], TEXT.encode()[20:]
    assert len(load_catalog(b"".join(map(gzip.compress, halves)))) == len(load_catalog(TEXT.encode()))


def test_gzip_with_something_else_behind_it_is_refused():
    assert "not sound gzip" in str(refused(gzip.compress(TEXT.encode()) + b"extra"))


def test_unpacking_gzip_takes_memory_for_what_there_is_and_not_for_the_most_there_could_be():
    members = gzip.compress(b" " * 100, mtime=0) * 5_000
    tracemalloc.start()
    try:
        assert to_bytes(members) == b" " * 500_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
