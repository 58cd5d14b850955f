"""Who is told of what."""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal

import pytest

from modelmeta import InvalidRefError, MissingExtraError, QueryError, Registry
from modelmeta.catalog.diff import Change
from modelmeta.records.refs import ModelRef
from modelmeta.webhooks import Webhooks

ROCKET = ModelRef("acme", "rocket")
URL = "https://example.com/hook"


def price(before, after, ref=ROCKET):
    return Change("price", ref, "cost.input", before and Decimal(before), after and Decimal(after))


@pytest.fixture
def hooks():
    return Webhooks(Registry())


@pytest.mark.parametrize(
    ("wanted", "told", "untold"),
    [
        ({}, [price("1", "2"), Change("removed", ROCKET)], []),
        ({"kinds": ["added", "status"]}, [Change("added", ROCKET), Change("status", ROCKET, "status")], [price("1", "2")]),
        ({"models": ["acme/rocket"]}, [Change("added", ROCKET)], [Change("added", ModelRef("acme", "rocket-2"))]),
        ({"providers": ["acme"]}, [Change("added", ROCKET)], [Change("added", ModelRef("acme-2", "rocket"))]),
        (
            {"providers": ["acme"], "models": ["other/kite"]},
            [Change("added", ROCKET), Change("added", ModelRef("other", "kite"))],
            [Change("added", ModelRef("other", "rocket"))],
        ),
        (
            {"min_price_change": 5},
            [price("100", "105"), price("100", "95"), Change("added", ROCKET)],
            [price("100", "104.9"), price("100", "95.1")],
        ),
        ({"min_price_change": Decimal("0.5")}, [price(None, "1"), price("1", None), price("0", "1")], [price("1000", "1004")]),
    ],
)
def test_a_webhook_hears_of_what_it_wants(hooks, wanted, told, untold):
    hook = hooks.get(hooks.add(URL, **wanted).id)

    assert told == [*filter(hook.wants, told + untold)]


def test_webhooks_are_listed_oldest_first_as_they_were_made(hooks):
    made = [hooks.add(URL, min_price_change=number) for number in range(3)]
    assert sorted(made, key=lambda hook: (hook.created_at, hook.id)) == [*hooks.all()]
    assert made[1] == hooks.get(made[1].id)


def test_every_webhook_has_a_secret_of_its_own(hooks):
    secrets = {hooks.add(URL).secret for _ in range(3)}
    assert 3 == len(secrets)
    assert all(secret.startswith("whsec_") for secret in secrets)


def test_a_secret_can_be_given(hooks):
    given = "whsec_" + b64encode(b"k" * 24).decode()
    assert given == hooks.get(hooks.add(URL, secret=given).id).secret


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_!", "whsec_é", "whsec_" + b64encode(b"k" * 23).decode(), b64encode(b"k" * 32).decode()]
)
def test_a_secret_that_cannot_be_used_is_refused_and_not_repeated(hooks, secret):
    with pytest.raises(QueryError, match="a secret is whsec_ and the base64 of 24 to 64 random bytes") as caught:
        hooks.add(URL, secret=secret)
    assert ("secret", None) == (caught.value.criterion, caught.value.value)


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        ({"kinds": ["colour"]}, QueryError, "there is no kind of change 'colour'"),
        ({"models": ["rocket"]}, InvalidRefError, "is not a model reference"),
        ({"models": [f"acme/{number}" for number in range(101)]}, QueryError, "models are at most 100 names"),
        ({"providers": [""]}, QueryError, "providers are at most 100 names of at most 300 characters"),
        ({"min_price_change": -1}, QueryError, "min_price_change is a percentage such as 5, not -1"),
        ({"min_price_change": float("nan")}, QueryError, "min_price_change is a percentage"),
    ],
)
def test_what_cannot_be_wanted_is_refused(hooks, wanted, error, message):
    with pytest.raises(error, match=message):
        hooks.add(URL, **wanted)
    assert () == hooks.all()


def test_a_store_keeps_a_hundred(hooks):
    for _ in range(100):
        hooks.add(URL)
    with pytest.raises(QueryError, match="a store keeps at most 100 webhooks; remove one first"):
        hooks.add(URL)


def test_what_is_not_there_is_an_error(hooks):
    for method in (hooks.get, hooks.pause, hooks.resume, hooks.test, hooks.deliveries, lambda hook_id: hooks.replay(hook_id, "1-a")):
        with pytest.raises(QueryError, match="there is no webhook 'nobody'"):
            method("nobody")
    assert not hooks.remove("nobody")


def test_without_what_signs_the_error_names_the_extra(hooks, uninstalled):
    uninstalled("standardwebhooks", "standardwebhooks")
    with pytest.raises(MissingExtraError, match=r"pip install \"modelmeta\[server\]\"") as caught:
        hooks.add(URL)
    assert "server" == caught.value.extra


def test_two_that_change_a_webhook_at_once_both_do(hooks):
    """Whoever is too late with what it read reads again."""
    hook = hooks.add(URL)
    book = hooks._book()

    def late(seen):
        if not seen.paused:
            hooks.pause(hook.id)
        return seen.__class__.from_text(seen.to_text()) if seen.paused else seen

    assert book.change(hook.id, late).paused
