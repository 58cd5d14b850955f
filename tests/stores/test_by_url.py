"""From the address of a store to the store."""

from __future__ import annotations

import pytest

from modelmeta import AsyncRegistry, Registry, SettingsError
from modelmeta.stores.by_url import open_store
from modelmeta.stores.memory import MemoryStore

OURS = ("memory", "sqlite", "postgresql", "postgres", "redis", "rediss", "unix")
TAPE = """
from modelmeta.stores.memory import MemoryStore

class TapeStore(MemoryStore):
    def __init__(self, url):
        super().__init__()
        self.url = url

def blank(url):
    return object()
"""
ENTRY_POINTS = """
[modelmeta.stores]
tape = tape_store:TapeStore
blank = tape_store:blank
sqlite = tape_store:TapeStore
"""


@pytest.fixture
def tape(tmp_path, monkeypatch):
    """A package that is installed beside modelmeta, and brings stores."""
    info = tmp_path / "tape_store-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tape-store\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (tmp_path / "tape_store.py").write_text(TAPE)
    monkeypatch.syspath_prepend(tmp_path)


def test_memory_is_a_new_store_each_time():
    one, other = open_store("memory://"), open_store("memory://")
    assert isinstance(one, MemoryStore)
    assert one is not other


def test_a_store_is_itself():
    store = MemoryStore()
    assert open_store(store) is store


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///a folder that is not there/models.db", "SqliteStore"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "PostgresStore"),
        ("postgres://nobody@127.0.0.1:1/nothing", "PostgresStore"),
        ("redis://127.0.0.1:1/0", "RedisStore"),
        ("rediss://127.0.0.1:1/0", "RedisStore"),
        ("unix:///a folder that is not there/redis.sock", "RedisStore"),
    ],
)
def test_an_address_is_opened_by_its_scheme_and_connects_to_nothing(url, name):
    store = open_store(url)
    assert type(store).__name__ == name
    store.close()


def test_a_package_that_is_installed_brings_stores(tape):
    store = open_store("tape://shelf/7")
    assert (type(store).__name__, store.url) == ("TapeStore", "tape://shelf/7")


def test_a_package_does_not_replace_our_own_stores(tape):
    assert type(open_store("sqlite:///models.db")).__name__ == "SqliteStore"


def test_what_a_package_brings_must_be_a_store(tape):
    with pytest.raises(SettingsError, match=r"what tape_store:blank returns for blank:// is no store: it has no method lease, .*, close$"):
        open_store("blank://")


def test_an_unknown_scheme_is_told_those_known_and_what_to_install(tape):
    with pytest.raises(SettingsError, match=r"^there is no store for cassette://; known are ") as caught:
        open_store("cassette://shelf")
    message = str(caught.value)
    assert [name for name in (*OURS, "tape", "blank") if f" {name}://" not in message] == []
    assert 'pip install "modelmeta[postgres]" or "modelmeta[redis]"' in message
    assert "modelmeta.stores" in message
    assert caught.value.key == "store"


@pytest.mark.parametrize(
    "store", ["", "memory", "models.db", "://x", "C:\\models.db", "user:secret@host", "mongodb://user:secret@host/x", "memory://secret"]
)
def test_an_address_that_is_none_is_refused_and_not_shown(store):
    with pytest.raises(SettingsError, match="known are memory://, sqlite://,") as caught:
        open_store(store)
    assert caught.value.key == "store"
    assert "secret" not in str(caught.value)


def test_memory_has_no_path():
    with pytest.raises(SettingsError, match=r"^memory:// has nothing after it; "):
        open_store("memory://x")


@pytest.mark.parametrize(("store", "kind"), [(5, "int"), (None, "NoneType"), (object(), "object"), ({"commit": 1}, "dict")])
def test_an_object_that_is_no_store_is_refused(store, kind):
    with pytest.raises(SettingsError, match=f"^a {kind} is no store: it has no method lease, release, head, load, commit, ") as caught:
        open_store(store)
    assert caught.value.key == "store"


def test_the_methods_that_a_store_lacks_are_named():
    class Half(MemoryStore):
        """Cannot do all that a store does."""

        prune = None
        notes = 5

    with pytest.raises(SettingsError, match=r"^a Half is no store: it has no method prune, notes$"):
        open_store(Half())


@pytest.mark.parametrize("facade", [Registry, AsyncRegistry])
def test_a_bad_store_is_refused_when_the_registry_is_made(facade):
    for store in ("tape://", 5, None):
        with pytest.raises(SettingsError, match="no store"):
            facade(store=store)
