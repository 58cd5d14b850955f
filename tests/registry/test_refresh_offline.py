"""Without the network: nothing opens a socket, files go on working."""

from __future__ import annotations

import json
import socket

import pytest

from modelmeta import OfflineError
from modelmeta.sources.source import Fetched

DOCUMENT = {"acme": {"id": "acme", "models": {"m": {"id": "m"}}}}


class Shelf:
    """A source that does not say whether it needs the network."""

    name = "the shelf"

    def fetch(self, _validator):
        """Give the document."""
        return Fetched(json.dumps(DOCUMENT).encode(), "v1")


class Offline(Shelf):
    """A source that says that it does not."""

    offline = True


@pytest.fixture
def connections(monkeypatch):
    """What was connected to, or asked for its address."""
    tried = []

    def note(*args, **_kwargs):
        tried.append(args)
        raise OSError(args)

    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, note)
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, note)
    return tried


@pytest.mark.parametrize(
    "source", [None, "https://models.dev", ["http://127.0.0.1:9/api.json", "https://mirror.example"], Shelf(), [Shelf(), "https://a.b"]]
)
async def test_without_the_network_nothing_is_asked(open_either, connections, source):
    registry = open_either(source=source, enabled=False)
    for options in ({}, {"force": True}, {"accept": True}, {"providers": "acme"}):
        with pytest.raises(OfflineError, match="refreshing would touch the network, which enabled=False forbids"):
            await registry.refresh(**options)
    assert connections == []
    assert len(registry.catalog) == 8_337
    assert registry.status().last_error.startswith("OfflineError: ")


async def test_with_the_network_somebody_is_asked(open_either, connections):
    registry = open_either(source="https://mirror.example")
    with pytest.raises(OSError, match=r"mirror\.example"):
        await registry.refresh()
    assert connections != []


async def test_without_the_network_what_needs_none_is_read(open_either, connections, tmp_path):
    path = tmp_path / "api.json"
    path.write_text(json.dumps(DOCUMENT))
    for source, name in ((path, str(path)), (Offline(), "the shelf"), (["https://a.b", Shelf(), path], str(path))):
        registry = open_either(source=source, enabled=False)
        assert (await registry.refresh()).source == name
        assert [str(model.ref) for model in registry.catalog] == ["acme/m"]
    assert connections == []


async def test_without_the_network_a_missing_file_is_what_is_told(open_either, connections, tmp_path):
    registry = open_either(source=["https://a.b", tmp_path / "none.json"], enabled=False)
    with pytest.raises(RuntimeError, match="there is no file") as caught:
        await registry.refresh()
    assert not isinstance(caught.value, OfflineError)
    assert connections == []
