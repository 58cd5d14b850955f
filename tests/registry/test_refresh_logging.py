"""What a refresh writes to the log: how it ended, why, and no secret."""

from __future__ import annotations

import logging

import pytest

from modelmeta import RefreshError
from modelmeta.testing import Fault, shrunk

REF = "anthropic/claude-opus-4-5"
SECRET = "s3cr3t-k3y"  # noqa: S105  # it is none


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG, "modelmeta")
    return caplog


async def test_an_update_is_told_with_its_numbers(settle, upstream, thirty_providers, edited, log):
    registry = await settle(source=upstream.url)
    log.clear()
    document = edited(thirty_providers, REF, cost={"input": 1, "output": 1})
    del document["302ai"]
    upstream.serve(document)
    report = await registry.refresh()
    (record,) = log.records
    assert (record.name, record.levelname, record.getMessage()) == ("modelmeta.registry", "INFO", "refresh updated")
    assert (record.outcome, record.added, record.removed, record.changed) == ("updated", 0, 122, 1)
    assert record.price_changes == len(report.price_changes) > 0
    assert (record.source, record.revision, record.duration > report.duration) == (upstream.url, report.revision, True)
    assert (record.reason, record.error) == (None, None)


async def test_nothing_new_is_told_to_those_who_want_every_detail(settle, upstream, log):
    registry = await settle(source=upstream.url)
    log.clear()
    await registry.refresh()
    (record,) = log.records
    assert (record.levelname, record.getMessage(), record.outcome) == ("DEBUG", "refresh unchanged", "unchanged")


async def test_what_is_held_is_a_warning_that_says_why_and_how_old_the_facts_are(settle, upstream, thirty_providers, log):
    registry = await settle(source=upstream.url)
    log.clear()
    upstream.serve(shrunk(thirty_providers))
    report = await registry.refresh()
    (record,) = log.records
    as_of = registry.status().fetched_at
    assert record.levelname == "WARNING"
    assert record.getMessage() == f"refresh held: 851 of 1,099 models are gone, more than 50%; the facts are as of {as_of}"
    assert (record.outcome, record.reason, record.revision, record.removed) == ("held", report.reason, report.revision, 851)


async def test_a_failure_is_a_warning_that_says_why_and_how_old_the_facts_are(settle, upstream, log):
    registry = await settle(source=upstream.url)
    log.clear()
    upstream.fail(Fault.status(503))
    with pytest.raises(RefreshError) as caught:
        await registry.refresh()
    (record,) = log.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == f"refresh failed: StatusError: {caught.value}; the facts are as of {registry.status().fetched_at}"
    assert (record.outcome, record.error, record.reason) == ("failed", f"StatusError: {caught.value}", None)


async def test_the_log_is_what_is_recorded(settle, upstream, log):
    registry = await settle(source=upstream.url)
    upstream.fail(Fault.status(503), times=1)
    with pytest.raises(RefreshError):
        await registry.refresh()
    await registry.refresh()
    ended = [record for record in log.records if hasattr(record, "outcome")]
    for run, record in zip(await registry.refreshes(), reversed(ended), strict=True):
        assert (run.id, run.started_at, run.duration, run.outcome, run.error) == (
            record.id,
            record.started_at,
            record.duration,
            record.outcome,
            record.error,
        )


@pytest.mark.parametrize("fault", [Fault.status(401), Fault.redirect(), Fault.html(), Fault.drop(), Fault.truncated()], ids=repr)
async def test_no_key_is_in_any_log_error_or_record(settle, upstream, thirty_providers, log, fault):
    log.set_level(logging.DEBUG)
    registry = await settle(base_url=upstream.url, api_key=SECRET)
    upstream.serve(shrunk(thirty_providers))
    await registry.refresh()
    upstream.fail(fault)
    with pytest.raises(RefreshError) as caught:
        await registry.refresh(force=True)
    told = [record.getMessage() + repr(vars(record)) for record in log.records]
    told += [repr(caught.value), str(caught.value), repr(registry.registry), repr(registry.status()), repr(await registry.refreshes())]
    assert told
    assert all(SECRET not in text for text in told)
    assert all(SECRET not in str(request) for request in upstream.requests)
