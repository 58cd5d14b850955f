from __future__ import annotations

import gzip
import hashlib
import json
import pickle
import random
import struct
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import DecodeError, SnapshotVersionError, dump_catalog, load_catalog
from modelmeta.codec.json_text import parse
from modelmeta.codec.models_dev import read_document
from modelmeta.codec.snapshot import VERSION, Snapshot, encode
from modelmeta.testing.strategies import documents

DOCUMENT: dict[str, Any] = {
    "providers": {
        "b": {
            "name": "B",
            "models": {"z": {"cost": {"input": 1.10, "output": 2}}, "a": {"release_date": "2025-25-11"}, "bad": {"name": 5}},
        },
        "a": {"env": 5, "models": {"m": {"modalities": {"input": ["text", "image"]}, "limit": {"context": 400_000}}}},
        "c/d": {},
    },
    "models": {"lab/m": {"limit": {"context": 5}}, "lab/bad": {"limit": 5}},
    "new": [1],
}


def snapshot(document: Any, source: str = "test", fetched_at: str | None = "2026-09-30") -> bytes:
    return encode(read_document(parse(json.dumps(document))), source=source, fetched_at=fetched_at)


def split(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the header and the parts of the snapshot *data*, read by the description of the format."""
    line, _, rest = data.partition(b"\n")
    header = json.loads(line)
    parts = {}
    for name, size in header["parts"]:
        parts[name], rest = rest[:size], rest[size:]
    assert rest == b""
    return header, parts


def join(header: dict[str, Any], parts: dict[str, bytes], /, **changed: Any) -> bytes:
    """Return a snapshot of *header*, with what is *changed* in it, and *parts*, with sizes that fit."""
    sizes = [[name, len(part)] for name, part in parts.items()]
    return json.dumps({**header, "parts": sizes, **changed}).encode() + b"\n" + b"".join(parts.values())


def shuffled(value: Any, rng: random.Random) -> Any:
    """Return *value* with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = rng.sample(list(value), len(value))
        return {key: shuffled(value[key], rng) for key in keys}
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


def test_the_header_says_what_made_the_snapshot_and_when():
    header, parts = split(snapshot(DOCUMENT))
    assert list(header) == [
        "format",
        "version",
        "kind",
        "source",
        "fetched_at",
        "digest",
        "models",
        "providers",
        "wide",
        "parts",
        "checksum",
    ]
    assert (header["format"], header["version"], header["kind"]) == ("modelmeta-snapshot", VERSION, "catalog.json")
    assert tuple(header[key] for key in ("source", "fetched_at", "models", "providers", "wide")) == ("test", "2026-09-30", 3, 2, [])
    content = [parts[name] for name in ("providers", "refs", "offsets", "rows", "lab", "problems", "asides")]
    assert hashlib.sha256(b"".join(content)).hexdigest() == header["digest"]
    checksum = header.pop("checksum")
    assert hashlib.sha256(json.dumps(header).encode() + b"".join(parts.values())).hexdigest() == checksum


def test_the_parts_are_as_the_format_describes_them():
    _, parts = split(snapshot(DOCUMENT))
    assert json.loads(parts["providers"]) == [["a", {"models": {}}], ["b", {"models": {}, "name": "B"}]]
    assert json.loads(parts["refs"]) == ["a/m", "b/a", "b/z"]
    rows = parts["rows"].splitlines(keepends=True)
    assert [0, len(rows[0]), len(rows[0] + rows[1]), len(parts["rows"])] == list(struct.unpack("<4I", parts["offsets"]))
    assert rows[2] == b'{"cost":{"input":1.1,"output":2}}\n'
    assert json.loads(parts["lab"]) == [["lab/m", {"limit": {"context": 5}}]]
    assert [keys for keys, _ in json.loads(parts["asides"])][2:] == [
        ["providers", "a", "env"],
        ["providers", "b", "models", "bad"],
        ["providers", "c/d"],
    ]
    assert json.loads(parts["column:cost.input:values"]) == ["1.1"]
    assert struct.unpack("<3H", parts["column:cost.input:codes"]) == (0, 0, 1)
    assert json.loads(parts["column:modalities.input:values"]) == [["text", "image"]]
    assert struct.unpack("<3H", parts["column:provider_id:codes"]) == (1, 2, 2)


def test_a_snapshot_is_ascii_but_for_its_numbers():
    _, parts = split(snapshot({"p": {"name": "模型", "models": {"é": {"name": "\ud800"}}}}))
    assert all(part.isascii() for name, part in parts.items() if not name.endswith((":codes", "offsets")))


@given(documents(flawed=True), st.randoms(use_true_random=False))
def test_equal_documents_make_equal_bytes_whatever_the_order_of_their_keys(document, rng):
    assert snapshot(document) == snapshot(shuffled(document, rng))


def test_a_real_document_makes_the_same_bytes_again_and_in_another_order(shared_data):
    document = json.loads(gzip.decompress((shared_data / "api-2026-03-01.json.gz").read_bytes()))
    once = snapshot(document)
    assert once == snapshot(document)
    assert once == snapshot(shuffled(document, random.Random(5)))


def test_other_facts_make_another_digest_and_other_dates_do_not():
    digest = load_catalog(snapshot(DOCUMENT)).content.digest
    assert digest == load_catalog(snapshot(DOCUMENT, source="elsewhere", fetched_at=None)).content.digest
    assert digest != load_catalog(snapshot({**DOCUMENT, "new": [2]})).content.digest


def test_a_catalog_says_what_its_snapshot_says():
    content = load_catalog(snapshot(DOCUMENT)).content
    assert (content.kind, content.source, content.fetched_at) == ("catalog.json", "test", "2026-09-30")


def test_a_zipped_snapshot_and_one_in_a_file_are_snapshots_too(tmp_path):
    data = snapshot(DOCUMENT)
    (tmp_path / "models.snapshot").write_bytes(data)
    assert [data] * 3 == [bytes(load_catalog(source).content) for source in (data, gzip.compress(data), tmp_path / "models.snapshot")]


def test_a_snapshot_pickles():
    content = load_catalog(snapshot(DOCUMENT)).content
    twin = pickle.loads(pickle.dumps(content))
    assert (bytes(content), content.digest, content.model(2)) == (bytes(twin), twin.digest, twin.model(2))


@pytest.mark.parametrize("version", [VERSION + 1, 0, 99, None, "1", 1.5, [1]])
def test_another_version_of_the_format_is_refused_and_both_versions_are_named(version: object):
    header, parts = split(snapshot(DOCUMENT))
    with pytest.raises(SnapshotVersionError) as caught:
        load_catalog(join(header, parts, version=version))
    assert (version, VERSION) == (caught.value.found, caught.value.supported)
    assert f"version {version!r}" in str(caught.value)
    assert f"version {VERSION}" in str(caught.value)


def test_a_later_version_is_refused_by_its_number_whatever_else_it_changed(tmp_path):
    path = tmp_path / "later.snapshot"
    path.write_bytes(b'{"format": "modelmeta-snapshot", "version": 7, "shards": 3}\n\x00\x01')
    with pytest.raises(SnapshotVersionError, match=r"^later\.snapshot is of version 7 .* reads version 1$") as caught:
        load_catalog(path)
    assert (caught.value.source, caught.value.found) == ("later.snapshot", 7)


@pytest.mark.parametrize("end", [31, 32, 40, 100, 500, -500, -2, -1])
def test_a_snapshot_cut_short_anywhere_is_refused(end: int):
    with pytest.raises(DecodeError, match="snapshot"):
        load_catalog(snapshot(DOCUMENT)[:end])


def test_a_snapshot_with_more_behind_it_is_refused():
    with pytest.raises(DecodeError, match="changed"):
        load_catalog(snapshot(DOCUMENT) + b"\n")


@pytest.mark.parametrize("part", [name for name, _ in split(snapshot(DOCUMENT))[0]["parts"]])
def test_a_part_that_was_changed_or_left_out_is_refused(part: str):
    header, parts = split(snapshot(DOCUMENT))
    flipped = {**parts, part: bytes([parts[part][0] ^ 1]) + parts[part][1:]}
    longer = {**parts, part: parts[part] + b"\n"}
    missing = {name: parts[name] for name in parts if name != part}
    for damaged in (flipped, longer, missing):
        with pytest.raises(DecodeError, match="changed or damaged"):
            load_catalog(join(header, damaged))


@pytest.mark.parametrize("key", split(snapshot(DOCUMENT))[0])
@pytest.mark.parametrize("value", [None, 5, "x", [5], {"a": 1}], ids=repr)
def test_a_header_that_was_changed_is_refused(key: str, value: Any):
    header, parts = split(snapshot(DOCUMENT))
    with pytest.raises(DecodeError):
        load_catalog(join(header, parts, **{key: value}))
    with pytest.raises(DecodeError):
        load_catalog(join({name: header[name] for name in header if name != key}, parts) if key != "parts" else b"{}")


def test_a_damaged_snapshot_opened_unchecked_is_found_out_when_it_is_verified():
    header, parts = split(snapshot(DOCUMENT))
    Snapshot(snapshot(DOCUMENT)).verify()
    with pytest.raises(DecodeError, match=r"^test is not as it was written"):
        Snapshot(join(header, {**parts, "rows": b"?" * len(parts["rows"])})).verify()


@pytest.mark.parametrize(
    "header", [b'{"format": "modelmeta-snapshot"', b'{"format": "modelmeta-snapshot"}\n', b'{"format": "modelmeta-snapshot", NaN\n']
)
def test_a_header_that_is_none_is_refused(header: bytes):
    with pytest.raises(DecodeError):
        load_catalog(header)


@pytest.mark.parametrize("key", ["kind", "source", "fetched_at", "digest", "wide", "parts"])
def test_a_header_with_a_sound_checksum_that_lacks_something_is_refused(key: str):
    header, parts = split(snapshot(DOCUMENT))
    with pytest.raises(DecodeError, match="was not written by modelmeta"):
        load_catalog(sealed({name: value for name, value in header.items() if name != key}, parts))


@pytest.mark.parametrize("refs", [b"5", b"[5]", b"{", b"[" * 100_000, b"null"])
def test_references_with_a_sound_checksum_that_are_none_are_refused(refs: bytes):
    header, parts = split(snapshot(DOCUMENT))
    parts["refs"] = refs
    header["parts"] = [[name, len(part)] for name, part in parts.items()]
    with pytest.raises(DecodeError, match="was not written by modelmeta"):
        load_catalog(sealed(header, parts))


def sealed(header: dict[str, Any], parts: dict[str, bytes]) -> bytes:
    """Return the snapshot of *header* and *parts* with the checksum that makes it look sound."""
    header, body = {key: value for key, value in header.items() if key != "checksum"}, b"".join(parts.values())
    checksum = hashlib.sha256(json.dumps(header).encode() + body).hexdigest()
    return json.dumps({**header, "checksum": checksum}).encode() + b"\n" + body


def test_numbers_are_little_endian_on_machines_that_are_not(monkeypatch):
    """A machine of the other order, played by this one, swaps what it writes and swaps it back when it reads."""
    other = {"little": "big", "big": "little"}[sys.byteorder]
    native = split(snapshot(DOCUMENT))[1]
    monkeypatch.setattr(sys, "byteorder", other)
    swapped = split(snapshot(DOCUMENT))[1]
    for name in ("offsets", "column:provider_id:codes"):
        width = 4 if name == "offsets" else 2
        assert native[name] != swapped[name]
        assert [native[name][i : i + width] for i in range(0, len(native[name]), width)] == [
            swapped[name][i : i + width][::-1] for i in range(0, len(swapped[name]), width)
        ]
    catalog = load_catalog(snapshot(DOCUMENT))
    assert dump_catalog(catalog) == DOCUMENT
    assert [str(model.ref) for model in catalog.filter(max_input_cost=2)] == ["b/z"]


def test_more_distinct_values_than_two_bytes_can_tell_apart_still_read_right():
    count = 65_537
    document = {
        "p": {
            "models": {
                f"m{number:05}": {"name": "M", "limit": {"context": number + 1}, "tool_call": number % 2 == 0} for number in range(count)
            }
        }
    }
    data = snapshot(document)
    header, parts = split(data)
    assert header["wide"] == ["limit.context"]
    assert (4 * count, 2 * count) == (len(parts["column:limit.context:codes"]), len(parts["column:tool_call:codes"]))
    catalog = load_catalog(data)
    assert [count, count - 1] == [model.limit.context for model in catalog.filter(min_context=count - 1, sort="-limit.context")]
    assert catalog.get("p/m00000").limit.context == 1


def test_the_rows_are_decoded_only_when_they_are_asked_for():
    header, parts = split(snapshot(DOCUMENT))
    broken = Snapshot(join(header, {**parts, "rows": b"?" * len(parts["rows"])}))
    assert broken.refs == ["a/m", "b/a", "b/z"]
    assert Decimal("1.1") == broken.column("cost.input")[2]


@pytest.mark.parametrize("name", ["", None, "Duo", "X", 5])
def test_whether_a_price_of_0_is_that_of_a_plan_is_said_alike_by_the_column_the_model_and_the_provider(name: Any):
    head = {"name": name, "models": {"m": {"cost": {"input": 0, "output": 0}}}}
    reopened = Snapshot(snapshot({"Duo": head, "p": head}))
    for row, provider_id in enumerate(("Duo", "p")):
        model = reopened.model(row)
        assert model.subscription is reopened.providers()[provider_id].subscription is reopened.sells_plan(provider_id)
        assert model.price_state == reopened.column("price_state")[row]
