"""Documents, in threads and in tasks: as they are served, sent again only when they changed."""

from __future__ import annotations

import json

import httpx
import pytest

from modelmeta import ContentError
from modelmeta.testing import Fault

DOCUMENTS = ["catalog", "api", "models_json"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_what_is_served(asking, document, name):
    expected = {"catalog": document, "api": document["providers"], "models_json": document["models"]}[name]
    assert expected == getattr(asking, name)()


def test_numbers_come_as_json_reads_them(client, server):
    text = '{"acme": {"models": {"m": {"cost": {"input": 0.10, "output": 3}, "limit": {"context": 12345678901234567890}}}}}'
    server.serve(text)
    cost = client(base_url=server.url).api()
    assert json.loads(text) == cost
    assert [float, int] == [type(rate) for rate in cost["acme"]["models"]["m"]["cost"].values()]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_has_not_changed_is_not_sent_again(asking, server, name):
    first = getattr(asking, name)()
    second = getattr(asking, name)()
    one, other = server.requests

    assert first == second
    assert "If-None-Match" not in one.headers
    assert httpx.get(f"{server.url}{one.path}?type=all").headers["ETag"] == other.headers["If-None-Match"]


def test_each_document_has_an_etag_of_its_own(asking, server):
    for name in DOCUMENTS * 2:
        getattr(asking, name)()
    asked = [request.headers.get("If-None-Match") for request in server.requests]
    assert asked[:3] == [None] * 3
    assert len({*asked[3:]}) == 3


def test_a_document_belongs_to_its_caller(asking, document):
    first = asking.api()
    first["acme"]["models"].clear()
    del first["paint"]
    assert document["providers"] == asking.api()


def test_a_document_that_changed_is_sent(asking, server):
    before = asking.api()
    server.serve({"other": {"models": {}}})
    assert asking.api() == {"other": {"models": {}}} != before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "answered with list, not with an object"),
        (b"null", "answered with NoneType, not with an object"),
        (b'"{}"', "answered with str, not with an object"),
        (b"", "answered with what is no JSON"),
        (b'{"a": 1', "answered with what is no JSON"),
        (b"<!doctype html>", "answered with what is no JSON"),
        (b'{"a": "\xff"}', "answered with what is no JSON"),
        (b'{"a": %s}' % (b"9" * 5_000), "answered with what is no JSON"),
        (b'{"a":' + b"[" * 100_000, "answered with what is no JSON"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_what_is_no_json_object_is_refused(client, server, data, message):
    server.serve(data)
    with pytest.raises(ContentError, match=f"{server.url}/api.json {message}") as raised:
        client(base_url=server.url).api()
    assert raised.value.url == f"{server.url}/api.json"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_cannot_be_read_is_not_kept_whatever_its_etag(asking, server, document, name):
    server.fail(Fault.truncated(), times=1)  # under the ETag of the whole
    with pytest.raises(ContentError, match="no JSON"):
        getattr(asking, name)()
    assert getattr(asking, name)() == {"catalog": document, "api": document["providers"], "models_json": document["models"]}[name]


def test_an_etag_that_cannot_be_sent_back_is_forgotten(asking, server, document):
    server.fail(Fault.etag('"\u00e9"'), times=1)
    assert document == asking.catalog() == asking.catalog()
    assert "If-None-Match" not in server.requests[1].headers
