"""Webhooks over HTTP, for those who have the token."""

from __future__ import annotations

import logging
import socket
from threading import Thread

import httpx
import pytest
import uvicorn

from modelmeta.server.app import create_app
from modelmeta.webhooks import Webhooks

TOKEN = "t0ken-never-shown"  # noqa: S105  # of this test
URL = "https://example.com/hook"


@pytest.fixture
def serve(registry):
    """Return what serves an app at a real socket: a client for its webhooks."""
    ended = []

    def start(**options):
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(registry, **options), log_config=None, ws="none"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
        client = httpx.Client(base_url=base, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
        ended.append((server, thread, client))
        return client

    yield start
    for server, thread, client in ended:
        client.close()
        server.should_exit = True
        thread.join()


@pytest.fixture
def api(serve):
    return serve(token=TOKEN, private_webhooks=True)


@pytest.fixture
def made(api):
    return api.post("/webhooks", json={"url": URL, "kinds": ["price"], "providers": ["acme"], "min_price_change": 2.5}).json()


def test_a_webhook_is_registered_and_its_secret_told_once(api):
    answer = api.post("/webhooks", json={"url": URL})
    made = answer.json()
    location = answer.headers["location"]

    assert 201 == answer.status_code
    assert "no-store" == answer.headers["cache-control"]
    assert made.pop("secret").startswith("whsec_")
    assert f"/api/v1/webhooks/{made['id']}" == location
    assert made == api.get(location.removeprefix("/api/v1")).json()
    assert {"webhooks": [made], "total": 1} == api.get("/webhooks").json()
    assert (URL, [], [], [], None, False) == tuple(made[n] for n in ("url", "kinds", "models", "providers", "min_price_change", "paused"))


def test_a_webhook_is_paused_resumed_and_removed(api, made, hooks):
    path = f"/webhooks/{made['id']}"

    assert api.patch(path, json={"paused": True}).json()["paused"]
    assert hooks.get(made["id"]).paused
    assert not api.patch(path, json={"paused": False}).json()["paused"]
    assert 204 == api.delete(path).status_code
    assert () == hooks.all()
    assert 404 == api.get(path).status_code


def test_what_a_refresh_changes_is_delivered_listed_and_replayed(api, receiver, change, clock):
    path = f"/webhooks/{api.post('/webhooks', json={'url': receiver.url}).json()['id']}"
    clock.wait_for_sleepers()
    revision = change(rocket=3)
    clock.advance(2)
    assert receiver.came.wait(30)
    receiver.came.clear()
    clock.wait_for_sleepers()

    listed = api.get(f"{path}/deliveries", params={"state": "delivered"}).json()
    assert (1, revision) == (listed["total"], listed["deliveries"][0]["revision"])
    replayed = api.post(f"{path}/replay", json={"revision": revision})
    assert (202, "pending") == (replayed.status_code, replayed.json()["state"])
    clock.advance(2)
    assert receiver.came.wait(30)
    assert 1 == len({*receiver.ids()})


def test_a_test_tells_how_it_went(api, receiver):
    path = f"/webhooks/{api.post('/webhooks', json={'url': receiver.url}).json()['id']}/test"
    receiver.answers = [(302, receiver.url)]

    assert {"status": 302, "error": "the answer was 302"} == api.post(path).json()
    assert {"status": 204, "error": None} == api.post(path).json()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/webhooks", {"url": "http://example.com\nx"}, 422, "a webhook has an address like"),
        ("POST", "/webhooks", {"url": URL, "secret": "whsec_guessable"}, 422, "a secret is whsec_"),
        ("POST", "/webhooks", {"url": URL, "kinds": ["colour"]}, 422, "kinds.0"),
        ("POST", "/webhooks", {"url": URL, "models": ["rocket"]}, 422, "is not a model reference"),
        ("POST", "/webhooks", {"url": URL, "colour": 1}, 422, "colour"),
        ("POST", "/webhooks", {}, 422, "url"),
        ("GET", "/webhooks?colour=1", None, 422, "colour"),
        ("GET", "/webhooks/nobody", None, 404, "there is no webhook 'nobody'"),
        ("PATCH", "/webhooks/nobody", {"paused": True}, 404, "there is no webhook 'nobody'"),
        ("DELETE", "/webhooks/nobody", None, 404, "there is no webhook 'nobody'"),
        ("POST", "/webhooks/nobody/test", None, 404, "there is no webhook 'nobody'"),
        ("GET", "/webhooks/nobody/deliveries", None, 404, "there is no webhook 'nobody'"),
        ("GET", "/webhooks/{id}/deliveries?state=lost", None, 422, "state"),
        ("POST", "/webhooks/{id}/replay", {"revision": "9-0"}, 404, "the store no longer keeps the revision 9-0"),
    ],
)
def test_what_cannot_be_done_is_a_problem(api, made, method, path, body, status, said):
    answer = api.request(method, path.format(id=made["id"]), json=body)

    assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert said in answer.text
    assert "guessable" not in answer.text


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"bearer {TOKEN}x", TOKEN])
def test_without_the_token_nothing_is_told_or_done(api, made, hooks, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    with httpx.Client(base_url=api.base_url, headers=headers) as stranger:
        answers = [
            stranger.get("/webhooks"),
            stranger.post("/webhooks", json={"url": URL}),
            *(stranger.request(method, f"/webhooks/{made['id']}", json={"paused": True}) for method in ("GET", "PATCH", "DELETE")),
            *(stranger.post(f"/webhooks/{made['id']}/{what}", json={"revision": "1-0"}) for what in ("test", "replay")),
            stranger.get(f"/webhooks/{made['id']}/deliveries"),
            stranger.get("/webhooks", params={"token": TOKEN}),
        ]

    assert {401} == {answer.status_code for answer in answers}
    assert [False] == [hook.paused for hook in hooks.all()]


def test_a_server_without_a_token_lets_nobody(serve):
    api = serve()
    assert {403} == {api.request(method, "/webhooks", json={"url": URL}).status_code for method in ("GET", "POST")}


def test_a_server_calls_no_private_address_unless_it_is_told_to(serve, registry, receiver):
    api = serve(token=TOKEN)
    inner = Webhooks(registry, allow_private=True).add(receiver.url)

    assert 422 == api.post("/webhooks", json={"url": receiver.url}).status_code
    assert "the address is not public, or not for messages" == api.post(f"/webhooks/{inner.id}/test").json()["error"]
    assert [] == receiver.got


def test_no_answer_and_no_log_holds_a_secret(api, receiver, caplog):
    caplog.set_level(logging.DEBUG)
    made = api.post("/webhooks", json={"url": receiver.url}).json()
    path = f"/webhooks/{made['id']}"
    texts = [
        *(api.get(where).text for where in ("/webhooks", path, f"{path}/deliveries")),
        *(api.post(f"{path}/{what}", json={"revision": "1-0"}).text for what in ("test", "replay")),
        api.patch(path, json={"paused": True}).text,
        *(record.getMessage() for record in caplog.records if record.name.startswith(("modelmeta", "uvicorn"))),
    ]

    assert [] == [text for text in texts if made["secret"] in text or TOKEN in text]
