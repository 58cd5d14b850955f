"""A store in a SQLite file: what its address may be, what it leaves on the disk, and what it says when the file cannot be used."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from modelmeta import load_catalog
from modelmeta.errors import SettingsError, StoreError, StoreUnavailableError
from modelmeta.stores.sql.sqlite import connections
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing.stores.samples import acme, commit, everything, note, revision, run, samples

_LONG = 3_600.0
_PATIENCE = 60.0
NOBODY = 65_534


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
def opened(path):
    """Return what opens another store on the file; all are closed in the end."""
    stores = []

    def opened():
        stores.append(SqliteStore(f"sqlite:///{path}"))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


@pytest.fixture
def store(opened):
    return opened()


@contextmanager
def permitted(mode, *paths):
    """Let *paths* have these permissions, and the process no more than anybody: none of the superuser's."""
    modes = {path: path.stat().st_mode for path in paths}
    user = os.geteuid()
    for path in paths:
        path.chmod(mode)
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for path, before in modes.items():
            path.chmod(before)


@pytest.fixture
def shown():
    """A folder that every user of the machine can get at, with a store in it that is not open; its path."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        path = Path(folder) / "store.db"
        with closing(SqliteStore(f"sqlite:///{path}")) as store:
            commit(store, samples()[0])
            store.record(run("one"))
        yield path


# The address


def test_a_relative_address_begins_where_the_process_was_when_it_was_opened(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with closing(SqliteStore("sqlite:///store.db")) as store:
        monkeypatch.chdir(tmp_path / "elsewhere")
        commit(store, samples()[0])
    assert (tmp_path / "store.db").stat().st_size > 0
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("written", "name"), [("a%20b.db", "a b.db"), ("a b.db", "a b.db"), ("%3Fé%23%25.db", "?é#%.db"), ("%FF.db", "\udcff.db")]
)
def test_an_address_may_have_any_name_in_it(tmp_path, written, name):
    with closing(SqliteStore(f"sqlite:///{tmp_path}/{written}")) as store:
        commit(store, samples()[0])
        assert name in os.listdir(tmp_path)  # noqa: PTH208  # Path shows such names in another way
        assert store.lease("one", _LONG)
    assert sorted(os.listdir(tmp_path)) == [name, f"{name}-lease"]  # noqa: PTH208  # as above


@pytest.mark.parametrize(
    "address",
    [
        *("sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://store.db", "sqlite:store.db"),
        *("sqlite:///a.db?mode=ro", "sqlite:///a.db#x", "sqlite:///a%00.db", "sqlite://user:never-shown@host/a.db"),
    ],
)
def test_an_address_of_no_file_is_refused_with_what_to_write(address):
    with pytest.raises(SettingsError, match=r"names no file; write sqlite:///relative.db or .* memory://") as error:
        SqliteStore(address)
    assert error.value.key == "store"
    assert "never-shown" not in str(error.value)


def test_an_old_sqlite_is_refused(monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 9))
    with pytest.raises(StoreError, match=r"needs SQLite 3\.37 or later, and this Python has "):
        SqliteStore("sqlite:///x.db")


def test_a_store_shows_its_address(path):
    assert repr(SqliteStore(f"sqlite:///{path}")) == f"SqliteStore('sqlite:///{path}')"


def test_constructing_touches_nothing(path, store):
    assert list(path.parent.iterdir()) == []
    store.close()
    assert list(path.parent.iterdir()) == []


# What is on the disk


def test_only_the_file_is_left_when_all_is_closed(path, store):
    commit(store, samples()[0])
    store.close()
    assert list(path.parent.iterdir()) == [path]


def test_every_commit_reaches_the_disk_before_it_is_done(path, store):
    commit(store, samples()[0])
    with store._connections.lent(write=True) as connection:
        assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")] == ["wal", 2]


def test_what_is_forgotten_gives_its_space_back(path, store):
    many = [load_catalog(acme(**{f"m{number}": number + turn for number in range(3_000)})) for turn in range(8)]
    old = None
    for new in many:
        commit(store, new, old)
        old = new
    full = path.stat().st_size
    assert store.prune(8) == 7
    pruned = path.stat().st_size
    assert pruned < full / 2
    assert not path.with_name("store.db-wal").exists() or path.with_name("store.db-wal").stat().st_size == 0
    assert len(store.versions("models", "acme/m1")) == 1


def test_pruning_while_somebody_reads_leaves_the_space_to_the_next_time(path, store):
    for new, old in zip(samples()[:3], (None, *samples()), strict=False):
        commit(store, new, old)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM revisions").fetchone() == (3,)
        assert store.prune(3) == 2
        assert reader.execute("SELECT count(*) FROM revisions").fetchone() == (3,)
    assert [kept.number for kept in store.revisions()] == [3]


def test_connections_are_kept_for_the_next_who_asks_and_not_without_end(store):
    store.head()
    barrier = threading.Barrier(8)

    def read(_):
        with store._transaction():
            barrier.wait()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(8)))
    assert len(store._connections._idle) == 4
    store.close()
    assert store._connections._idle == []


def test_a_connection_that_is_in_use_when_the_store_is_closed_is_closed_after_that(store):
    with store._transaction() as cursor:
        store.close()
        cursor.execute("SELECT 1")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        cursor.execute("SELECT 1")


# What cannot be used


def refused(store):
    """Return what the store says to reading, and to writing."""
    errors = []
    for ask in (store.head, store.load, store.migrate, lambda: store.put(note()), lambda: store.wait("x", 0)):
        with pytest.raises(StoreError) as error:
            ask()
        assert error.value.store == store.name
        errors.append(str(error.value))
    assert len(set(errors)) == 1
    return errors[0]


def test_a_missing_folder_is_named(tmp_path):
    store = SqliteStore(f"sqlite:///{tmp_path}/no/store.db")
    assert refused(store) == f"{tmp_path}/no/store.db cannot be made: there is no folder {tmp_path}/no"
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path):
    assert refused(SqliteStore(f"sqlite:///{tmp_path}")) == f"{tmp_path} is a folder; the store is to be a file"


def test_a_file_of_something_else_is_no_database(path, store):
    path.write_bytes(b"a letter\n" * 1_000)
    assert (
        refused(store)
        == f"{path} is no SQLite database, or a damaged one (file is not a database); put back a copy, or delete it and it is made anew"
    )
    assert path.read_bytes() == b"a letter\n" * 1_000
    path.unlink()
    assert store.head() is None


def test_a_damaged_file_is_told_of(path, store):
    commit(store, load_catalog(acme(**{f"m{number}": number for number in range(3_000)})))
    store.close()
    data = bytearray(path.read_bytes())
    data[8_192:] = b"\x55" * (len(data) - 8_192)
    path.write_bytes(data)
    with closing(SqliteStore(f"sqlite:///{path}")) as again, pytest.raises(StoreError, match="is no SQLite database, or a damaged one"):
        again.load()


@pytest.fixture
def hasty(monkeypatch):
    """Wait a moment only for a file that somebody else has locked."""
    monkeypatch.setattr(connections, "PATIENCE", 0.05)


def test_who_writes_waits_for_others_only_so_long_and_who_reads_not_at_all(hasty, path, store):
    commit(store, samples()[0])
    before = everything(store)
    store.close()
    with closing(SqliteStore(f"sqlite:///{path}")) as again, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match=f"{path} is locked by somebody else"):
            again.put(note())
        assert everything(again) == before
        other.execute("ROLLBACK")
        again.put(note())
        assert again.notes(None) == (note(),)


@pytest.mark.parametrize("begin", ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"])
def test_a_file_locked_by_somebody_else_before_it_is_a_store_is_unavailable(hasty, path, store, begin):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(begin)
        with pytest.raises(StoreUnavailableError, match="is locked by somebody else"):
            store.head()
    assert store.head() is None


def test_a_log_is_begun_as_soon_as_others_let_go(path, store, monkeypatch):
    """For this SQLite does not wait itself."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(connections.time, "sleep", lambda _: other.close())
    assert store.head() is None


def test_a_full_disk_changes_nothing_and_is_told_of(path, store):
    one, two = samples()[:2]
    commit(store, one)
    before = everything(store)
    with store._connections.lent(write=True) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    store._connections._idle[:] = store._connections._idle[-1:]
    with pytest.raises(StoreError, match=f"there is no space left for {path}"):
        store.commit(revision(2), b"x" * 1_000_000, [], base=store.head().id)
    assert everything(store) == before
    commit(store, two, one)


def test_a_file_that_may_not_grow_changes_nothing_and_is_told_of(path, store):
    one, two = samples()[:2]
    commit(store, one)
    before = everything(store)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 50_000, limits[1]))
    try:
        with pytest.raises(StoreError, match=f"{path} cannot be used: disk I/O error"):
            store.commit(revision(2), b"x" * 10_000_000, [], base=store.head().id)
        assert everything(store) == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert everything(store) == before
    commit(store, two, one)


@pytest.mark.parametrize("folder", [False, True], ids=["file", "file and folder"])
def test_what_may_only_be_read_is_read(shown, folder):
    with permitted(0o555, shown, *([shown.parent] if folder else [])), closing(SqliteStore(f"sqlite:///{shown}")) as store:
        assert store.head().number == 1
        assert store.load()[0].number == 1
        assert store.versions("models", "acme/rocket")
        assert len(store.changes(0, 9)) == 3
        assert [each.outcome for each in store.refreshes(10)] == ["crashed"]
        assert store.pending() == store.migrate() == ()
        for write in (lambda: store.put(note()), lambda: store.lease("two", 1), lambda: store.record(run("two"))):
            with pytest.raises(StoreError, match=r"is read-only: what it keeps can be read, and nothing written"):
                write()
    with closing(SqliteStore(f"sqlite:///{shown}")) as store:
        assert store.notes(None) == ()
        store.put(note())


def test_an_old_schema_that_may_only_be_read_says_so(shown):
    with closing(sqlite3.connect(shown)) as connection:
        connection.executescript(
            "DROP TABLE models_fts; DROP TRIGGER models_fts_insert; DROP TRIGGER models_fts_delete; DROP TRIGGER models_fts_update"
        )
        connection.executescript("DELETE FROM schema_migrations WHERE version >= 2")
    with permitted(0o444, shown), closing(SqliteStore(f"sqlite:///{shown}")) as store, pytest.raises(StoreError, match="is read-only"):
        store.head()


def test_a_file_that_may_not_be_read_says_so(shown):
    with permitted(0, shown), closing(SqliteStore(f"sqlite:///{shown}")) as store, pytest.raises(StoreError, match="it may not be read"):
        store.head()


# What changes behind our back


def test_a_file_that_is_deleted_is_made_anew(path, store):
    commit(store, samples()[0])
    store.lease("one", _LONG)
    path.unlink()
    assert store.head() is None
    assert store.lease("two", _LONG) is True
    commit(store, samples()[1])
    store.close()
    with closing(SqliteStore(f"sqlite:///{path}")) as again:
        assert again.load()[0].number == 1
        assert len(again.versions("models", "acme/rocket")) == 1


def test_a_file_that_is_replaced_is_read_from_then_on(path, store, tmp_path):
    commit(store, samples()[0])
    with closing(SqliteStore(f"sqlite:///{tmp_path}/other.db")) as other:
        old = None
        for new in samples()[:3]:
            commit(other, new, old)
            old = new
    (tmp_path / "other.db").replace(path)
    assert store.head().number == 3
    store.put(note())
    store.close()
    with closing(SqliteStore(f"sqlite:///{path}")) as again:
        assert again.notes(None) == (note(),)


def test_what_is_written_to_a_file_that_is_not_there_any_more_is_not_said_to_be_kept(path, store):
    commit(store, samples()[0])
    with (
        pytest.raises(StoreError, match="was deleted or replaced while it was written to; what was written is lost"),
        store._transaction(write=True),
    ):
        path.unlink()
    assert store.head() is None


# Waiting, and sharing within a process


def test_who_waits_hears_of_a_commit_by_another_store_in_a_second_or_so(store, opened):
    commit(store, samples()[0])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(opened().wait, store.head().id, _LONG)
        made = commit(store, samples()[1], samples()[0])
        assert waiting.result(_PATIENCE) is True
    assert store.wait(made.id, 0) is False


def test_two_stores_of_one_process_keep_each_other_from_refreshing(store, opened):
    assert store.lease("one", _LONG) is True
    store.record(run("one"))
    other = opened()
    assert other.lease("two", _LONG) is False
    assert [each.outcome for each in other.refreshes(1)] == ["running"]
    store.close()
    assert [each.outcome for each in other.refreshes(1)] == ["crashed"]
    assert other.lease("two", _LONG) is True


def test_a_holder_that_hangs_loses_the_lease_with_its_time_and_does_not_take_it_from_the_next(store, opened):
    other, third = opened(), opened()
    assert store.lease("one", 0) is True
    assert other.lease("two", _LONG) is True
    assert [store.lease("one", _LONG), third.lease("three", _LONG)] == [False, False]
    store.release("one")
    assert third.lease("three", _LONG) is False
    assert other.lease("two", _LONG) is True
    other.release("two")
    assert third.lease("three", _LONG) is True


def test_a_lease_may_be_as_long_as_one_likes(store, opened):
    assert store.lease("one", 1e12) is True
    assert opened().lease("two", 1) is False


def test_a_lock_that_cannot_be_had_leaves_the_lease_to_its_time(path, store, opened):
    path.with_name("store.db-lease").mkdir()
    assert store.lease("one", _LONG) is True
    assert opened().lease("two", _LONG) is False
    store.release("one")
    assert opened().lease("two", 0) is True
    assert opened().lease("three", 0) is True


def test_a_program_that_does_not_close_its_store_ends_all_the_same(path):
    code = "import sys; from modelmeta.stores.sqlite import SqliteStore; s = SqliteStore(f'sqlite:///{sys.argv[1]}'); print(s.head(), s.lease('x', 9))"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("None True\n", "")
