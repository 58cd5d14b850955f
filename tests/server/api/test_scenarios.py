"""What the tests of the original system asked of its handlers, over the whole server, and for its safety."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelmeta import Registry, StoreError, bundled_catalog
from modelmeta.stores.memory import MemoryStore

V1 = "/api/v1"
ORIGINAL = ["vision", "function_calling", "streaming", "json_mode", "image_generation", "audio", "reasoning", "code_generation"]


@pytest.mark.parametrize(
    ("path", "members"),
    [
        ("/models", {"models", "total", "page", "limit", "pages"}),
        ("/models/search?q=gpt", {"hits"}),
        ("/models/compare?ids=openai/gpt-5.5,openai/gpt-4o", {"models", "missing", "rows"}),
        ("/models/capability/vision", {"capability", "models", "total", "page", "limit", "pages"}),
        ("/models/openai/gpt-5.5/benchmarks", {"model", "benchmarks"}),
        ("/models/openai/gpt-5.5/offerings", {"offerings"}),
        ("/models/openai/gpt-5.5/history", {"changes"}),
        ("/providers", {"providers", "total"}),
        ("/providers/openai/models", {"provider_id", "models", "total", "page", "limit", "pages"}),
        ("/changes", {"changes", "total", "page", "limit"}),
    ],
)
def test_every_endpoint_is_there_and_answers_json_of_one_shape(bundled, path, members):
    answer = bundled.get(V1 + path)
    assert (200, "application/json") == (answer.status_code, answer.headers["content-type"])
    assert members == answer.json().keys()


@pytest.mark.parametrize(("page", "limit"), [(1, 1), (3, 7), (2, 100), (1_000_000, 20)])
def test_a_list_says_which_page_it_is(bundled, page, limit):
    said = bundled.get(f"{V1}/models", params={"page": page, "limit": limit}).json()
    assert (page, limit, -(-said["total"] // limit)) == (said["page"], said["limit"], said["pages"])
    assert len(said["models"]) == max(0, min(limit, said["total"] - (page - 1) * limit))


def test_a_total_is_the_same_each_time_and_on_each_page(bundled):
    totals = {bundled.get(f"{V1}/models", params={"page": page}).json()["total"] for page in (1, 1, 1, 1, 1, 2)}
    assert {len(bundled_catalog().models())} == totals


@pytest.mark.parametrize("capability", ORIGINAL)
def test_the_capabilities_of_the_original_are_known(bundled, capability):
    said = bundled.get(f"{V1}/models/capability/{capability}").json()
    assert (capability, len(bundled_catalog().filter(capability))) == (said["capability"], said["total"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/models/", 422), ("/models//benchmarks", 422), ("/models/%20", 404), ("/models/compare", 422), ("/models/compare?ids=", 422)),
        *(
            ("/models/capability/", 404),
            ("/models/search", 422),
            ("/models/search?q=", 422),
            ("/providers/", 404),
            ("/providers//models", 404),
        ),
    ],
)
def test_what_has_no_id_is_refused(bundled, path, status):
    answer = bundled.get(V1 + path)
    assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert {"type", "title", "status", "detail"} <= answer.json().keys()


@pytest.mark.parametrize(
    "path", ["/models/openai/none", "/models/openai/none/benchmarks", "/providers/none-at-all", "/providers/none-at-all/models"]
)
def test_what_nobody_knows_is_not_found_the_first_time_and_the_second(bundled, path):
    assert [404, 404] == [bundled.get(V1 + path).status_code for _ in range(2)]


class Down(MemoryStore):
    """A store that does not answer."""

    def refreshes(self, limit):  # noqa: ARG002  # a store's
        """Fail."""
        message = "no route to 10.1.2.3"
        raise StoreError(message)


def test_without_its_store_facts_are_told_and_runs_are_not(serve, token):
    served = serve(Registry(store=Down()), token=token["Authorization"].removeprefix("Bearer "))
    assert 200 == served.get(f"{V1}/models/openai/gpt-5.5/benchmarks").status_code
    refused = served.get(f"{V1}/models/refresh/status", headers=token)
    assert (503, "10") == (refused.status_code, refused.headers["retry-after"])
    assert "10.1.2.3" not in refused.text


@pytest.mark.parametrize("limit", [1, 100])
def test_the_status_of_refreshes_takes_a_limit(bundled, token, limit):
    answer = bundled.get(f"{V1}/models/refresh/status", params={"limit": limit}, headers=token)
    assert (200, {"refreshes": [], "total": 0}) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    "path", ["/models", "/models/openai/gpt-5.5", "/models/compare", "/models/capability/vision", "/providers", "/stats"]
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_facts_cannot_be_changed(bundled, token, method, path):
    answer = bundled.client.request(method, V1 + path, headers=token, json={})
    assert (405, 405) == (answer.status_code, answer.json()["status"])
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("ask", [f"{V1}/models?limit=10", f"{V1}/models/openai/gpt-5.5", f"{V1}/models/search?q=opus"])
def test_fifty_ask_the_same_at_once(serve, ask):
    served = serve(Registry())
    with ThreadPoolExecutor(50) as threads:
        answers = [*threads.map(served.get, [ask] * 50)]
    assert {200} == {answer.status_code for answer in answers}
    assert 1 == len({answer.content for answer in answers})


def test_what_a_browser_keeps_to_itself_does_no_harm_where_it_is_sent(bundled):
    host, port = bundled.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 60) as client:
        client.sendall(f"GET {V1}/models?limit=1#<script>alert(1)</script> HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert int(answer.split(b" ")[1]) in {200, 400}
    assert b"<script>" not in answer


def test_an_id_that_is_long_is_looked_for_and_told_in_few_words(bundled):
    answer = bundled.get(f"{V1}/models/" + "gpt-/5.5_x" * 350)
    assert (404, True) == (answer.status_code, len(answer.content) < 5_000)


def test_a_mistake_in_a_body_is_said_to_be_there(bundled):
    said = bundled.client.post(f"{V1}/price", json={"model": "openai/gpt-5.5", "usage": {"input_tokens": -1}}).json()
    assert [("body", "usage.input_tokens")] == [(error["in"], error["parameter"]) for error in said["errors"]]


@pytest.mark.parametrize(("path", "place"), [("/models/capability/telepathy", "path"), ("/models?capability=telepathy", "query")])
def test_a_capability_that_is_none_is_said_to_be_where_it_stands(bundled, path, place):
    (error,) = bundled.get(V1 + path).json()["errors"]
    assert (place, "capability") == (error["in"], error["parameter"])


def test_a_price_of_what_nobody_knows_is_not_found_with_suggestions(bundled):
    answer = bundled.client.post(f"{V1}/price", json={"model": "openai/gpt-5.55", "usage": {}})
    assert (404, True) == (answer.status_code, "openai/gpt-5.5" in answer.json()["suggestions"])
