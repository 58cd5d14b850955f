import pytest

from modelmeta import SettingsError, StoreError
from modelmeta.stores.postgres import PostgresStore

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:hunter2@db.example:5433/catalog", "postgresql://me@db.example:5433/catalog"),
        ("postgres://me:hunter2@db.example/catalog", "postgresql://me@db.example/catalog"),
        ("postgresql://me@db.example/catalog?password=hunter2&sslmode=require", "postgresql://me@db.example/catalog?sslmode=require"),
        ("postgresql://me:hunter2#?@db.example/catalog", "postgresql://me@db.example/catalog"),
        ("postgresql:///catalog?host=/run/postgresql&sslpassword=hunter2", "postgresql:///catalog?host=/run/postgresql"),
        ("postgresql://me:hunter2@one:1,two:2/catalog", "postgresql://me@/catalog?host=one,two&port=1,2"),
        ("postgresql://me%40home:hunter2%40@db.example/my%20catalog", "postgresql://me%40home@db.example/my%20catalog"),
        ("postgresql://", "postgresql:///"),
    ],
)
def test_a_store_shows_its_address_without_passwords(url, expected):
    store = PostgresStore(url)
    assert expected == store.name
    assert f"PostgresStore({expected!r})" == repr(store)
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2/x@db.example/catalog",  # libpq reads a port
        "postgresql://me:12/hunter2@db.example/catalog",  # and here a database
        "postgresql://me:p@hunter2@db.example/catalog",  # and here a host
        "postgresql://me:hunter2/catalog",  # and here a port
        "postgresql://me:hunter2%zz@db.example/catalog",
        "postgresql://me:hunter2@db.example/catalog?passwort=hunter2",
        "postgresql://me:hunter2@db.example:port/catalog",
    ],
)
def test_an_address_that_cannot_be_read_is_not_shown(url):
    with pytest.raises(SettingsError, match="write postgresql://user:password@host:port/database") as raised:
        PostgresStore(url)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert "store" == raised.value.key


def test_constructing_a_store_connects_to_nothing(tmp_path):
    store = PostgresStore(f"postgresql://me:{SECRET}@/catalog?host={tmp_path}")
    with pytest.raises(StoreError, match="No such file or directory") as raised:
        store.head()
    assert SECRET not in str(raised.value)
    assert f"postgresql://me@/catalog?host={tmp_path}" == raised.value.store
    store.close()
