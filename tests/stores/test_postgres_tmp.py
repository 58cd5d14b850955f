import psycopg, pytest
from urllib.parse import quote
from modelmeta.stores.postgres import PostgresStore
from modelmeta.testing import StoreSuite

class TestPostgresStore(StoreSuite):
    @pytest.fixture
    def open_store(self, postgres_url):
        def open_store(name):
            with psycopg.connect(postgres_url, autocommit=True) as c:
                c.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
            return PostgresStore(postgres_url + "&options=" + quote(f'-csearch_path="{name}"'))
        return open_store
