"""The commands about a store, on a real server: what it is does not show, and neither does its password."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from modelmeta.cli.main import cli
from modelmeta.stores.sql.migrate import migrations
from modelmeta.testing.stores.samples import acme


@pytest.fixture(params=["postgres", "redis"])
def url(request):
    """The address of an empty store, with a password."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def run(url, monkeypatch):
    """Call the command line with the store in the environment; return what it printed, which shows no password."""
    monkeypatch.setenv("MODELMETA_STORE", url)

    def call(*args: str, exit_code: int = 0) -> str:
        outcome = CliRunner().invoke(cli, args, prog_name="modelmeta")
        assert (outcome.exit_code, outcome.exception is None or exit_code > 0) == (exit_code, True), outcome.output
        assert "never-shown" in url
        assert "never-shown" not in outcome.output
        return outcome.output

    return call


@pytest.fixture
def refresh(run, tmp_path):
    """Let the store live through a document."""
    path = tmp_path / "api.json"

    def refresh_to(document, *options, **expected):
        path.write_text(json.dumps(document))
        return run("refresh", "--source", str(path), *options, **expected)

    return refresh_to


def test_a_store_lives_and_is_asked(run, refresh):
    refresh(acme(rocket=2), "--accept")
    assert "1 added, 0 removed, 1 changed, 2 prices" in refresh(acme(rocket=2.5, kite=1))
    assert "it lists no model; --accept applies it all the same" in refresh({}, exit_code=1)
    assert [(each["models"], each["added"], each["changed"]) for each in json.loads(run("history", "--json"))][1:] == [(2, 1, 1)]
    told = json.loads(run("history", "acme/rocket", "--json"))
    assert [(each["kind"], each["after"]) for each in told] == [("added", None), ("price", 2.5), ("price", 7.5)]
    assert [each["kind"] for each in json.loads(run("history", "--kind", "added", "--json"))] == ["added", "added"]
    assert [each["outcome"] for each in json.loads(run("history", "--runs", "--json"))] == ["held", "updated", "updated"]
    assert json.loads(run("price", "acme/rocket", "--input", "1000000", "--json"))["total"] == 2.5
    assert json.loads(run("prune", "--keep", "1", "--json")) == {"revisions": 1}
    assert len(json.loads(run("history", "--json"))) == 1


def test_the_doctor_knows_the_store(run, refresh, url):
    refresh(acme(rocket=2), "--accept")
    findings = json.loads(run("doctor", "--json"))
    assert findings["store"].partition(":")[0] == url.partition(":")[0]
    assert findings["store revision"] == json.loads(run("history", "--json"))[0]["id"]
    assert findings.get("store schema") == (len(migrations("postgres")) if url.startswith("postgresql") else None)


def test_a_dry_run_of_a_migration_makes_no_table(postgres_url):
    import psycopg  # noqa: PLC0415  # only tests of PostgreSQL need it

    run = CliRunner()
    steps = json.loads(run.invoke(cli, ["migrate", "--dry-run", "--json", "--store", postgres_url]).output)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    assert [step["number"] for step in steps] == [step.number for step in migrations("postgres")]
    assert run.invoke(cli, ["migrate", "--store", postgres_url]).output.endswith(f"{len(steps)} migrations applied.\n")
    assert run.invoke(cli, ["migrate", "--dry-run", "--store", postgres_url]).output == "0 migrations to apply.\n"


def test_a_wrong_password_is_not_shown(url):
    outcome = CliRunner().invoke(cli, ["history", "--store", url.replace("never-shown", "pa55word")])
    assert "pa55word" not in outcome.output
    assert outcome.exit_code == (0 if url.startswith("postgresql") else 2)  # this PostgreSQL trusts everybody
