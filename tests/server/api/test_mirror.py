"""models.dev's own documents: what one reads here is what there is upstream."""

from __future__ import annotations

import gzip
import json

import pytest
import zstandard

from modelmeta import Registry, dump_catalog, load_catalog
from modelmeta.testing import FakeModelsDev, Fault

LABS = {"acme/rocket": {"id": "acme/rocket", "name": "Rocket", "benchmarks": [{"name": "Orbit", "score": 1.50, "metric": "turns"}]}}
PROVIDERS = {
    "acme": {
        "id": "acme",
        "name": "Acme",
        "env": [],
        "models": {
            "rocket": {"id": "rocket", "name": "Rocket", "cost": {"input": 0.10, "output": 1e-7}},
            "eye": {"id": "eye", "name": "Eye", "type": "image"},
        },
    },
    "arts": {"id": "arts", "name": "Arts", "models": {"brush": {"id": "brush", "name": "Brush", "type": "image"}}},
    "empty": {"id": "empty", "name": "Empty", "models": {}},
}
CATALOG = {"models": LABS, "providers": PROVIDERS}


@pytest.fixture
def upstream():
    """A site with a small catalog.json."""
    with FakeModelsDev(CATALOG) as site:
        yield site


@pytest.fixture
def mirror(serve, upstream):
    """A mirror of it."""
    registry = Registry(source=upstream.url)
    registry.refresh(accept=True)
    return serve(registry)


def test_the_documents_are_those_of_the_source_key_for_key(mirror):
    assert mirror.get("/catalog.json?type=all").json() == CATALOG
    assert mirror.get("/api.json?type=all").json() == PROVIDERS
    assert mirror.get("/models.json?type=all").json() == LABS


def test_the_bundled_document_is_whole(bundled):
    assert bundled.get("/api.json?type=all").json() == dump_catalog(bundled.registry.catalog)
    assert bundled.get("/catalog.json").status_code == bundled.get("/models.json").status_code == 404


def test_without_a_type_chat_models_are_served_as_upstream_does(mirror):
    served = mirror.get("/api.json").json()
    assert {provider: [*head["models"]] for provider, head in served.items()} == {"acme": ["rocket"]}
    assert [*mirror.get("/api.json?type=image").json()] == ["acme", "arts"]
    assert mirror.get("/api.json?type=image,chat").json()["acme"] == PROVIDERS["acme"]


def test_models_of_labs_are_chosen_by_type_as_well(mirror):
    assert mirror.get("/models.json").json() == LABS
    assert mirror.get("/models.json?type=image").json() == {}


def test_a_provider_without_models_is_told_only_with_all(serve):
    document = {**PROVIDERS, "bare": {"id": "bare", "name": "Bare"}}
    with FakeModelsDev({"models": LABS, "providers": document}) as upstream:
        registry = Registry(source=upstream.url)
        registry.refresh(accept=True)
        served = serve(registry)
        assert served.get("/api.json?type=all").json() == document
        assert [*served.get("/api.json").json()] == ["acme"]


def test_a_type_that_is_none_is_refused_as_upstream_does(mirror):
    answer = mirror.get("/api.json?type=song")
    assert (answer.status_code, answer.json()["error"]) == (400, "Unknown type")
    assert "image" in answer.json()["allowed"]


def test_another_modelmeta_reads_the_same_facts_from_it(mirror):
    with Registry(source=mirror.url) as other:
        other.refresh(accept=True)
        assert other.catalog.content.digest == mirror.registry.catalog.content.digest
        assert other.refresh().status == "unchanged"


def test_a_bundled_catalog_goes_through_a_mirror_unchanged(bundled):
    with Registry(source=bundled.url) as other:
        assert other.refresh().status == "unchanged"


def test_who_has_it_is_told_so(mirror):
    first = mirror.get("/api.json")
    again = mirror.get("/api.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert mirror.get("/api.json", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'}).status_code == 304
    assert mirror.get("/api.json", headers={"If-None-Match": "*"}).status_code == 304
    assert mirror.get("/api.json", headers={"If-None-Match": '"other"'}).status_code == 200


def test_bytes_are_packed_as_they_are_asked_for(bundled):
    def raw(accepts):
        with bundled.client.stream("GET", "/api.json", headers={"Accept-Encoding": accepts}) as answer:
            return answer.headers.get("content-encoding"), b"".join(answer.iter_raw()), answer.headers["etag"]

    plain = raw("identity")
    zstd, zipped = raw("gzip, zstd"), raw("gzip;q=1.0, zstd;q=0")
    assert (plain[0], zstd[0], zipped[0]) == (None, "zstd", "gzip")
    assert plain[1] == zstandard.ZstdDecompressor().decompress(zstd[1]) == gzip.decompress(zipped[1])
    assert len({plain[2], zstd[2], zipped[2]}) == 3
    assert raw("zstd") == zstd


def test_equal_facts_are_equal_bytes_whoever_serves_them(serve, bundled):
    assert serve(Registry()).get("/api.json?type=all").content == bundled.get("/api.json?type=all").content


def test_only_the_head_is_sent_to_who_asks_for_that(mirror):
    whole, head = mirror.get("/api.json"), mirror.client.head("/api.json")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", whole.headers["etag"])


def test_a_refresh_changes_what_is_served(serve):
    with FakeModelsDev(CATALOG) as upstream:
        registry = Registry(source=upstream.url)
        registry.refresh(accept=True)
        served = serve(registry)
        before = served.get("/catalog.json?type=all")
        upstream.serve({**CATALOG, "models": {}})
        registry.refresh(accept=True)
        after = served.get("/catalog.json?type=all", headers={"If-None-Match": before.headers["etag"]})
        assert (after.status_code, json.loads(after.text)["models"]) == (200, {})
        assert load_catalog(after.content).content.digest == registry.catalog.content.digest


def test_a_logo_is_asked_for_once_at_the_site_of_the_facts(mirror, upstream):
    asked = len(upstream.requests)
    first = mirror.get("/logos/acme.svg")
    assert (first.status_code, first.headers["content-type"]) == (200, "image/svg+xml")
    assert b"<title>acme</title>" in first.content
    assert "script-src 'self'" in first.headers["content-security-policy"]
    assert mirror.get("/logos/acme.svg", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    mirror.registry.refresh(force=True, accept=True)
    assert mirror.get("/logos/acme.svg").content == first.content
    assert [request.path for request in upstream.requests[asked:]].count("/logos/acme.svg") == 1


def test_the_logo_of_a_provider_nobody_knows_is_asked_for_nowhere(mirror, upstream):
    asked = len(upstream.requests)
    refused = mirror.get("/logos/acmee.svg")
    assert (refused.status_code, refused.json()["suggestions"]) == (404, ["acme"])
    assert mirror.get("/logos/..%2Fapi.svg").status_code == 404
    assert len(upstream.requests) == asked


def test_a_logo_that_does_not_come_is_not_known_for_now(mirror, upstream):
    upstream.fail(Fault.status(500))
    assert mirror.get("/logos/acme.svg").status_code == 404
    asked = len(upstream.requests)
    upstream.heal()
    assert mirror.get("/logos/acme.svg").json()["detail"] == "no logo of 'acme' is known here now"
    assert len(upstream.requests) == asked


def test_a_document_or_a_file_has_no_logos(serve, tmp_path):
    (tmp_path / "api.json").write_text(json.dumps(PROVIDERS))
    with FakeModelsDev(CATALOG) as upstream:
        registry = Registry(source=[tmp_path / "api.json", f"{upstream.url}/catalog.json"])
        registry.refresh(accept=True)
        assert serve(registry).get("/logos/acme.svg").status_code == 404
        assert upstream.requests == []
