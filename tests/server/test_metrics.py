"""What is counted, and what a scrape tells of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager, suppress
from threading import Event, Thread

import httpx
import pytest
import uvicorn
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from modelmeta import AsyncRegistry, MissingExtraError, RefreshError, Registry, StoreError
from modelmeta.metrics import PrometheusMetrics
from modelmeta.registry.telemetry import Telemetry
from modelmeta.server.app import create_app
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev, Fault

MODELS = {f"m-{number}": {"name": f"M {number}", "cost": {"input": 2, "output": 8}} for number in range(20)}
DEARER = {**MODELS, "m-1": {**MODELS["m-1"], "cost": {"input": 3, "output": 8}}, "m-20": {"name": "M 20"}}


def document(models):
    return {"acme": {"name": "Acme", "models": models}}


@pytest.fixture
def upstream():
    with FakeModelsDev(document(MODELS)) as server:
        yield server


def scraped(text):
    """Return the samples that a scrape told, by name and values of labels."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def numbers(metrics):
    return scraped(metrics.exposition().decode())


@contextmanager
def serving(app):
    """Serve *app* from a thread; the address."""
    begun = Event()
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    startup = server.startup

    async def starting(sockets=None):
        await startup(sockets)
        begun.set()

    server.startup = starting
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert begun.wait(30)
        yield "http://{}:{}".format(*server.servers[0].sockets[0].getsockname())
    finally:
        server.should_exit = True
        thread.join(30)


def days(upstream):
    """Let *upstream* have a document, the same again, another, one that looks broken, and none; yield how to refresh each time."""
    yield {"accept": True}
    yield {}
    upstream.serve(document(DEARER))
    yield {}
    upstream.serve(document({}))
    yield {}
    upstream.fail(Fault.status(500))
    yield {}


OUTCOMES = {"updated": 2, "unchanged": 1, "held": 1, "failed": 1}


@pytest.fixture(params=["threads", "tasks"])
async def lived(request, upstream):
    """The metrics of a registry of either colour that has seen everything, which is there yet."""
    metrics = PrometheusMetrics()
    kind = Registry if request.param == "threads" else AsyncRegistry
    registry = kind(source=upstream.url, max_retries=0, metrics=metrics)
    for wish in days(upstream):
        with suppress(RefreshError):
            await registry.refresh(**wish) if kind is AsyncRegistry else registry.refresh(**wish)
    yield metrics
    await registry.aclose() if kind is AsyncRegistry else registry.close()


async def test_refreshes_are_counted_by_outcome_and_timed(lived):
    told = numbers(lived)
    assert OUTCOMES == {key[1]: value for key, value in told.items() if key[0] == "modelmeta_refreshes_total"}
    assert 5 == told["modelmeta_refresh_duration_seconds_count",]
    assert 0 < told["modelmeta_refresh_duration_seconds_sum",]


async def test_changes_are_counted_by_kind_when_they_are_read(lived):
    told = {key[1]: value for key, value in numbers(lived).items() if key[0] == "modelmeta_changes_total"}
    assert 21 == told["added"]
    assert 1 == told["price"]
    assert told["removed"] > 1_000  # those of the bundled catalog; not those of the document that was held


async def test_questions_to_sources_are_counted_by_what_they_gave(lived):
    told = numbers(lived)
    assert {"document": 3, "not_modified": 1, "failed": 1} == {
        key[1]: value for key, value in told.items() if key[0] == "modelmeta_fetches_total"
    }
    assert 5 == told["modelmeta_fetch_duration_seconds_count",]


async def test_calls_of_the_store_are_timed_by_operation(lived):
    told = numbers(lived)
    assert 2 == told["modelmeta_store_duration_seconds_count", "commit"]
    assert 10 == told["modelmeta_store_duration_seconds_count", "record"]
    assert not [key for key in told if key[0] == "modelmeta_store_errors_total"]


async def test_gauges_tell_the_state_of_the_registry(lived):
    told = numbers(lived)
    assert (21, 1) == (told["modelmeta_models",], told["modelmeta_providers",])
    assert (1, 1, 0) == (told["modelmeta_held",], told["modelmeta_refresh_consecutive_failures",], told["modelmeta_catalog_stale",])
    assert 0 <= told["modelmeta_catalog_age_seconds",]
    assert (1, 1) == (told["modelmeta_cache_size", "source"], told["modelmeta_cache_misses_total", "source"])
    assert 3 == told["modelmeta_cache_hits_total", "source"]


def test_ages_and_staleness_follow_the_clock(upstream):
    clock, metrics = FakeClock(), PrometheusMetrics()
    with Registry(source=upstream.url, clock=clock, metrics=metrics, stale_after="1d") as registry:
        registry.refresh(accept=True)
        clock.advance(90_000)
        told = numbers(metrics)
    assert (90_000, 1) == (told["modelmeta_catalog_age_seconds",], told["modelmeta_catalog_stale",])


def test_hits_go_on_counting_when_another_catalog_begins_from_nothing(upstream):
    metrics = PrometheusMetrics()
    with Registry(source=upstream.url, metrics=metrics) as registry:
        for _ in range(3):
            registry.filter("vision")
        before = numbers(metrics)
        registry.refresh(accept=True)
        registry.filter("vision")
        registry.filter("vision")
        after = numbers(metrics)
    assert 2 == before["modelmeta_cache_hits_total", "memory"]
    assert 3 == after["modelmeta_cache_hits_total", "memory"]


def test_what_the_store_fails_to_do_is_counted(upstream):
    class Forgetful(MemoryStore):
        def commit(self, *_, **__):
            message = "the disk is full"
            raise StoreError(message)

    metrics = PrometheusMetrics()
    with Registry(store=Forgetful(), source=upstream.url, metrics=metrics) as registry, pytest.raises(StoreError, match="the disk is full"):
        registry.refresh(accept=True)
    told = numbers(metrics)
    assert 1 == told["modelmeta_store_errors_total", "commit"]
    assert 1 == told["modelmeta_refreshes_total", "failed"]


def test_metrics_that_fail_harm_nothing(upstream, caplog):
    class Broken:
        def attached(self, registry):
            """Hear of a registry."""

        def __getattr__(self, name):
            message = "no more ink"
            raise OSError(message)

    with Registry(source=upstream.url, metrics=Broken()) as registry:
        assert "updated" == registry.refresh(accept=True).status
    assert {"the metrics failed"} == {record.message for record in caplog.records if record.exc_info}


def test_registries_do_not_know_each_other_s_metrics(upstream):
    one, other = PrometheusMetrics(), PrometheusMetrics()
    with Registry(source=upstream.url, metrics=one) as first, Registry(source=upstream.url, metrics=other):
        first.refresh(accept=True)
    assert ("modelmeta_refreshes_total", "updated") in numbers(one)
    assert ("modelmeta_refreshes_total", "updated") not in numbers(other)


def test_a_registry_that_is_gone_leaves_its_counters():
    metrics = PrometheusMetrics()
    registry = Registry(metrics=metrics)
    assert ("modelmeta_models",) in numbers(metrics)
    del registry
    told = numbers(metrics)
    assert ("modelmeta_models",) not in told
    assert ("modelmeta_cache_misses_total", "memory") in told


def test_a_collector_registry_of_one_s_own_has_the_numbers():
    own = CollectorRegistry()
    metrics = PrometheusMetrics(own)
    registry = Registry(metrics=metrics)
    assert len(registry) == own.get_sample_value("modelmeta_models")
    metrics.delivered("delivered")
    assert 1 == own.get_sample_value("modelmeta_webhook_deliveries_total", {"outcome": "delivered"})


def test_without_the_extra_it_says_what_to_install(uninstalled):
    uninstalled("prometheus_client", "prometheus_client")
    with pytest.raises(MissingExtraError, match=r"pip install \"modelmeta\[metrics\]\""):
        PrometheusMetrics()


def test_processes_that_share_a_folder_add_up_what_they_count(tmp_path):
    code = """
import sys
from modelmeta import Registry
from modelmeta.metrics import PrometheusMetrics

metrics = PrometheusMetrics()
registry = Registry(metrics=metrics)
for _ in range(int(sys.argv[1])):
    metrics.delivered("delivered")
print(metrics.exposition().decode())
"""

    def count(times):
        command = [sys.executable, "-c", code, str(times)]
        environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        return scraped(subprocess.run(command, capture_output=True, text=True, check=True, env=environ).stdout)

    assert 2 == count(2)["modelmeta_webhook_deliveries_total", "delivered"]
    told = count(3)
    assert 5 == told["modelmeta_webhook_deliveries_total", "delivered"]
    assert 8_000 < told["modelmeta_models",]


# over HTTP


def test_a_server_counts_requests_by_route_method_and_status():
    metrics = PrometheusMetrics()
    with serving(create_app(metrics=metrics)) as url, httpx.Client(base_url=url) as client:
        for _ in range(3):
            client.get("/api/v1/models", params={"limit": 1})
        for ref in ("openai/gpt-4o", "anthropic/claude-opus-4-5", "no/such"):
            client.get(f"/api/v1/models/{ref}")
        client.get("/api/v1/models", params={"colour": "red"})
        client.post("/api/v1/models/refresh")
        client.get("/a/path/nobody/knows")
        client.request("PROPFIND", "/health")
        client.get("/health", params={"x": "y" * 9_000})
        answer = client.get("/metrics")
    assert "text/plain; version=0.0.4; charset=utf-8" == answer.headers["content-type"]
    told = scraped(answer.text)
    assert {
        ("GET", "/models", "200"): 3,
        ("GET", "/models/{ref:path}", "200"): 2,
        ("GET", "/models/{ref:path}", "404"): 1,
        ("GET", "/models", "422"): 1,
        ("POST", "/models/refresh", "403"): 1,
        ("GET", "other", "404"): 1,
        ("GET", "other", "414"): 1,
        ("other", "/health", "405"): 1,
    } == {key[1:]: value for key, value in told.items() if key[0] == "modelmeta_http_requests_total"}
    assert 4 == told["modelmeta_http_request_duration_seconds_count", "/models"]
    assert 2 == told["modelmeta_cache_hits_total", "prepared"]
    assert 4 == told["modelmeta_cache_misses_total", "prepared"]


def test_a_server_without_metrics_has_no_such_route():
    with serving(create_app()) as url:
        assert 404 == httpx.get(f"{url}/metrics").status_code


def test_metrics_of_one_s_own_hear_of_requests_without_a_route_to_read_them():
    heard = []

    class Own:
        def attached(self, registry):
            """Hear of a registry."""

        def served(self, route, method, status, seconds):
            heard.append((route, method, status, seconds > 0))

    with serving(create_app(metrics=Own())) as url:
        assert 404 == httpx.get(f"{url}/metrics").status_code
        httpx.head(f"{url}/health")
    assert [("other", "GET", 404, True), ("/health", "HEAD", 200, True)] == heard


# OpenTelemetry


@pytest.fixture(scope="session")
def exporter():
    """What keeps the spans of this process."""
    from opentelemetry import trace  # noqa: PLC0415  # only these tests need it
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # as above
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415  # as above
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: PLC0415  # as above

    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    trace.set_tracer_provider(provider)
    return kept


@pytest.fixture
def spans(exporter):
    """Return the function that tells the spans that ended in this test."""
    exporter.clear()
    return exporter.get_finished_spans


@pytest.mark.parametrize("kind", [Registry, AsyncRegistry])
async def test_a_refresh_is_a_span_with_its_fetch_and_its_commit(kind, upstream, spans):
    registry = kind(source=upstream.url)
    report = await registry.refresh(accept=True) if kind is AsyncRegistry else registry.refresh(accept=True)
    await registry.aclose() if kind is AsyncRegistry else registry.close()
    fetch, commit, refresh = spans()
    assert ["modelmeta.fetch", "modelmeta.commit", "modelmeta.refresh"] == [fetch.name, commit.name, refresh.name]
    assert {refresh.context.span_id} == {fetch.parent.span_id, commit.parent.span_id}
    assert {"modelmeta.source": upstream.url} == dict(fetch.attributes)
    assert {"modelmeta.revision": report.revision} == dict(commit.attributes)
    told = dict(refresh.attributes)
    assert ("updated", upstream.url, report.revision) == tuple(told[f"modelmeta.{name}"] for name in ("outcome", "source", "revision"))
    assert (20, len(report.removed), 0) == tuple(told[f"modelmeta.{name}"] for name in ("added", "removed", "problems"))
    assert 32 == len(told["modelmeta.run"])


def test_a_refresh_that_fails_is_a_span_that_tells_no_more_than_the_kind_of_error(upstream, spans):
    upstream.fail(Fault.status(500))
    with Registry(source=upstream.url, max_retries=0) as registry, pytest.raises(RefreshError):
        registry.refresh()
    fetch, refresh = spans()
    assert ("StatusError", "StatusError") == (fetch.status.description, refresh.status.description)
    assert [(), ()] == [tuple(span.events) for span in (fetch, refresh)]
    assert "failed" == refresh.attributes["modelmeta.outcome"]


def test_without_opentelemetry_there_is_no_tracer(uninstalled, upstream):
    uninstalled("opentelemetry", "opentelemetry")
    assert Telemetry() == Telemetry.of(None)
    with Registry(source=upstream.url) as registry:
        assert "updated" == registry.refresh(accept=True).status


# what is made of the numbers


@pytest.fixture
def exported():
    """Every name that a scrape can tell, by the family it belongs to."""
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
    metrics = PrometheusMetrics()
    registry = Registry(metrics=metrics)
    families = [*text_string_to_metric_families(metrics.exposition().decode())]
    assert len(registry) > 0
    return {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            {family.name + suffix for suffix in suffixes[family.type]},
        )
        for family in families
        if not family.name.endswith("_created")
    }


def expressions(value):
    """Return every expression in a parsed dashboard or file of rules."""
    if isinstance(value, dict):
        return [*([value["expr"]] if "expr" in value else []), *(expr for each in value.values() for expr in expressions(each))]
    return [expr for each in value for expr in expressions(each)] if isinstance(value, list) else []


def named(text):
    return {*re.findall(r"modelmeta_\w+", text)}


def test_the_how_to_lists_every_number_with_its_type(root, exported):
    table = re.findall(r"^\| `(modelmeta_\w+)` \| (\w+) \|", (root / "docs" / "howto" / "monitoring.md").read_text(), re.MULTILINE)
    assert {name: kind for name, (kind, _) in exported.items()} == dict(table)


def test_the_dashboard_shows_only_what_is_exported_and_all_of_it(root, exported):
    dashboard = json.loads((root / "deploy" / "grafana-dashboard.json").read_text())
    shown = named(" ".join(expressions(dashboard)))
    known = {name for _, names in exported.values() for name in names}
    assert set() == shown - known
    assert [] == [name for name, (_, names) in exported.items() if not names & shown]
    assert len(dashboard["panels"]) == len({panel["id"] for panel in dashboard["panels"]})
    assert named(dashboard["templating"]["list"][1]["query"]) <= known


def test_the_alerts_ask_only_for_what_is_exported_and_the_how_to_lists_them(root, exported):
    rules = [rule for group in yaml.safe_load((root / "deploy" / "alert-rules.yml").read_text())["groups"] for rule in group["rules"]]
    assert set() == named(" ".join(expressions(rules))) - {name for _, names in exported.values() for name in names}
    listed = re.findall(r"^\| `(Modelmeta\w+)` \|", (root / "docs" / "howto" / "monitoring.md").read_text(), re.MULTILINE)
    assert [rule["alert"] for rule in rules] == listed


def test_labels_that_are_asked_for_are_those_that_are_told(root):
    metrics = PrometheusMetrics()
    told = {"outcome", "kind", "operation", "route", "method", "status", "tier", "le", "instance", "job"}
    text = " ".join(
        expressions(json.loads((root / "deploy" / "grafana-dashboard.json").read_text()))
        + expressions(yaml.safe_load((root / "deploy" / "alert-rules.yml").read_text()))
    )
    asked = {label for group in re.findall(r"by \(([^)]*)\)", text) for label in group.split(", ")} | {*re.findall(r"(\w+)=~?\"", text)}
    assert asked <= told
    labels = {label for collector in metrics.registry._names_to_collectors.values() for label in getattr(collector, "_labelnames", ())}
    assert labels <= told
