"""What OpenAPI says is what there is: schemathesis asks everything it says can be asked."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings

from modelmeta import Registry
from modelmeta.metrics import PrometheusMetrics
from modelmeta.server.app import create_app
from modelmeta.server.router import router

APP = create_app(Registry(enabled=False), token="of the tests", metrics=PrometheusMetrics())  # noqa: S106  # no secret
CHECKS = {
    "positive_data_acceptance": {"enabled": False},  # what looks as it should may mean nothing, as a capability that is none
    "negative_data_rejection": {"expected-statuses": ["4xx"]},
}
config = schemathesis.Config.from_dict({"checks": CHECKS})
schema = schemathesis.openapi.from_asgi("/openapi.json", APP, config=config).exclude(
    method="POST",
    path_regex="/webhooks",  # they would call the addresses that are made up
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_route_does_what_it_says(case):
    case.call_and_validate(headers={"Authorization": "Bearer of the tests"})


def test_every_route_is_described():
    document = APP.openapi()
    assert {"/api/v1/models", "/api/v1/models/{ref}", "/api/v1/price", "/api.json", "/health", "/ready"} <= document["paths"].keys()
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            assert said["description"], (path, method)
            assert said["summary"], (path, method)
            assert {"200", "201", "202", "204"} & said["responses"].keys(), (path, method)


def test_every_refusal_is_a_problem():
    for path, methods in APP.openapi()["paths"].items():
        for method, said in methods.items():
            kinds = {status: [*answer["content"]] for status, answer in said["responses"].items() if status >= "400"}
            expected = {status: ["application/problem+json"] for status in kinds}
            if path in {"/api.json", "/models.json", "/catalog.json"}:  # as upstream refuses a type
                expected["400"] = ["application/json"]
            assert kinds == expected, (path, method)


def references(tree):
    if isinstance(tree, dict):
        return {tree["$ref"]} if isinstance(tree.get("$ref"), str) else {ref for part in tree.values() for ref in references(part)}
    return {ref for part in tree for ref in references(part)} if isinstance(tree, list) else set()


def test_an_app_of_ones_own_describes_the_routes_as_well():
    app = FastAPI()
    app.include_router(router(Registry()), prefix="/catalog")
    document = app.openapi()
    assert references(document) <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    said = document["paths"]["/catalog/models/{ref}"]["get"]["responses"]
    assert said["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Model"}


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/api/v1/webhooks", "GET, POST"), ("/api/v1/webhooks/a", "DELETE, GET, PATCH"), ("/api/v1/price", "POST"), ("/", "GET")],
)
def test_a_method_that_is_none_is_told_all_there_are(path, methods):
    async def put():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://server") as client:
            return await client.put(path)

    answer = asyncio.run(put())
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)
