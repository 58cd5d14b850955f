"""A provider of your own: it lists its models in each dialect, page by page, to who has the key."""

from __future__ import annotations

import httpx
import pytest

from modelmeta.codec.live import DIALECTS
from modelmeta.testing import FakeProvider, Fault

HEADERS = {
    "openai": {"Authorization": "Bearer sk-1"},
    "anthropic": {"x-api-key": "sk-1", "anthropic-version": "2023-06-01"},
    "google": {"x-goog-api-key": "sk-1"},
    "ollama": {"Authorization": "Bearer sk-1"},
}
PATHS = {"openai": "/models", "anthropic": "/models", "google": "/models", "ollama": "/api/tags"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_lists_its_models_to_who_has_the_key(dialect):
    with FakeProvider(["one", "two"], dialect, key="sk-1") as server:
        url = server.base_url + PATHS[dialect]
        assert httpx.get(url).status_code == 401
        rows = httpx.get(url, headers=HEADERS[dialect]).json()
        assert [row.get("id") or row["name"].removeprefix("models/") for row in rows.get("data") or rows["models"]] == ["one", "two"]


def test_other_paths_are_those_of_a_web_site():
    with FakeProvider(["one"]) as server:
        assert httpx.get(f"{server.url}/v1/other").status_code == 302


def test_anthropic_wants_its_version_and_has_pages():
    with FakeProvider([f"m-{number}" for number in range(50)], "anthropic") as server:
        url, headers = f"{server.base_url}/models", HEADERS["anthropic"]
        assert httpx.get(url, headers={"x-api-key": "sk-1"}).status_code == 400
        first = httpx.get(url, headers=headers).json()
        assert (len(first["data"]), first["has_more"], first["last_id"]) == (20, True, "m-19")
        last = httpx.get(url, headers=headers, params={"after_id": "m-19", "limit": "1000"}).json()
        assert (len(last["data"]), last["has_more"], last["last_id"]) == (30, False, "m-49")


def test_google_has_pages():
    with FakeProvider([f"m-{number}" for number in range(60)], "google") as server:
        first = httpx.get(f"{server.base_url}/models").json()
        assert len(first["models"]) == 50
        last = httpx.get(f"{server.base_url}/models", params={"pageToken": first["nextPageToken"]}).json()
        assert [row["name"] for row in last["models"]] == [f"models/m-{number}" for number in range(50, 60)]
        assert "nextPageToken" not in last


def test_it_fails_on_command():
    with FakeProvider([{"id": "row", "own": 1}]) as server:
        server.fail(Fault.status(503), times=1)
        assert [httpx.get(f"{server.base_url}/models").status_code for _ in range(2)] == [503, 200]
        assert server.models == [{"id": "row", "own": 1}]
