"""Files as sources: read again when they change, and harmless when they break."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from modelmeta import ContentError, RefreshError, SourceError, SourceNotFoundError, dump_catalog, load_catalog
from modelmeta.testing import FakeClock

THEN = datetime(2026, 10, 20, tzinfo=UTC)


def document(name, models=4):
    return {"acme": {"id": "acme", "models": {f"m{number}": {"id": f"m{number}", "name": name} for number in range(models)}}}


@pytest.fixture
def file(tmp_path):
    """A file, and how to write it: each time a second later."""

    class File:
        path = tmp_path / "catalog"
        written = THEN.timestamp()

        def write(self, data):
            self.path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
            self.touch()

        def touch(self):
            self.written += 1
            os.utime(self.path, (self.written, self.written))

    file = File()
    file.write(document("one"))
    return file


@pytest.fixture
def clock():
    return FakeClock(datetime(2026, 11, 1, tzinfo=UTC))


async def test_a_file_is_read_again_when_it_changed(settle, file):
    registry = await settle(source=file.path)
    catalog = registry.catalog
    assert (await registry.refresh()).status == "unchanged"
    assert registry.catalog is catalog
    file.write(document("two"))
    report = await registry.refresh()
    assert (report.status, report.source, len(report.changed)) == ("updated", str(file.path), 4)
    assert dump_catalog(registry.catalog) == document("two")


async def test_a_file_that_did_not_change_is_not_read(settle, file):
    registry = await settle(source=file.path)
    data, facts = file.path.read_bytes(), file.path.stat()
    file.path.write_bytes(b"x" * len(data))
    os.utime(file.path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert (await registry.refresh()).status == "unchanged"
    with pytest.raises(ContentError):
        await registry.refresh(force=True)


async def test_the_facts_of_a_file_are_as_old_as_the_file(settle, file, clock):
    registry = await settle(source=file.path, clock=clock)
    assert registry.status().fetched_at == THEN + timedelta(seconds=1)
    await registry.refresh()
    assert registry.status().fetched_at == THEN + timedelta(seconds=1)
    file.touch()
    assert (await registry.refresh()).status == "unchanged"
    assert registry.status().fetched_at == THEN + timedelta(seconds=2)
    assert registry.status().age == timedelta(days=12, seconds=-2)


async def test_a_file_may_be_gzipped_or_a_snapshot(settle, file):
    registry = await settle(source=file.path)
    for name, written in (
        ("two", gzip.compress(json.dumps(document("two")).encode())),
        ("three", bytes(load_catalog(document("three")).content)),
        ("four", gzip.compress(bytes(load_catalog(document("four")).content))),
        ("five", b"\xef\xbb\xbf" + json.dumps(document("five")).encode()),
    ):
        file.write(written)
        assert (await registry.refresh()).status == "updated"
        assert registry.get("acme/m0").name == name
        assert dump_catalog(registry.catalog) == document(name)


async def test_a_snapshot_of_a_catalog_can_be_moved_to_where_no_network_is(open_either, file, clock):
    registry = open_either(source=file.path, enabled=False, clock=clock)
    file.write(bytes(load_catalog(document("moved")).content))
    report = await registry.refresh()
    assert (report.status, registry.status().source) == ("updated", "memory")
    assert registry.get("acme/m0").name == "moved"


@pytest.mark.parametrize(
    ("broken", "kind", "what"),
    [
        (b"", ContentError, "is not JSON"),
        (json.dumps(document("two")).encode()[:-20], ContentError, "is not JSON"),
        (gzip.compress(json.dumps(document("two")).encode())[:-20], ContentError, "is not sound gzip"),
        (bytes(load_catalog(document("two")).content)[:-20], ContentError, "catalog"),
        (b"[]", ContentError, "is not a models.dev document"),
        (b" " * 5_001, RefreshError, "holds more than 5,000 bytes; max_document_bytes allows no more"),
        (gzip.compress(b" " * 1_000_000), ContentError, "unpacks to more than 5,000 bytes"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else len(value),
)
async def test_a_file_that_broke_is_an_error_and_recovers(settle, file, broken, kind, what):
    registry = await settle(source=file.path, max_document_bytes=5_000)
    catalog = registry.catalog
    file.write(broken)
    for _ in range(2):
        with pytest.raises(kind, match=what) as caught:
            await registry.refresh()
        assert str(file.path) in str(caught.value)
    assert registry.catalog is catalog
    file.write(document("two"))
    assert (await registry.refresh()).status == "updated"


async def test_a_file_that_is_gone_is_an_error_and_may_come_back(settle, file):
    registry = await settle(source=file.path)
    file.path.unlink()
    with pytest.raises(RefreshError, match="there is no file") as caught:
        await registry.refresh()
    assert isinstance(caught.value.__cause__, SourceNotFoundError)
    assert registry.get("acme/m0").name == "one"
    file.write(document("two"))
    assert (await registry.refresh()).status == "updated"


async def test_a_folder_is_no_file(open_either, tmp_path):
    registry = open_either(source=tmp_path)
    with pytest.raises(RefreshError, match="cannot be read") as caught:
        await registry.refresh()
    assert isinstance(caught.value.__cause__, SourceError)


async def test_a_file_that_lost_its_models_is_held(settle, file):
    registry = await settle(source=file.path)
    file.write(document("one", models=1))
    report = await registry.refresh()
    assert (report.status, report.reason) == ("held", "3 of 4 models are gone, more than 50%")
    again = await registry.refresh()
    assert (again.status, again.revision, registry.status().held) == ("held", report.revision, report.revision)
    assert (await registry.refresh(accept=True)).status == "updated"
    assert registry.status().fetched_at == THEN + timedelta(seconds=2)


async def test_the_first_file_that_is_there_is_read(settle, file, tmp_path):
    later = tmp_path / "later.json"
    registry = await settle(source=[later, file.path])
    assert registry.status().source == str(file.path)
    later.write_text(json.dumps(document("later")))
    report = await registry.refresh()
    assert (report.source, registry.get("acme/m0").name) == (str(later), "later")
