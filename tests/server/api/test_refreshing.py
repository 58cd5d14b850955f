"""A refresh that is asked for over HTTP."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelmeta import AsyncRegistry, Fetched, Registry
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeModelsDev

REFRESH = "/api/v1/models/refresh"
STATUS = f"{REFRESH}/status"
DOCUMENT = {"acme": {"id": "acme", "name": "Acme", "models": {"rocket": {"id": "rocket", "name": "Rocket"}}}}


@pytest.fixture
def upstream():
    with FakeModelsDev(DOCUMENT) as server:
        yield server


def ended(served, location, token):
    for _ in range(600):
        said = served.get(location, headers=token).json()
        if said["status"] != "running":
            return said
        time.sleep(0.05)
    raise AssertionError(said)


@pytest.mark.parametrize("facade", [Registry, AsyncRegistry])
def test_it_begins_at_once_and_its_end_is_told(serve, upstream, token, facade):
    served = serve(facade(source=upstream.url), token=token["Authorization"].removeprefix("Bearer "))
    answer = served.client.post(REFRESH, headers=token)
    assert answer.status_code == 202
    said = ended(served, answer.headers["location"], token)
    assert (said["status"], said["id"]) == ("updated", answer.json()["id"])
    assert served.get("/api/v1/models/acme/rocket").status_code == 200
    assert [run["id"] for run in served.get(STATUS, headers=token).json()["refreshes"]] == [said["id"]]


class Gate:
    """A source that answers when it is let."""

    name = "gate"

    def __init__(self):
        self.asked, self.open = threading.Event(), threading.Event()

    def fetch(self, _validator):
        """Wait until it is let."""
        self.asked.set()
        assert self.open.wait(60)
        return Fetched(json.dumps(DOCUMENT).encode())


def test_those_who_ask_meanwhile_join(serve, token):
    gate = Gate()
    served = serve(Registry(source=gate), token=token["Authorization"].removeprefix("Bearer "))
    (job,) = {served.client.post(REFRESH, headers=token).json()["id"] for _ in range(3)}
    assert gate.asked.wait(60)
    assert served.get(f"{STATUS}/{job}", headers=token).json() == {"id": job, "status": "running"}
    assert served.get(f"{STATUS}/other", headers=token).status_code == 404
    gate.open.set()
    assert ended(served, f"{STATUS}/{job}", token)["status"] == "updated"
    later = served.client.post(REFRESH, headers=token).json()["id"]
    assert ended(served, f"{STATUS}/{later}", token)["status"] == "unchanged"
    assert [run["id"] for run in served.get(STATUS, headers=token).json()["refreshes"]] == [later, job]
    assert served.get(f"{STATUS}/{job}", headers=token).json()["added"] == 1


def test_a_refresh_that_the_program_began_is_joined_and_its_end_told(serve, token):
    gate = Gate()
    registry = Registry(source=gate)
    served = serve(registry, token=token["Authorization"].removeprefix("Bearer "))
    with ThreadPoolExecutor(1) as threads:
        own = threads.submit(registry.refresh)
        assert gate.asked.wait(60)
        location = served.client.post(REFRESH, headers=token).headers["location"]
        gate.open.set()
        assert own.result(60).status == "updated"
    assert ended(served, location, token)["status"] in {"updated", "unchanged"}


class Broken(MemoryStore):
    """A store that fails as no store should."""

    def lease(self, holder, seconds):  # noqa: ARG002  # a store's
        """Fail."""
        message = "no lease"
        raise RuntimeError(message)


@pytest.mark.parametrize("registry", [lambda: Registry(enabled=False), lambda: Registry(store=Broken(), source=Gate())])
def test_one_that_cannot_begin_has_failed(serve, token, registry):
    served = serve(registry(), token=token["Authorization"].removeprefix("Bearer "))
    answer = served.client.post(REFRESH, headers=token)
    said = ended(served, answer.headers["location"], token)
    assert (said["id"], said["status"]) == (answer.json()["id"], "failed")


class Forgetful(MemoryStore):
    """A store that has forgotten all runs."""

    def refreshes(self, limit):  # noqa: ARG002  # a store's
        """Return none."""
        return ()


def test_the_end_of_a_run_that_the_store_does_not_know_is_told(serve, upstream, token):
    served = serve(Registry(store=Forgetful(), source=upstream.url), token=token["Authorization"].removeprefix("Bearer "))
    answer = served.client.post(REFRESH, headers=token)
    assert ended(served, answer.headers["location"], token) == {"id": answer.json()["id"], "status": "updated"}


@pytest.mark.parametrize("provider", ["", "a/b", "x" * 201])
def test_what_cannot_be_a_provider_is_refused(bundled, token, provider):
    answer = bundled.client.post(REFRESH, params={"provider": provider}, headers=token)
    assert answer.status_code == 422


def test_a_provider_alone(serve, upstream, token):
    served = serve(Registry(source=upstream.url), token=token["Authorization"].removeprefix("Bearer "))
    answer = served.client.post(REFRESH, params={"provider": "acme"}, headers=token)
    assert ended(served, answer.headers["location"], token)["added"] == 1


def test_a_failure_is_told_without_its_reasons(serve, token):
    served = serve(Registry(source="http://127.0.0.1:9", max_retries=0), token=token["Authorization"].removeprefix("Bearer "))
    answer = served.client.post(REFRESH, headers=token)
    said = ended(served, answer.headers["location"], token)
    assert said["status"] == "failed"
    assert "127.0.0.1:9" not in str(said)
    assert served.get("/ready").json()["status"] == "degraded"


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", "Basic dG9rZW4=", "Bearer a token of the test", "bearer\ta token of the tests x"]
)
@pytest.mark.parametrize(("method", "path"), [("POST", REFRESH), ("GET", STATUS), ("GET", f"{STATUS}/none")])
def test_without_the_token_nobody_may(bundled, given, method, path):
    answer = bundled.client.request(method, path, headers={} if given is None else {"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_server_without_a_token_lets_nobody(serve, token):
    served = serve(Registry(enabled=False))
    assert served.client.post(REFRESH, headers=token).status_code == 403
    assert served.get(STATUS, headers={"Authorization": "Bearer x"}).status_code == 403


@pytest.mark.parametrize("parameters", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"page": 1}])
def test_what_cannot_be_asked_is_refused(bundled, token, parameters):
    assert bundled.get(STATUS, params=parameters, headers=token).status_code == 422


def test_a_run_that_is_none_is_not_found(bundled, token):
    assert bundled.get(f"{STATUS}/nothing", headers=token).status_code == 404
