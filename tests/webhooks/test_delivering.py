"""What receivers get: every change they want, signed, once as a rule, and as often as it takes."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from modelmeta import QueryError, Registry
from modelmeta.errors import RevisionNotFoundError
from modelmeta.webhooks import Webhooks

DAY = timedelta(days=1)


def test_a_refresh_is_one_message_about_what_it_changed(hooks, receiver, change, registry):
    hooks.add(receiver.url)
    before = registry.status().revision
    revision = change(rocket=2.5, kite=1)

    assert ["delivered"] == [delivery.state for delivery in hooks.deliver()]

    (message,) = receiver.messages()
    assert "catalog.changed" == message["type"]
    assert registry.revisions()[-1].committed_at.isoformat() == message["timestamp"]
    assert message["data"] == {
        "revision": revision,
        "previous": before,
        "changes": [
            {"kind": "added", "ref": "acme/kite", "path": None, "before": None, "after": None, "percent": None},
            {"kind": "price", "ref": "acme/rocket", "path": "cost.input", "before": 2, "after": 2.5, "percent": 25},
        ],
        "truncated": False,
    }


def test_a_message_is_told_once(hooks, receiver, change):
    hook = hooks.add(receiver.url)
    revision = change(rocket=3)
    hooks.deliver()

    assert () == hooks.deliver()
    assert [f"{hook.id}-{revision}"] == receiver.ids()


def test_several_refreshes_are_told_in_their_order(hooks, receiver, change):
    hooks.add(receiver.url)
    revisions = [change(rocket=price) for price in range(3, 14)]

    hooks.deliver()

    assert revisions == [message["data"]["revision"] for message in receiver.messages()]


def test_what_was_before_a_webhook_is_not_told(hooks, receiver, change):
    change(rocket=3)
    hooks.add(receiver.url)

    assert () == hooks.deliver()


def test_the_first_revision_of_a_store_changes_nothing(tmp_path, publish, receiver):
    publish(rocket=2)
    with Registry(source=tmp_path / "api.json") as registry:
        hooks = Webhooks(registry, allow_private=True)
        hook = hooks.add(receiver.url)
        assert () == hooks.deliver()
        registry.refresh(accept=True)
        told = [message["data"]["revision"] for message in receiver.messages()]
        hooks.deliver()

    assert [] == told
    assert 0 == hook.cursor


def test_a_refresh_that_changes_nothing_wanted_is_not_told(hooks, receiver, change):
    hook = hooks.add(receiver.url, kinds=["removed"])
    change(rocket=3)

    assert () == hooks.deliver()
    assert () == hooks.deliveries(hook.id)
    assert 2 == hooks.get(hook.id).cursor


def test_a_message_tells_only_what_is_wanted(hooks, receiver, change):
    hooks.add(receiver.url, kinds=["added"])
    change(rocket=3, kite=1)

    hooks.deliver()

    assert ["acme/kite"] == [told["ref"] for told in receiver.messages()[0]["data"]["changes"]]


def test_a_message_is_bounded_and_says_so(hooks, receiver, change):
    hooks.add(receiver.url)
    change(**{f"kite-{number:04}-{'x' * 200}": 1 for number in range(1_500)})

    hooks.deliver()

    (message,) = receiver.messages()
    assert message["data"]["truncated"]
    assert 0 < len(message["data"]["changes"]) < 1_500
    assert len(receiver.got[0][1]) < 300_000


def test_a_signature_holds_for_what_was_sent_and_nothing_else(hooks, receiver, change):
    hook = hooks.add(receiver.url)
    change(rocket=3)
    hooks.deliver()
    ((headers, body),) = receiver.got
    checks = Webhook(hook.secret)

    assert receiver.messages()[0] == checks.verify(body, headers)
    old = str(int(headers["webhook-timestamp"]) - 1_000)
    for forged_body, forged in (
        (body.replace(b"acme", b"evil"), headers),
        (body, {**headers, "webhook-id": "another"}),
        (body, {**headers, "webhook-timestamp": old}),
        (body, {name: value for name, value in headers.items() if name != "webhook-signature"}),
    ):
        with pytest.raises(WebhookVerificationError):
            checks.verify(forged_body, forged)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(hooks.add(receiver.url).secret).verify(body, headers)


def test_a_message_that_is_sent_late_is_signed_anew_and_one_kept_back_is_too_old(hooks, receiver, change, clock):
    hook = hooks.add(receiver.url)
    change(rocket=3)
    receiver.answers = [(500,)]
    hooks.deliver()
    clock.advance(600)
    hooks.deliver()
    (first, body), (second, again) = receiver.got

    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert 600 == int(second["webhook-timestamp"]) - int(first["webhook-timestamp"])
    with pytest.raises(WebhookVerificationError, match="too new"):  # by the machine's clock: 10 minutes apart are not both good
        Webhook(hook.secret).verify(again, second)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 429, 500, 503])
def test_what_is_not_taken_is_tried_again(hooks, receiver, change, clock, status):
    hook = hooks.add(receiver.url)
    change(rocket=3)
    receiver.answers = [(status, receiver.url + "/elsewhere")]

    (failed,) = hooks.deliver()
    assert ("pending", status, f"the answer was {status}") == (failed.state, failed.status, failed.error)
    assert (failed,) == hooks.deliveries(hook.id, "pending")
    clock.advance(10)
    (taken,) = hooks.deliver()

    assert ("delivered", 204, None, 2) == (taken.state, taken.status, taken.error, taken.attempts)
    assert 2 == len(receiver.got)  # nothing went elsewhere
    assert (taken,) == hooks.deliveries(hook.id)


def test_waiting_grows_to_hours_and_ends_after_a_day_with_a_dead_letter(hooks, receiver, change, clock, caplog):
    hook = hooks.add(receiver.url)
    change(rocket=3)
    receiver.answers = [(503,)] * 1_000
    waits = []
    (delivery,) = hooks.deliver()
    while delivery.state == "pending":
        waits.append(delivery.at - datetime.fromtimestamp(clock.time(), UTC))
        assert () == hooks.deliver()  # it is not yet time
        clock.advance(max(waits[-1], timedelta(microseconds=1)))
        (delivery,) = hooks.deliver()

    assert all(wait <= min(timedelta(hours=2), timedelta(seconds=10) * 2**place) for place, wait in enumerate(waits))
    assert max(waits) > timedelta(minutes=10)
    assert ("dead", 503, "the answer was 503") == (delivery.state, delivery.status, delivery.error)
    assert delivery.at - delivery.created_at == DAY
    assert (delivery,) == hooks.deliveries(hook.id, "dead")
    assert () == hooks.deliver()
    assert f"webhook {hook.id}: {delivery.revision} is given up: the answer was 503" in caplog.messages


def test_one_receiver_that_fails_keeps_no_other_waiting(hooks, receiver, change):
    lost = hooks.add("http://127.0.0.1:9/nobody")
    hooks.add(receiver.url)
    change(rocket=3)
    change(rocket=4)

    hooks.deliver()

    assert 2 == len(receiver.got)
    assert [0, 1] == [delivery.attempts for delivery in hooks.deliveries(lost.id)]
    assert "no connection" in hooks.deliveries(lost.id)[-1].error


def test_a_dead_letter_is_replayed_under_its_id(hooks, receiver, change, clock):
    hook = hooks.add(receiver.url)
    revision = change(rocket=3)
    receiver.answers = [(500,), (500,)]
    hooks.deliver()
    clock.advance(DAY)
    assert ["dead"] == [delivery.state for delivery in hooks.deliver()]

    assert "pending" == hooks.replay(hook.id, revision).state
    assert ["delivered"] == [delivery.state for delivery in hooks.deliver()]

    assert [f"{hook.id}-{revision}"] * 3 == receiver.ids()
    assert ["delivered"] == [delivery.state for delivery in hooks.deliveries(hook.id)]


def test_what_was_before_a_webhook_can_be_replayed(hooks, receiver, change):
    revision = change(rocket=3)
    hook = hooks.add(receiver.url)

    hooks.replay(hook.id, revision)
    hooks.replay(hook.id, revision)
    hooks.deliver()

    assert [revision] == [message["data"]["revision"] for message in receiver.messages()]


def test_what_cannot_be_told_cannot_be_replayed(hooks, receiver, change, registry):
    hook = hooks.add(receiver.url, kinds=["removed"])
    revision = change(rocket=3)
    with pytest.raises(QueryError, match="changed nothing that the webhook"):
        hooks.replay(hook.id, revision)
    with pytest.raises(RevisionNotFoundError, match="no longer keeps the revision 7-0"):
        hooks.replay(hook.id, "7-0")
    with pytest.raises(RevisionNotFoundError, match="or the one before it"):
        hooks.replay(hook.id, registry.revisions()[0].id)


def test_a_receiver_that_is_gone_is_paused_and_loses_nothing(hooks, receiver, change, caplog):
    hook = hooks.add(receiver.url)
    change(rocket=3)
    receiver.answers = [(410,)]
    hooks.deliver()
    change(rocket=4)

    assert hooks.get(hook.id).paused
    assert f"webhook {hook.id} is paused: its receiver is gone" in caplog.messages
    assert () == hooks.deliver()
    hooks.resume(hook.id)
    hooks.replay(hook.id, hooks.deliveries(hook.id)[-1].revision)  # at once, not when its time has come
    hooks.deliver()
    assert 3 == len(receiver.got)


def test_a_paused_webhook_is_told_later(hooks, receiver, change):
    hook = hooks.add(receiver.url)
    assert hooks.pause(hook.id).paused
    change(rocket=3)
    change(rocket=4)
    assert () == hooks.deliver()

    assert not hooks.resume(hook.id).paused
    hooks.deliver()

    assert 2 == len(receiver.got)


def test_what_was_pruned_before_it_was_told_is_given_up(hooks, receiver, change, registry, clock):
    hook = hooks.add(receiver.url)
    change(rocket=3)
    receiver.answers = [(500,)]
    hooks.deliver()
    registry.prune(keep=1)
    clock.advance(10)
    hooks.deliver()

    (dead,) = hooks.deliveries(hook.id)
    assert "dead" == dead.state
    assert f"the store no longer keeps the revision {dead.revision}, or the one before it" == dead.error


def test_a_removed_webhook_is_forgotten_with_all_that_waits(hooks, receiver, change):
    kept, hook = hooks.add(receiver.url, kinds=["removed"]), hooks.add(receiver.url)
    change(rocket=3)
    receiver.answers = [(500,)]
    hooks.deliver()

    assert hooks.remove(hook.id)

    assert not hooks.remove(hook.id)
    assert [kept.id] == [each.id for each in hooks.all()]
    assert () == hooks.deliver()
    with pytest.raises(QueryError, match="there is no webhook"):
        hooks.deliveries(hook.id)


def test_only_the_last_deliveries_are_remembered(hooks, receiver, change, monkeypatch):
    monkeypatch.setattr("modelmeta.webhooks.book._KEPT", {"delivered": 2, "dead": 1})
    hook = hooks.add(receiver.url)
    revisions = [change(rocket=price) for price in (3, 4, 5, 6)]

    hooks.deliver()

    assert revisions[:1:-1] == [delivery.revision for delivery in hooks.deliveries(hook.id)]


def test_a_test_message_is_sent_at_once_and_kept_nowhere(hooks, receiver):
    hook = hooks.add(receiver.url)
    hooks.pause(hook.id)

    assert (204, None) == (hooks.test(hook.id).status, hooks.test(hook.id).error)

    assert "webhook.test" == receiver.messages()[0]["type"]
    assert receiver.messages()[0] == Webhook(hook.secret).verify(receiver.got[0][1], receiver.got[0][0])
    assert 2 == len({*receiver.ids()})
    assert () == hooks.deliveries(hook.id)


REFRESH = """
import os, signal, sys
from modelmeta import Registry
from modelmeta.webhooks import Webhooks
store, source, deliver = sys.argv[1:]
registry = Registry(store=store, source=source)
registry.refresh(accept=True)
if deliver == "deliver":
    Webhooks(registry, allow_private=True).deliver()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def child(tmp_path):
    """Return what begins a process that refreshes, and is killed or waits to be."""
    started = []

    def begin(deliver):
        command = [sys.executable, "-c", REFRESH, f"sqlite:///{tmp_path}/catalog.db", tmp_path / "api.json", deliver]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_a_process_that_is_killed_after_a_commit_loses_no_message(hooks, receiver, publish, child):
    hooks.add(receiver.url)
    publish(rocket=3)

    assert -signal.SIGKILL == child("no").wait(60)
    hooks.deliver()

    assert [2] == [told["before"] for message in receiver.messages() for told in message["data"]["changes"]]


def test_a_process_that_is_killed_while_it_sends_is_replaced_after_a_minute(hooks, receiver, publish, child, clock):
    hooks.add(receiver.url)
    publish(rocket=3)
    receiver.may_answer.clear()
    process = child("deliver")
    assert receiver.came.wait(60)
    process.kill()
    process.wait()
    receiver.may_answer.set()

    assert () == hooks.deliver()
    clock.advance(timedelta(minutes=2))
    (delivery,) = hooks.deliver()

    assert ("delivered", 2) == (delivery.state, delivery.attempts)
    assert 1 == len({*receiver.ids()})


def test_two_deliverers_over_one_store_tell_everything_once(tmp_path, hooks, receiver, change):
    for _ in range(3):
        hooks.add(receiver.url)
    for price in range(3, 11):
        change(rocket=price)
    together = Barrier(2)

    def run():
        with Registry(store=f"sqlite:///{tmp_path}/catalog.db") as registry:
            mine = Webhooks(registry, allow_private=True)
            together.wait(30)
            for _ in range(4):
                mine.deliver()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 24 == len(receiver.ids()) == len({*receiver.ids()})


def test_no_secret_is_shown_or_logged(hooks, receiver, change, caplog):
    caplog.set_level(logging.DEBUG)
    hook = hooks.add(receiver.url + "?key=in-the-address")
    change(rocket=3)
    receiver.answers = [(500,)]
    said = [repr(hook), repr(hooks.all()), repr(hooks.deliver()), repr(hooks.test(hook.id)), repr(hooks.deliveries(hook.id)), caplog.text]

    assert [] == [text for text in said if hook.secret in text or hook.secret.removeprefix("whsec_") in text or "in-the-address" in text]
    assert "secret" not in hook.to_dict()
