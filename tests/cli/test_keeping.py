"""The commands about a store, in a pipe and as JSON."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from modelmeta import Registry, load_catalog
from modelmeta.testing import FakeModelsDev

DEARER = {"acme": {"name": "Acme", "models": {"rocket": {"name": "Rocket", "cost": {"input": 3, "output": 8}, "limit": {"context": 1000}}}}}
KEEPING = ("refresh", "history", "prune", "migrate", "import")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Settings by which a request that fails is not sent again."""
    monkeypatch.setenv("MODELMETA_MAX_RETRIES", "0")


@pytest.fixture
def new(tmp_path):
    """The address of a store that is not there yet."""
    return f"sqlite:///{tmp_path}/new.db"


@pytest.fixture
def upstream():
    """A server of what the store holds, but for one price."""
    with FakeModelsDev(DEARER) as server:
        yield server


@pytest.fixture
def document(tmp_path):
    """A file of the same."""
    path = tmp_path / "api.json"
    path.write_text(json.dumps(DEARER))
    return path


def test_every_command_about_a_store_asks_which(run):
    for command, argument in zip(KEEPING, ((), (), ("--keep", "1"), (), ("sqlite:///x.db",)), strict=True):
        assert "this command is about a store; say which with --store, or in MODELMETA_STORE" in run(command, *argument, exit_code=2)


# refresh


def test_a_refresh_keeps_what_it_found(run, store, document):
    refresh = ("refresh", "--store", store, "--source", str(document))
    assert run(*refresh) == f"updated from {document}: 0 added, 0 removed, 1 changed, 1 prices\n"
    assert json.loads(run("show", "acme/rocket", "--store", store, "--json"))["cost"]["input"] == 3
    revision = json.loads(run("history", "--store", store, "--json"))[-1]["id"]
    counts = dict.fromkeys(("added", "removed", "changed", "price_changes", "problems"), 0)
    assert json.loads(run(*refresh, "--json")) == {
        "status": "unchanged",
        "revision": revision,
        "source": str(document),
        "reason": None,
        **counts,
    }


def test_a_refresh_begins_a_store(run, new, document):
    assert "added" in run("refresh", "--store", new, "--source", str(document), "--accept")
    assert json.loads(run("list", "--store", new, "--json"))[0]["id"] == "rocket"


def test_a_refresh_of_one_provider_leaves_the_others(run, store, document):
    document.write_text(json.dumps({**DEARER, "emca": {"name": "Emca", "models": {"kite": {"name": "Kite"}}}}))
    assert "1 added, 0 removed, 0 changed" in run("refresh", "--store", store, "--source", str(document), "-p", "emca")
    assert json.loads(run("show", "acme/rocket", "--store", store, "--json"))["cost"]["input"] == 2.5


def test_a_refresh_asks_again_for_what_has_not_changed_only_if_forced(run, store, upstream):
    for wish in ((), (), ("--force",)):
        run("refresh", "--store", store, "--source", upstream.url, *wish)
    assert ["If-None-Match" in request.headers for request in upstream.requests] == [False, True, False]


def test_sources_are_tried_in_order(run, store, document, tmp_path):
    missing = ("--source", str(tmp_path / "missing.json"))
    assert run("refresh", "--store", store, *missing, "--source", str(document)).startswith(f"updated from {document}")
    assert "none of the 2 sources could be read" in run("refresh", "--store", store, *missing, *missing, exit_code=2)


def test_what_looks_broken_is_held_with_exit_code_1_until_it_is_accepted(run, store, document):
    run("refresh", "--store", store, "--source", str(document))
    document.write_text(json.dumps({"acme": {"name": "Acme", "models": {}}}))
    refresh = ("refresh", "--store", store, "--source", str(document))
    assert run(*refresh, exit_code=1) == (
        f"held from {document}: 0 added, 1 removed, 0 changed, 0 prices; the document is empty: it lists no model; "
        "--accept applies it all the same\n"
    )
    held = json.loads(run(*refresh, "--json", exit_code=1))
    assert (held["status"], held["reason"], held["removed"]) == ("held", "the document is empty: it lists no model", 1)
    assert len(json.loads(run("list", "--store", store, "--json"))) == 1
    assert run("refresh", "--store", store, "--accept").startswith(f"updated from {document}")
    assert json.loads(run("list", "--store", store, "--json")) == []


def test_settings_come_from_the_environment(run, store, upstream, monkeypatch):
    monkeypatch.setenv("MODELMETA_BASE_URL", upstream.url)
    monkeypatch.setenv("MODELMETA_AUTO_REFRESH", "true")
    assert run("refresh", "--store", store).startswith(f"updated from {upstream.url}")
    assert len(upstream.requests) == 1
    monkeypatch.setenv("MODELMETA_ENABLED", "no")
    assert "which enabled=False forbids" in run("refresh", "--store", store, exit_code=2)
    monkeypatch.setenv("MODELMETA_TIMEOUT", "soon")
    assert "MODELMETA_TIMEOUT must be a duration above 0" in run("refresh", "--store", store, exit_code=2)


def test_without_an_upstream_a_refresh_fails_and_says_so(run, store, upstream):
    upstream.close()
    printed = run("refresh", "--store", store, "--source", upstream.url, exit_code=2)
    assert printed.startswith(f"Error: {upstream.url}/catalog.json?type=all could not be reached, or broke off")
    assert "Usage" not in printed
    told = json.loads(run("history", "--runs", "--store", store, "--json"))[0]
    assert (told["outcome"], told["error"].partition(":")[0]) == ("failed", "ConnectFailedError")


# history


def table(printed: str) -> list[list[str]]:
    """Return the cells of a table that was printed, by the places where its header's words begin."""
    lines = printed.splitlines()
    starts = [place for place in range(len(lines[0])) if lines[0][place] != " " and (place == 0 or lines[0][place - 2 : place] == "  ")]
    return [[line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)] for line in lines]


def test_history_shows_the_revisions(run, store, lived):
    header, *rows = table(run("history", "--store", store))
    assert header == ["id", "committed_at", "models", "providers", "added", "removed", "changed", "price_changes", "source"]
    assert [[row[0][:2], *row[1:]] for row in rows] == [
        ["1-", "2025-11-01 12:00:00", "1", "1", "1", "8,337", "0", "0", str(lived.parent / "api.json")],
        ["2-", "2025-11-02 12:00:00", "2", "1", "1", "0", "1", "1", str(lived.parent / "api.json")],
        ["3-", "2025-11-03 12:00:00", "1", "1", "0", "1", "0", "0", str(lived.parent / "api.json")],
    ]


def test_history_as_json_has_the_revisions_in_full(run, store, lived):
    told = json.loads(run("history", "--store", store, "--json"))
    with Registry(store=store) as registry:
        assert [each["id"] for each in told] == [revision.id for revision in registry.revisions()]
    assert told[1] == {
        "id": told[1]["id"],
        "committed_at": "2025-11-02T12:00:00+00:00",
        "models": 2,
        "providers": 1,
        "added": 1,
        "removed": 0,
        "changed": 1,
        "price_changes": 1,
        "source": str(lived.parent / "api.json"),
    }


def test_history_of_a_model_tells_what_happened_to_it(run, store):
    header, *rows = table(run("history", "acme/rocket", "--store", store))
    assert header == ["revision", "at", "change", "model", "field", "before", "after", "%"]
    assert [row[1:] for row in rows] == [
        ["2025-11-01 12:00:00", "added", "acme/rocket", "", "", "", ""],
        ["2025-11-02 12:00:00", "price", "acme/rocket", "cost.input", "2", "2.5", "+25.0"],
    ]


def test_history_of_a_model_as_json(run, store):
    told = json.loads(run("history", "acme/rocket", "--store", store, "--json"))
    assert [{name: each[name] for name in ("at", "kind", "ref", "path", "before", "after", "percent")} for each in told] == [
        {
            "at": "2025-11-01T12:00:00+00:00",
            "kind": "added",
            "ref": "acme/rocket",
            "path": None,
            "before": None,
            "after": None,
            "percent": None,
        },
        {
            "at": "2025-11-02T12:00:00+00:00",
            "kind": "price",
            "ref": "acme/rocket",
            "path": "cost.input",
            "before": 2,
            "after": 2.5,
            "percent": 25,
        },
    ]
    assert {each["revision"][:2] for each in told} == {"1-", "2-"}


def test_history_tells_of_a_model_that_is_gone_and_escapes_what_it_is_called(run, store):
    printed = run("history", "acme/kite\x1b[2J", "--store", store)
    assert [row[2:4] for row in table(printed)[1:]] == [["added", r"acme/kite\x1b[2J"], ["removed", r"acme/kite\x1b[2J"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--since", "2025-11-03"], ["removed"]),
        (["--since", "2025-11-02T12:00"], ["removed"]),
        (["--until", "2025-11-01"], ["added"]),
        (["--kind", "price"], ["price"]),
        (["--kind", "price", "--kind", "added", "--since", "2025-11-02"], ["added", "price"]),
        (["--since", "2025-11-02", "--until", "2025-11-02T23:59"], ["added", "price"]),
        (["acme/rocket", "--since", "2025-11-02"], ["price"]),
        (["acme/rocket", "--until", "2025-11-01"], ["added"]),
        (["acme/rocket", "--kind", "added"], ["added"]),
        (["acme/rocket", "--kind", "removed"], []),
    ],
    ids=" ".join,
)
def test_history_can_be_narrowed(run, store, arguments, expected):
    assert [row[2] for row in table(run("history", *arguments, "--store", store))[1:]] == expected


def test_history_shows_the_runs(run, store):
    header, *rows = table(run("history", "--runs", "--store", store))
    assert [row[:3] for row in rows] == [
        ["2025-11-04 12:00:00", "held", "0.0 s"],
        ["2025-11-03 12:00:00", "updated", "0.0 s"],
        ["2025-11-02 12:00:00", "updated", "0.0 s"],
        ["2025-11-01 12:00:00", "updated", "0.0 s"],
    ]
    assert dict(zip(header, rows[0], strict=True))["reason"] == "the document is empty: it lists no model"
    assert json.loads(run("history", "--runs", "--store", store, "--json"))[0] | {"revision": None, "source": None} == {
        "started_at": "2025-11-04T12:00:00+00:00",
        "outcome": "held",
        "duration": 0,
        "revision": None,
        "added": 0,
        "removed": 1,
        "changed": 0,
        "price_changes": 0,
        "source": None,
        "reason": "the document is empty: it lists no model",
        "error": None,
    }


@pytest.mark.parametrize("argument", [["acme/rocket"], ["--since", "2026"], ["--until", "2026"], ["--kind", "price"]], ids=" ".join)
def test_runs_are_not_narrowed(run, store, argument):
    assert "--runs shows the last refreshes, whatever they changed" in run("history", "--runs", *argument, "--store", store, exit_code=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["acme/rockett"], "no model is called 'acme/rockett'; did you mean acme/rocket"),
        (["--since", "yesterday"], "'yesterday' is neither the id of a revision nor a time; write one like '2026-11-24'"),
        (["--until", "9-0123456789ab"], "the store keeps no revision '9-0123456789ab'"),
        (["--kind", "moved"], "'moved' is not one of 'added', 'removed', 'price'"),
    ],
    ids=" ".join,
)
def test_what_history_cannot_answer_ends_with_exit_code_2(run, store, arguments, message):
    assert message in run("history", *arguments, "--store", store, exit_code=2)


def test_a_terminal_gets_tables(run, store, terminal):
    assert "\x1b[1mcommitted_at" in run("history", "--store", store)
    assert "\x1b[1mchange" in run("history", "acme/rocket", "--store", store)


# prune


def test_prune_forgets_old_revisions(run, store):
    assert run("prune", "--keep", "2", "--store", store) == "1 revisions forgotten.\n"
    assert json.loads(run("prune", "--keep", "1", "--store", store, "--json")) == {"revisions": 1}
    assert [each["id"][:2] for each in json.loads(run("history", "--store", store, "--json"))] == ["3-"]


def test_prune_takes_a_duration_too(run, store):
    assert run("prune", "--keep", "99999999d", "--store", store) == "0 revisions forgotten.\n"
    assert run("prune", "--keep", "0s", "--store", store) == "2 revisions forgotten.\n"


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ("0", "at least the newest revision is kept, not 0"),
        ("a while", "keep is how many revisions, 1 or more, or for how long, like '90d', not 'a while'"),
        ("-1", "keep is how many revisions, 1 or more, or for how long, like '90d', not '-1'"),
    ],
)
def test_what_prune_cannot_keep_is_refused(run, store, keep, message):
    assert message in run("prune", f"--keep={keep}", "--store", store, exit_code=2)
    assert len(json.loads(run("history", "--store", store, "--json"))) == 3


# migrate


def test_a_dry_run_shows_what_would_be_done_and_makes_no_file(run, new, tmp_path):
    printed = run("migrate", "--dry-run", "--store", new)
    assert printed.startswith("-- 0001 initial\n")
    assert "CREATE TABLE models" in printed
    steps = json.loads(run("migrate", "--dry-run", "--store", new, "--json"))
    assert printed.splitlines()[-1] == f"{len(steps)} migrations to apply."
    assert [step["number"] for step in steps] == list(range(1, len(steps) + 1))
    assert all(step["sql"].strip() in printed for step in steps)
    assert list(tmp_path.iterdir()) == []


def test_migrating_makes_the_tables_once(run, new, tmp_path):
    steps = json.loads(run("migrate", "--dry-run", "--store", new, "--json"))
    printed = run("migrate", "--store", new)
    assert printed == "".join(f"-- {step['number']:04} {step['name']}\n" for step in steps) + f"{len(steps)} migrations applied.\n"
    assert run("migrate", "--store", new) == "0 migrations applied.\n"
    assert json.loads(run("migrate", "--dry-run", "--store", new, "--json")) == []


def test_a_dry_run_changes_nothing_in_a_file_that_is_there(run, store, lived):
    before = lived.read_bytes()
    assert run("migrate", "--dry-run", "--store", f"sqlite:///{lived}") == "0 migrations to apply.\n"
    assert lived.read_bytes() == before


@pytest.mark.parametrize("command", ["refresh", "history", "migrate", "doctor", "list"])
def test_a_store_of_a_later_modelmeta_is_refused(run, store, command):
    with sqlite3.connect(store.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE schema_migrations SET version = 99 WHERE version = (SELECT max(version) FROM schema_migrations)")
    connection.close()
    printed = run(command, "--store", store, exit_code=2)
    assert "is of version 99, and this modelmeta knows up to" in printed
    assert "Usage" not in printed


def test_a_store_without_tables_has_nothing_to_migrate(run):
    assert "memory stores have no tables" in run("migrate", "--store", "memory://", exit_code=2)
    assert "redis stores have no tables" in run("migrate", "--dry-run", "--store", "redis://user:never-shown@127.0.0.1:1/0", exit_code=2)


# export and import

COPIED = "3 revisions, 4 refreshes, 1 notes, 0 results and 0 usages copied, and found equal.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        lambda store, new: ("--store", store, "export", new),
        lambda store, new: ("export", new, "--store", store),
        lambda store, new: ("import", store, "--store", new),
        lambda store, new: ("--store", new, "import", store),
    ],
)
def test_a_store_is_copied_whole(run, store, new, arguments):
    assert run(*arguments(store, new)) == COPIED
    for question in (["history"], ["history", "acme/rocket"], ["history", "--runs"], ["list"]):
        assert run(*question, "--store", new) == run(*question, "--store", store)


def test_what_was_copied_is_counted_as_json(run, store, new):
    expected = {"revisions": 3, "refreshes": 4, "notes": 1, "benchmarks": 0, "entries": 0, "usages": 0}
    assert json.loads(run("import", store, "--store", new, "--json")) == expected
    assert json.loads(run("--store", store, "export", new, "--json")) == expected


def test_a_store_that_holds_something_else_is_not_copied_to(run, store, new, document):
    run("refresh", "--store", new, "--source", str(document), "--accept")
    before = run("history", "--store", new)
    printed = run("import", store, "--store", new, exit_code=2)
    assert printed.startswith("Error: the store to copy to already holds other revisions, the newest of them 1-")
    assert run("history", "--store", new) == before


def test_export_to_a_store_asks_which_one_to_copy(run, new):
    assert "TARGET is a store, into which another is copied; say which with --store" in run("export", new, exit_code=2)


@pytest.mark.parametrize("option", [["--format", "csv"], ["--output", "models.csv"]], ids=" ".join)
def test_what_is_written_into_a_store_has_no_format(run, store, new, option):
    assert "has no --format and no --output" in run("export", new, *option, "--store", store, exit_code=2)
    assert not Path("models.csv").exists()


def test_a_file_is_not_taken_for_a_store(run, store, tmp_path):
    assert run("export", f"{tmp_path}/models.json", "--store", store) == ""
    assert load_catalog(tmp_path / "models.json").rows.keys() == {"acme/rocket"}
