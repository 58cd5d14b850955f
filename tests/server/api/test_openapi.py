"""What OpenAPI says is what there is: schemathesis asks everything it says can be asked."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from modelmeta import Registry
from modelmeta.server.app import create_app

APP = create_app(Registry(), token="of the tests")  # noqa: S106  # no secret
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)


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
            assert said["description"] or said["summary"], (path, method)
            assert any(status in said["responses"] for status in ("200", "201", "202", "204")), (path, method)
