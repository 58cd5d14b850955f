"""A file as a source: read when it changed, refused when it cannot be."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelmeta import SourceError, SourceNotFoundError
from modelmeta.sources import file as module
from modelmeta.sources.file import FileSource
from modelmeta.sources.source import Source

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "api.json"
    path.write_bytes(b"one")
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    return path


def source_of(path, most_bytes=1_000):
    return FileSource(path, most_bytes=most_bytes)


@pytest.mark.parametrize("form", [str, Path])
def test_a_file_is_fetched_with_the_time_of_its_last_change(path, form):
    fetched = source_of(form(path)).fetch(None)
    assert (fetched.data, fetched.fetched_at) == (b"one", NOON)
    assert fetched.validator


def test_what_is_still_there_is_not_fetched_again(path):
    validator = source_of(path).fetch(None).validator
    assert source_of(path).fetch(validator) is None
    assert source_of(path).fetch("another") is not None


def test_a_file_is_fetched_again_after_a_change_of_time_size_or_identity(path, tmp_path):
    source, seen = source_of(path), set()

    def changed():
        fetched = source.fetch(validator)
        seen.add(fetched.validator)
        return fetched

    validator = source.fetch(None).validator
    os.utime(path, (NOON.timestamp(), NOON.timestamp() + 1e-3))
    assert changed().data == b"one"
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    assert source.fetch(validator) is None

    path.write_bytes(b"longer")
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    assert changed().data == b"longer"

    other = tmp_path / "other.json"
    other.write_bytes(b"two")
    os.utime(other, (NOON.timestamp(), NOON.timestamp()))
    other.replace(path)
    assert changed().data == b"two"
    assert len({validator, *seen}) == 4


def test_a_file_may_be_just_as_large_as_allowed(path):
    assert source_of(path, most_bytes=3).fetch(None).data == b"one"
    with pytest.raises(SourceError, match=r"api\.json' holds more than 2 bytes; max_document_bytes allows no more") as caught:
        source_of(path, most_bytes=2).fetch(None)
    assert caught.value.source == str(path)


def test_no_more_of_a_file_is_read_than_allowed(path):
    with path.open("r+b") as file:
        file.truncate(1 << 40)  # a hole, of no size on disk
    with pytest.raises(SourceError, match="holds more than 1,000 bytes"):
        source_of(path).fetch(None)


def test_a_file_that_is_not_there_says_so(tmp_path):
    source = source_of(tmp_path / "none.json")
    with pytest.raises(SourceNotFoundError, match=r"there is no file '.*none\.json'") as caught:
        source.fetch(None)
    assert caught.value.source == source.name == str(tmp_path / "none.json")
    assert isinstance(caught.value, FileNotFoundError)


def test_a_folder_cannot_be_read(tmp_path):
    with pytest.raises(SourceError, match="cannot be read: ") as caught:
        source_of(tmp_path).fetch(None)
    assert isinstance(caught.value.__cause__, OSError)
    assert not isinstance(caught.value, FileNotFoundError)


def test_a_file_that_may_not_be_read_says_so(path, monkeypatch):
    def refuse(name, _mode):
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.setattr(module, "open", refuse, raising=False)
    with pytest.raises(SourceError, match=r"cannot be read: .*Permission denied") as caught:
        source_of(path).fetch(None)
    assert isinstance(caught.value.__cause__, PermissionError)


@pytest.mark.parametrize("name", ["a\0b", "a" * 5_000, "\ud800"])
def test_a_name_that_no_file_can_have_cannot_be_read(name):
    with pytest.raises(SourceError, match="cannot be read: ") as caught:
        source_of(name).fetch(None)
    assert caught.value.source == name


def test_a_file_is_a_source_that_needs_no_network(path):
    source = source_of(path)
    assert isinstance(source, Source)
    assert source.offline is True
    assert repr(source) == f"<FileSource of {str(path)!r}>"


def test_a_path_object_of_bytes_is_a_file_too(path):
    class BytesPath:
        def __fspath__(self):
            return os.fsencode(path)

    assert (source_of(BytesPath()).name, source_of(BytesPath()).fetch(None).data) == (str(path), b"one")


def test_making_a_source_opens_nothing(tmp_path):
    assert source_of(tmp_path / "none.json").name == str(tmp_path / "none.json")
