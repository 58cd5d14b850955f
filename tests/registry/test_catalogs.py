"""Catalogs without a registry: from a path, from bytes, from a parsed document, and back."""

from __future__ import annotations

import errno
import gzip
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from modelmeta import (
    DecodeError,
    Registry,
    SnapshotVersionError,
    SourceError,
    SourceNotFoundError,
    bundled_catalog,
    dump_catalog,
    load_catalog,
)
from modelmeta.registry import catalogs

DOCUMENT = {
    "acme": {
        "id": "acme",
        "name": "Acme",
        "models": {"m": {"id": "m", "name": "M", "cost": {"input": 0.1, "output": 2}, "limit": {"context": 10}}, "n": {"id": "n"}},
    }
}
TEXT = json.dumps(DOCUMENT).encode()


@pytest.fixture
def file(tmp_path):
    """Return the function that writes bytes to a file of a given name."""

    def written(name, data=TEXT):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return written


def check(catalog):
    assert [str(ref) for ref in catalog.models().refs] == ["acme/m", "acme/n"]
    assert Decimal("0.1") == catalog["acme/m"].cost.input
    assert catalog.problems == ()
    assert dump_catalog(catalog) == DOCUMENT


@pytest.mark.parametrize("wrap", [str, Path, os.fspath])
def test_a_catalog_is_loaded_from_a_path(file, wrap):
    check(load_catalog(wrap(file("api.json"))))
    check(load_catalog(wrap(file("api.json.gz", gzip.compress(TEXT)))))
    check(load_catalog(wrap(file("zipped.json", gzip.compress(TEXT)))))


def test_a_catalog_is_loaded_from_a_path_object_of_bytes(file):
    class BytesPath:
        def __fspath__(self) -> bytes:
            return os.fsencode(file("api.json"))

    check(load_catalog(BytesPath()))


def test_loading_leaves_the_file_alone(file):
    path = file("api.json")
    load_catalog(path)

    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == TEXT


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_a_catalog_is_loaded_from_bytes(wrap):
    check(load_catalog(wrap(TEXT)))
    check(load_catalog(wrap(gzip.compress(TEXT))))
    check(load_catalog(wrap(b"\xef\xbb\xbf" + TEXT)))


def test_a_catalog_is_loaded_from_a_parsed_document_of_which_a_float_means_what_it_prints_as():
    check(load_catalog(json.loads(TEXT)))
    check(load_catalog(json.loads(TEXT, parse_float=Decimal)))


def test_a_document_that_was_loaded_may_change_without_changing_the_catalog():
    document = json.loads(TEXT, parse_float=Decimal)
    catalog = load_catalog(document)
    document["acme"]["models"]["m"]["name"] = "Changed"
    document["acme"]["models"].clear()

    check(catalog)
    assert catalog["acme/m"].name == "M"


def test_a_catalog_is_loaded_from_a_snapshot_with_where_it_was_from(file):
    loaded = load_catalog(file("api-2026-05-21.json"))

    for again in (load_catalog(bytes(loaded.content)), load_catalog(file("other-2020-01-01.snapshot", bytes(loaded.content)))):
        check(again)
        assert (again.content.source, again.content.fetched_at) == ("api-2026-05-21.json", "2026-05-21")
        assert loaded.content.digest == again.content.digest
        assert list(loaded) == list(again)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("api-2026-09-30.json", "2026-09-30"),
        ("2026-09-30.json", "2026-09-30"),
        ("models.dev 2026-02-28 api.json", "2026-02-28"),
        ("api_2024-02-29.json", "2024-02-29"),
        ("api.json", None),
        ("api-20260930.json", None),
        ("api-2026-9-30.json", None),
        ("api-2026-13-01.json", None),
        ("api-2026-02-30.json", None),
        ("api-12026-09-30.json", None),
        ("api-2026-09-301.json", None),
        ("api-٢٠٢٦-٠٩-٣٠.json", None),
    ],
)
def test_a_date_in_the_name_of_a_file_is_the_day_it_was_fetched(file, name, day):
    catalog = load_catalog(file(name))

    assert day == catalog.content.fetched_at
    assert name == catalog.content.source
    assert f"api.json of {day or 'an unknown day'}>" in repr(catalog)


def test_a_date_in_the_name_of_a_folder_says_nothing(tmp_path):
    folder = tmp_path / "2026-09-30"
    folder.mkdir()
    (folder / "api.json").write_bytes(TEXT)

    assert load_catalog(folder / "api.json").content.fetched_at is None


def test_what_has_no_name_is_from_memory_and_of_an_unknown_day():
    for source in (TEXT, json.loads(TEXT, parse_float=Decimal)):
        content = load_catalog(source).content
        assert (content.source, content.fetched_at) == ("memory", None)


@pytest.mark.parametrize("wrap", [str, Path])
def test_a_path_to_nothing_is_a_file_not_found(tmp_path, wrap):
    path = tmp_path / "nothing.json"
    with pytest.raises(
        SourceNotFoundError, match=r"there is no file .*nothing\.json.*; load_catalog takes a path, bytes or a parsed"
    ) as caught:
        load_catalog(wrap(path))

    assert isinstance(caught.value, FileNotFoundError)
    assert str(path) == caught.value.source
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["", TEXT.decode()])
def test_text_is_a_path_whatever_it_says(text):
    with pytest.raises(SourceNotFoundError, match=r"there is no file '.*a path, bytes or a parsed document"):
        load_catalog(text)


@pytest.mark.parametrize("name", ["", "api\0.json", "x" * 10_000, "\ud800", "api.json/api.json"])
def test_a_path_that_cannot_be_read_says_why(file, tmp_path, name):
    file("api.json")
    with pytest.raises(SourceError, match="cannot be read: ") as caught:
        load_catalog(f"{tmp_path}/{name}")

    assert f"{tmp_path}/{name}" == caught.value.source
    assert isinstance(caught.value, OSError)
    assert not isinstance(caught.value, SourceNotFoundError)


def test_a_file_that_may_not_be_read_says_so(file, monkeypatch):
    def refuse(path, _mode):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(catalogs, "open", refuse, raising=False)
    with pytest.raises(SourceError, match=r"cannot be read: .*Permission denied") as caught:
        load_catalog(file("api.json"))
    assert isinstance(caught.value.__cause__, PermissionError)


@pytest.mark.parametrize("source", [None, 5, 1.5, True, [], [DOCUMENT], {1, 2}, object(), {}, {"acme": 5}, {"acme": {"id": "acme"}}])
def test_what_is_no_document_is_refused(source):
    with pytest.raises(DecodeError, match=r"the document is not (a models.dev document|made of JSON values only)"):
        load_catalog(source)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"<html>",
        b"\xff\xfe",
        b"\x1f\x8b",
        b"{}",
        b'{"a": NaN}',
        pytest.param(b"[" * 100_000, id="deep"),
        b'{"format": "other"}',
    ],
)
def test_a_file_that_is_no_document_is_refused_by_name(file, data):
    with pytest.raises(DecodeError, match=r"^odd\.json ") as caught:
        load_catalog(file("odd.json", data))

    assert caught.value.source == "odd.json"
    with pytest.raises(DecodeError):
        load_catalog(data)


def test_a_snapshot_that_was_changed_is_refused(file):
    data = bytes(load_catalog(TEXT).content)

    for broken in (data[:-1], data + b"\n", data.replace(b'"name":"M"', b'"name":"W"')):
        assert broken != data
        with pytest.raises(DecodeError, match="changed"):
            load_catalog(file("models.snapshot", broken))


def test_a_snapshot_of_another_version_is_refused(file):
    data = bytes(load_catalog(TEXT).content).replace(b'"version": 1', b'"version": 2', 1)

    with pytest.raises(SnapshotVersionError, match=r"version 2 .* reads version 1") as caught:
        load_catalog(file("models.snapshot", data))
    assert (caught.value.found, caught.value.supported) == (2, 1)


def test_the_bundled_catalog_is_what_its_own_document_loads_as():
    catalog = bundled_catalog()
    again = load_catalog(json.dumps(dump_catalog(catalog)).encode())

    assert catalog.content.digest == again.content.digest
    assert list(catalog) == list(again)


@pytest.mark.parametrize("value", [None, 5, "api.json", TEXT, DOCUMENT, Registry])
def test_only_a_catalog_is_dumped(value):
    with pytest.raises(DecodeError, match="only a catalog can be dumped, not"):
        dump_catalog(value)
