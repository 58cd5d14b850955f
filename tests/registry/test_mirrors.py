"""Several places to ask: in order, until one has something that can be read."""

from __future__ import annotations

import gzip
import json
import os
import time

import pytest

from modelmeta import ConnectFailedError, ContentError, RefreshError, StatusError, dump_catalog
from modelmeta.testing import FakeModelsDev, Fault

REF = "acme/m0"


def document(name="M", models=4):
    rows = {f"m{number}": {"id": f"m{number}", "name": name} for number in range(models)}
    return {"acme": {"id": "acme", "models": rows}}


@pytest.fixture
def three():
    """Three servers of the same document."""
    with FakeModelsDev(document()) as one, FakeModelsDev(document()) as two, FakeModelsDev(document()) as three:
        yield one, two, three


def asked(servers):
    """Return how many requests each got, and forget them."""
    counts = [len(server.requests) for server in servers]
    for server in servers:
        server.clear()
    return counts


def etags(server):
    return [request.headers.get("If-None-Match") for request in server.requests]


async def test_the_first_mirror_is_the_only_one_asked_while_it_answers(settle, three):
    registry = await settle(source=[server.url for server in three])
    report = await registry.refresh()
    assert asked(three) == [2, 0, 0]
    assert (report.source, registry.status().source) == (three[0].url, three[0].url)


@pytest.mark.parametrize(
    "fault",
    [Fault.status(500), Fault.redirect(), Fault.drop(), Fault.html(), Fault.truncated(), Fault.body(b"null"), Fault.not_modified()],
    ids=repr,
)
async def test_what_cannot_be_read_is_passed_over(settle, three, fault):
    one, two, three_ = three
    one.fail(fault)
    registry = await settle(source=[one.url, two.url, three_.url])
    assert registry.status().source == two.url
    two.serve(document("Another"))
    report = await registry.refresh()
    assert (report.status, report.source, registry.get(REF).name) == ("updated", two.url, "Another")
    assert (registry.status().last_error, three_.requests) == (None, [])

    one.heal()
    one.serve(document("A third"))
    assert ((await registry.refresh()).source, registry.get(REF).name) == (one.url, "A third")


async def test_a_mirror_that_is_gone_is_passed_over(settle, three):
    three[0].close()
    registry = await settle(source=[server.url for server in three])
    assert registry.status().source == three[1].url


async def test_every_mirror_is_asked_with_the_etag_it_gave(settle, three):
    one, two, _ = three
    registry = await settle(source=[one.url, two.url])
    one.fail(Fault.status(500), times=1)
    assert (await registry.refresh()).status == "unchanged"
    one.fail(Fault.status(500), times=1)
    assert (await registry.refresh()).status == "unchanged"
    await registry.refresh()
    (first, *rest), (unknown, known) = etags(one), etags(two)
    assert (first, unknown) == (None, None)
    assert known is not None
    assert {*rest} == {known}


async def test_a_mirror_with_other_facts_takes_the_etags_of_all_others(settle, three):
    one, two, _ = three
    registry = await settle(source=[one.url, two.url])
    two.serve(document("Another"))
    one.fail(Fault.status(500), times=1)
    assert (await registry.refresh()).source == two.url
    one.clear()
    report = await registry.refresh()
    assert (report.status, report.source, etags(one)) == ("updated", one.url, [None])
    assert registry.get(REF).name == "M"


async def test_a_mirror_whose_document_looks_broken_is_not_passed_over(settle, three):
    one, two, _ = three
    registry = await settle(source=[one.url, two.url])
    one.serve(document(models=1))
    report = await registry.refresh()
    assert (report.status, report.source, two.requests) == ("held", one.url, [])


async def test_what_one_mirror_is_held_for_is_not_what_another_is_asked_about(settle, three):
    one, two, _ = three
    registry = await settle(source=[one.url, two.url])
    one.serve(document(models=1))
    held = await registry.refresh()
    one.fail(Fault.status(500), times=1)
    two.serve(document("Another"))
    assert (await registry.refresh()).status == "updated"
    assert (etags(two), registry.status().held) == ([None], None)
    again = await registry.refresh()
    assert (again.status, again.revision) == ("held", registry.status().held)
    assert [report.revision.partition("-")[0] for report in (held, again)] == ["2", "3"]
    assert again.revision.partition("-")[2] == held.revision.partition("-")[2]


async def test_when_all_fail_the_error_says_what_each_answered(settle, three):
    one, two, three_ = three
    registry = await settle(source=[server.url for server in three])
    one.fail(Fault.status(503))
    two.fail(Fault.html())
    three_.close()
    with pytest.raises(RefreshError, match="none of the 3 sources could be read: ") as caught:
        await registry.refresh()
    assert type(caught.value) is RefreshError
    assert [type(error) for error in caught.value.errors] == [StatusError, ContentError, ConnectFailedError]
    assert [error.url.partition("/catalog")[0] for error in caught.value.errors] == [server.url for server in three]
    assert all(str(error) in str(caught.value) for error in caught.value.errors)
    assert registry.status().last_error == f"RefreshError: {caught.value}"


@pytest.mark.parametrize("fault", [Fault.status(404), Fault.redirect()], ids=repr)
async def test_a_mirror_without_catalog_json_is_asked_for_api_json(settle, fault):
    with FakeModelsDev(document()) as server:
        server.fail(fault, times=1)
        registry = await settle(source=server.url)
        assert [request.path for request in server.requests] == ["/catalog.json", "/api.json"]
        assert [dict(request.query) for request in server.requests] == [{"type": "all"}] * 2
        assert dump_catalog(registry.catalog) == document()

        server.clear()
        server.fail(fault, times=1)
        assert (await registry.refresh()).status == "unchanged"
        assert [(request.path, "If-None-Match" in request.headers) for request in server.requests] == [
            ("/catalog.json", False),
            ("/api.json", True),
        ]


@pytest.mark.parametrize("fault", [Fault.status(404), Fault.redirect()], ids=repr)
async def test_the_models_of_labs_are_not_lost_to_a_catalog_json_that_is_not_there_for_once(settle, fault):
    whole = {"models": {"acme/rocket": {"name": "Rocket", "limit": {}}}, "providers": document()}
    with FakeModelsDev(whole) as server:
        registry = await settle(source=server.url)
        server.fail(fault, times=1)
        with pytest.raises(StatusError, match=r"/catalog\.json\?type=all answered"):
            await registry.refresh()
        assert dump_catalog(registry.catalog) == whole
        assert (await registry.refresh()).status == "unchanged"


async def test_a_mirror_that_got_its_catalog_json_back_is_read_from_that(settle):
    with FakeModelsDev(document()) as server:
        server.fail(Fault.status(404), times=1)
        registry = await settle(source=server.url)
        server.clear()
        server.serve(document("Another"))
        assert (await registry.refresh()).status == "updated"
        assert [(request.path, "If-None-Match" in request.headers) for request in server.requests] == [("/catalog.json", False)]
        assert registry.catalog.content.kind == "catalog.json"


async def test_a_mirror_with_neither_is_an_error_about_the_last(settle):
    with FakeModelsDev(document()) as server:
        registry = await settle(source=server.url)
        server.fail(Fault.status(404))
        with pytest.raises(StatusError, match=r"/api\.json\?type=all answered 404") as caught:
            await registry.refresh(force=True)
        assert caught.value.status == 404


@pytest.mark.parametrize("address", ["{}/api.json", "{}/api.json?type=all", "{}/catalog.json"])
async def test_the_address_of_a_document_is_asked_for_as_it_is(settle, address):
    with FakeModelsDev(document()) as server:
        registry = await settle(source=address.format(server.url))
        server.fail(Fault.status(404), times=1)
        with pytest.raises(StatusError):
            await registry.refresh()
        kind = address[3:].partition("?")[0]
        assert [(request.path, dict(request.query)) for request in server.requests] == [(f"/{kind}", {"type": "all"})] * 2
        assert registry.catalog.content.kind == kind


async def test_the_types_in_an_address_are_left_as_they_are(settle):
    rows = {"m0": {"id": "m0"}, "m1": {"id": "m1", "type": "image"}}
    with FakeModelsDev({"acme": {"id": "acme", "models": rows}}) as server:
        registry = await settle(source=f"{server.url}/api.json?type=image")
    assert registry.catalog.content.refs == ["acme/m1"]


async def test_the_address_of_a_site_may_end_in_a_slash(settle):
    with FakeModelsDev(document()) as server:
        registry = await settle(source=f"{server.url}/")
        assert [request.path for request in server.requests] == ["/catalog.json"]
        assert registry.status().source == server.url


async def test_a_file_can_stand_behind_the_network(settle, tmp_path):
    path = tmp_path / "fallback.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document("From the file")).encode()))
    with FakeModelsDev(document()) as server:
        registry = await settle(source=[server.url, path])
        os.utime(path, (later := time.time() + 60, later))
        server.fail(Fault.status(500))
        report = await registry.refresh()
        assert (report.status, report.source, registry.get(REF).name) == ("updated", str(path), "From the file")
        server.heal()
        assert ((await registry.refresh()).source, registry.get(REF).name) == (server.url, "M")


async def test_a_fallback_of_the_same_facts_makes_them_no_older(settle, tmp_path):
    path = tmp_path / "fallback.json"
    path.write_text(json.dumps({"models": {}, "providers": document()}))
    os.utime(path, (1e9, 1e9))
    with FakeModelsDev(document()) as server:
        registry = await settle(source=[server.url, path])
        confirmed = registry.status().fetched_at
        server.fail(Fault.status(500))
        assert (await registry.refresh()).status == "unchanged"
        assert registry.status().fetched_at == confirmed


async def test_the_default_source_is_the_base_url(settle):
    with FakeModelsDev(document()) as server:
        registry = await settle(base_url=server.url)
        assert registry.status().source == server.url
