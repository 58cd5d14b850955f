"""What is no document is refused beside an earlier one with the error that it is refused with by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import DecodeError
from modelmeta.codec.json_text import parse
from modelmeta.codec.models_dev import read_document
from modelmeta.codec.snapshot import Snapshot, encode
from modelmeta.codec.unpack import to_utf8
from modelmeta.codec.update import Seen, read_update

ROW = {"name": "M", "cost": {"input": 1, "output": 0.1}, "x": [{"y": {}}]}
API = {"p": {"id": "p", "name": "P", "models": {"m": ROW, "n": {}}}, "q": {"models": {"m": {"limit": {"context": 5}}}}}
CATALOG = {"models": {"lab/m": {"limit": {"context": 5}}}, "providers": API}
PLACES = {
    "top": '{"p": {"models": {}}, $}',
    "provider": '{"p": {"models": {}, $}}',
    "models": '{"p": {"models": {"n": {}, $}}}',
    "row": '{"p": {"models": {"m": {"z": 1, $}}}}',
    "row field": '{"p": {"models": {"m": {"x": [{"y": 1, $}]}}}}',
    "catalog": '{"models": {}, "providers": {}, $}',
    "lab models": '{"models": {"lab/m": {}, $}, "providers": {}}',
    "lab row": '{"models": {"lab/m": {"z": 1, $}}, "providers": {}}',
    "provider of a catalog": '{"models": {}, "providers": {"p": {"models": {}, $}}}',
    "row of a catalog": '{"models": {}, "providers": {"p": {"models": {"m": {"z": 1, $}}}}}',
}
"""A text of which $ is one more member of some object."""

BASES = {name: Snapshot(encode(read_document(tree), source="base", fetched_at=None)) for name, tree in (("api", API), ("catalog", CATALOG))}


@pytest.fixture(params=BASES)
def base(request) -> Snapshot:
    """A snapshot of each kind."""
    return BASES[request.param]


def said(read: Any) -> tuple[type, str, str | None] | str:
    """Return what the error that *read* raises says, or the digest of what it returns."""
    try:
        return read().digest
    except DecodeError as error:
        return type(error), str(error), error.source


def check(data: bytes, base: Snapshot) -> bool:
    """See that *data* beside *base* is refused as it is by itself, or as little; return whether it is."""
    expected = said(lambda: Snapshot(encode(read_document(parse(to_utf8(data, "test"), "test"), "test"), source="test", fetched_at=None)))
    assert expected == said(lambda: read_update(data, base, Seen(), source="test")[0])
    return not isinstance(expected, str)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(
    "member",
    [
        '"z": NaN',
        '"z": -Infinity',
        '"z": 1e999',
        '"z": [0.' + "1" * 200 + "]",
        '"z": ' + "9" * 101,
        '"z": ' + "9" * 10_000,
        '"z": 2, "z": 3',
        '"z": {"a": 1, "a": 2}',
        '"z": {"a": 1, "\\u0061": 2}',
        '"z": {"models": {}, "models": {}}',
        '"z": {"models": {"m": {}, "\\u006d": {}}}',
        '"z": {"models": {"m": {"a": 1, "a": 1}}}',
        '"z": 01',
        "\"z\": 'a'",
        '"z": "\n"',
        '"z": "\\x"',
        '"z": tru',
        '"z": {"models": {"m": tru}}',
        '"z" 1',
        "z: 1",
        "5: 1",
        "5",
        "",
        '"z": 1,',
        '"z": 1}',
        '"z": 1]',
        '"z": {',
        '"z": {"models"',
        '"z": {"models": {"m": NaN}, "name": Infinity}',
        '"z": {"models": {"m": Infinity}}, "y": {"models": {}, "models": {}}',
        '"z": {"models": {"m": NaN}}, "y": {"models": {',
        '"y": {"models": {}, "models": {}}, "z": {"models": {"m": NaN}}',
    ],
)
def test_what_no_document_may_hold_is_refused_wherever_it_stands(place: str, member: str, base: Snapshot):
    assert check(place.replace("$", member).encode(), base)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00 \ud83d\ude00", r"\udfff"])
def test_a_lone_surrogate_is_read_wherever_it_stands(place: str, escape: str, base: Snapshot):
    assert not check(place.replace("$", f'"{escape}": "{escape}"').encode(), base)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("depth", [*range(90, 103), 500, 2_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_deep_nesting_is_refused_from_the_same_depth_on(place: str, depth: int, opening: str, closing: str):
    value = opening * depth + ("1" if closing == "}" else "") + closing * depth
    assert (depth > 99) <= check(place.replace("$", f'"z": {value}').encode(), BASES["api"])


def test_a_row_as_deep_as_may_be_is_too_deep_where_it_stands_one_deeper():
    deep = '{"x": ' + "[" * 96 + "]" * 96 + "}"
    api = f'{{"p": {{"models": {{"m": {deep}}}}}}}'
    base = Snapshot(encode(read_document(parse(api)), source="test", fetched_at=None))
    new, seen = read_update(api.encode(), base, Seen(), source="test")
    assert new is base
    for memory in (seen, Seen()):
        with pytest.raises(DecodeError, match="too deep"):
            read_update(f'{{"models": {{}}, "providers": {api}}}'.encode(), base, memory, source="test")


@pytest.mark.parametrize("tree", [API, CATALOG], ids=["api", "catalog"])
def test_a_document_cut_short_anywhere_is_refused(tree: Any, base: Snapshot):
    text = json.dumps(tree)
    assert all(check(text[:end].encode(), base) for end in range(len(text)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "null",
        "[]",
        "true",
        "5",
        '"text"',
        "[{}]",
        "NaN",
        '{"p"}',
        '{"error": "no"}',
        '{"p": {"name": "P"}}',
        '{"models": {}}',
        '{"providers": {}}',
        "[" * 100_000,
        '{"a":' * 100_000,
        "<!doctype html>",
        "\ufeff\ufeff{}",
    ],
    ids=lambda text: text[:10],
)
def test_what_is_no_document_is_refused(text: str, base: Snapshot):
    assert check(text.encode(), base)


@pytest.mark.parametrize("more", ["{}", "\x00", ",", "}", "]", "null", "\ufeff", "\xa0", "// end"])
@pytest.mark.parametrize("tree", [API, CATALOG], ids=["api", "catalog"])
def test_a_document_with_more_behind_it_is_refused(tree: Any, more: str, base: Snapshot):
    assert check((json.dumps(tree) + more).encode(), base)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_a_byte_order_mark_and_space_around_it_are_no_part_of_a_document(encoding: str, base: Snapshot):
    assert not check(f" \r\n\t{json.dumps(API)} \n".encode(encoding), base)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"])
def test_what_is_not_utf_8_is_refused(encoding: str, base: Snapshot):
    assert check(json.dumps({"é": API["p"]}, ensure_ascii=False).encode(encoding), base)


@pytest.mark.parametrize("data", [b"\xff", b"\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
@pytest.mark.parametrize("place", range(0, 60, 7))
def test_bytes_that_are_no_utf_8_are_refused_wherever_they_stand(data: bytes, place: int, base: Snapshot):
    text = json.dumps(API).encode()
    assert check(text[:place] + data + text[place:], base)


@settings(max_examples=400)
@given(
    st.sampled_from([json.dumps(API), json.dumps(CATALOG)]),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 12),
            st.text(',:{}[]"\\ 0-.eNa', max_size=4) | st.sampled_from(['"models": {}', '"p": {}', "NaN"]),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(sorted(BASES)),
)
def test_a_document_damaged_anyhow_is_read_or_refused_as_it_is_by_itself(text: str, edits: list[Any], base: str):
    for where, length, instead in edits:
        place = int(where * len(text))
        text = text[:place] + instead + text[place + length :]
    if text.strip() != "{}":
        check(text.encode(), BASES[base])
