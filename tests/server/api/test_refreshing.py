"""A refresh that is asked for over HTTP."""

from __future__ import annotations

import time

import pytest

from modelmeta import AsyncRegistry, Registry
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


def test_those_who_ask_meanwhile_join(serve, upstream, token):
    served = serve(Registry(source=upstream.url), token=token["Authorization"].removeprefix("Bearer "))
    jobs = {served.client.post(REFRESH, headers=token).json()["id"] for _ in range(3)}
    for job in jobs:
        ended(served, f"{STATUS}/{job}", token)
    assert len(served.get(STATUS, headers=token).json()["refreshes"]) == len(jobs)


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
