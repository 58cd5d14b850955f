from __future__ import annotations

import errno
import gzip
import json
import os
from pathlib import Path

import pytest

from modelmeta import DecodeError, ModelMetaError, SourceError, SourceNotFoundError, load_catalog
from modelmeta.registry import catalogs

DOCUMENT = {"openai": {"models": {"gpt-5.5": {"cost": {"input": 1}}}}}


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with the document as ``api.json`` and, zipped, as ``api.json.gz``."""
    data = json.dumps(DOCUMENT).encode()
    (tmp_path / "api.json").write_bytes(data)
    (tmp_path / "api.json.gz").write_bytes(gzip.compress(data))
    return tmp_path


@pytest.mark.parametrize("name", ["api.json", "api.json.gz"])
@pytest.mark.parametrize("form", [str, Path])
def test_a_catalog_is_read_from_text_and_from_a_path_object(folder, name, form):
    assert [str(model.ref) for model in load_catalog(form(folder / name))] == ["openai/gpt-5.5"]


def test_what_is_zipped_is_told_by_its_bytes_not_by_its_name(folder):
    (folder / "api.json.gz").rename(folder / "plain.json")
    assert len(load_catalog(folder / "plain.json")) == 1


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("api-2026-09-30.json", "2026-09-30"),
        ("2024-02-29.json", "2024-02-29"),
        ("2026-09-30T12.json.gz", "2026-09-30"),
        ("api.json", None),
        ("api-2026-02-31.json", None),
        ("api-2026-13-01.json", None),
        ("api-12026-09-30.json", None),
        ("api-2026-09-301.json", None),
    ],
)
def test_a_date_in_the_name_of_the_file_is_when_the_document_was_current(tmp_path, name, date):
    path = tmp_path / name
    path.write_text(json.dumps(DOCUMENT))
    content = load_catalog(path).content
    assert (name, date) == (content.source, content.fetched_at)


def test_a_date_in_the_name_of_the_folder_says_nothing(tmp_path):
    (tmp_path / "2026-01-01").mkdir()
    (tmp_path / "2026-01-01" / "api.json").write_text(json.dumps(DOCUMENT))
    assert load_catalog(tmp_path / "2026-01-01" / "api.json").content.fetched_at is None


def test_the_source_of_bytes_and_of_parsed_documents_is_memory():
    for source in (DOCUMENT, json.dumps(DOCUMENT).encode()):
        content = load_catalog(source).content
        assert (content.source, content.fetched_at) == ("memory", None)


@pytest.mark.parametrize("form", [str, Path])
def test_a_missing_file_is_named(tmp_path, form):
    path = form(tmp_path / "no such.json")
    with pytest.raises(SourceNotFoundError, match=r"there is no file .*no such\.json") as caught:
        load_catalog(path)
    assert str(path) == caught.value.source
    assert isinstance(caught.value, FileNotFoundError)
    assert isinstance(caught.value, SourceError)


def test_an_empty_path_is_a_missing_file_and_the_error_says_what_would_be_right():
    with pytest.raises(SourceNotFoundError, match="a path, bytes or a parsed document"):
        load_catalog("")


def test_json_text_is_taken_for_a_path_and_the_error_says_what_would_be_right():
    with pytest.raises(SourceNotFoundError, match="a path, bytes or a parsed document"):
        load_catalog(json.dumps(DOCUMENT))


@pytest.mark.parametrize("path", ["a\x00b", "a" * 5_000, "\ud800"])
def test_a_path_that_cannot_be_is_a_source_error(path):
    with pytest.raises(SourceError) as caught:
        load_catalog(path)
    assert path == caught.value.source
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value, ModelMetaError)


def test_a_folder_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match="cannot be read") as caught:
        load_catalog(tmp_path)
    assert str(tmp_path) == caught.value.source
    assert not isinstance(caught.value, SourceNotFoundError)


def test_a_file_that_may_not_be_read_is_a_source_error(folder, monkeypatch):
    def refuse(path, _mode):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(catalogs, "open", refuse, raising=False)
    with pytest.raises(SourceError, match=r"cannot be read: .*Permission denied") as caught:
        load_catalog(folder / "api.json")
    assert isinstance(caught.value.__cause__, PermissionError)


def test_a_file_below_a_file_is_a_source_error(folder):
    with pytest.raises(SourceError):
        load_catalog(folder / "api.json" / "api.json")


def test_a_path_object_of_bytes_is_read_too(folder):
    class BytesPath:
        def __fspath__(self) -> bytes:
            return os.fsencode(folder / "api.json")

    assert len(load_catalog(BytesPath())) == 1


def test_a_file_that_is_no_catalog_is_named(tmp_path):
    path = tmp_path / "index.html"
    path.write_text("<!doctype html>")
    with pytest.raises(DecodeError, match=r"^index\.html is not JSON") as caught:
        load_catalog(path)
    assert caught.value.source == "index.html"


def test_loading_leaves_the_file_alone(folder):
    before = (folder / "api.json").read_bytes()
    load_catalog(folder / "api.json")
    assert sorted(path.name for path in folder.iterdir()) == ["api.json", "api.json.gz"]
    assert before == (folder / "api.json").read_bytes()
