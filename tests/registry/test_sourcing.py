"""From what a caller calls a source to sources."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelmeta import AsyncRegistry, Registry, Settings, SettingsError
from modelmeta.registry.sourcing import as_sources
from modelmeta.sources.file import FileSource

FACADES = [Registry, AsyncRegistry]


class Shelf:
    """A source."""

    name = "shelf"

    def fetch(self, _validator):
        """Give nothing."""
        return


class AsyncShelf:
    """A source that is awaited."""

    name = "async shelf"

    async def afetch(self, _validator):
        """Give nothing."""
        return


class Offline(Shelf):
    """A source that needs no network."""

    offline = True


def made(given, *, awaits=False, **settings):
    return as_sources(given, Settings(**settings), "at {}".format, awaits=awaits)


def refusal(given, *, awaits=False):
    with pytest.raises(SettingsError) as caught:
        made(given, awaits=awaits)
    assert caught.value.key == "source"
    return str(caught.value)


def test_by_default_the_source_is_the_base_url():
    assert made(None) == ("at https://models.dev",)
    assert made(None, base_url="http://mirror/") == ("at http://mirror",)


@pytest.mark.parametrize("address", ["https://a.b", "http://a.b/c", "HTTPS://a.b", "https://a.b/api.json?type=all", "https://a.b/user@c"])
def test_an_address_is_left_to_the_client(address):
    assert made(address) == (f"at {address}",)


class BytesPath:
    """A path of bytes."""

    def __fspath__(self):
        return b"/data/api.json"


@pytest.mark.parametrize("path", ["/data/api.json", Path("/data/api.json"), BytesPath()], ids=lambda path: type(path).__name__)
def test_a_path_is_a_file(path):
    (source,) = made(path)
    assert isinstance(source, FileSource)
    assert (source.name, repr(source)) == ("/data/api.json", "<FileSource of '/data/api.json'>")


def test_a_path_may_be_relative_or_have_a_drive():
    assert [source.name for source in made(["api.json", "C:\\data\\api.json", os.curdir])] == ["api.json", "C:\\data\\api.json", "."]


def test_a_file_is_as_large_as_a_document_may_be(tmp_path):
    path = tmp_path / "api.json"
    path.write_bytes(b"12345")
    (source,) = made(path, max_document_bytes=5)
    assert source.fetch(None).data == b"12345"
    (source,) = made(path, max_document_bytes=4)
    with pytest.raises(OSError, match="more than 4 bytes"):
        source.fetch(None)


def test_a_source_is_itself():
    shelf = Shelf()
    assert made(shelf) == made([shelf]) == (shelf,)
    assert made(shelf, awaits=True) == (shelf,)


def test_several_are_tried_in_the_order_given():
    shelf = Shelf()
    first, second, third = made(("https://a.b", shelf, "api.json"))
    assert (first, second, third.name) == ("at https://a.b", shelf, "api.json")
    assert made([]) == ()


def test_only_a_registry_of_tasks_awaits_a_source():
    shelf = AsyncShelf()
    assert made(shelf, awaits=True) == (shelf,)
    assert "a source is an http or https address, a path or a Source (name, fetch), not <" in refusal(shelf)


@pytest.mark.parametrize("address", ["ftp://a.b/api.json", "file:///data/api.json", "s3://bucket/api.json", "://a.b"])
def test_an_address_of_another_kind_is_refused(address):
    assert refusal(address) == f"a source is an http or https address, a path or a Source, not {address.partition('://')[0]}://…"


@pytest.mark.parametrize("address", ["https://me:s3cret@a.b", "HTTP://s3cret@a.b/api.json"])
def test_an_address_with_a_password_is_refused_unseen(address):
    assert "s3cret" not in refusal(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://a.b/api.json?key=s3cret",
        "https://a.b/api.json?type=all&key=s3cret",
        "https://a.b/api.json#s3cret",
        "https://a.b?type=s3cret",
    ],
)
def test_an_address_with_a_query_that_may_be_secret_is_refused_unseen(address):
    assert "s3cret" not in refusal(address)
    assert "a signed one needs a Source of yours" in refusal(address)


@pytest.mark.parametrize("given", ["", 5, b"/data/api.json", {"acme": {}}, object(), [None], [["https://a.b"]]])
def test_what_is_nothing_to_read_from_is_refused(given):
    for awaits in (False, True):
        assert "a source is an http or https address, a path or a Source" in refusal(given, awaits=awaits)


def test_without_the_network_only_what_says_that_it_needs_none_is_left():
    offline = Offline()
    left = made(["https://a.b", Shelf(), "api.json", offline], enabled=False)
    assert [getattr(source, "name", source) for source in left] == ["api.json", "shelf"]
    assert left[1] is offline
    assert made(None, enabled=False) == ()


def test_only_true_says_that_a_source_needs_no_network():
    doubtful = Shelf()
    doubtful.offline = "no"
    assert made(doubtful, enabled=False) == ()


@pytest.mark.parametrize("facade", FACADES)
def test_a_bad_source_is_refused_when_the_registry_is_made(facade):
    for given in ("ftp://a.b", "", 5, ["https://a.b", None]):
        with pytest.raises(SettingsError, match="a source is an http or https address") as caught:
            facade(source=given)
        assert caught.value.key == "source"


def test_a_source_that_is_awaited_is_refused_by_a_registry_of_threads():
    with pytest.raises(SettingsError, match=r"a Source \(name, fetch\)"):
        Registry(source=AsyncShelf())
    assert repr(AsyncRegistry(source=AsyncShelf())) == "<AsyncRegistry, not opened yet>"
