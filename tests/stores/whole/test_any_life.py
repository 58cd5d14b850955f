"""Any life of a registry that shares its store with another: all it answers is as plain dicts say.

``MODELMETA_LIVES=300`` lives so many on each store, and longer ones, instead of a few.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import chain, count, pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from modelmeta import Policy, RefreshError, Registry, RevisionNotFoundError, dump_catalog, load_catalog
from modelmeta.testing import FakeClock, FakeModelsDev, Fault, repriced, shrunk

LIVES = int(os.environ.get("MODELMETA_LIVES", "2"))
STEPS = 15 if LIVES < 10 else 40
ALL = settings(
    max_examples=LIVES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
REFS = [f"p{provider}/m{model}" for provider in range(5) for model in range(4)]
NOTHING = {"models": {}, "providers": {}}
FAULTS = [Fault.status(503), Fault.html(), Fault.truncated(), Fault.short(), Fault.drop(), Fault.redirect(), Fault.body(b"[1]")]
POLICIES = [
    (None, lambda _ref, _price: True),
    (Policy(deny={"provider": "p1"}), lambda ref, _price: not ref.startswith("p1/")),
    (Policy(allow={"max_input_cost": 2}), lambda _ref, price: price <= 2),
]
"""Each with what it lets through."""


def document(edits):
    """Return a document of twenty models, of which some cost something else than the others, or (None) are missing."""
    providers = {f"p{number}": {"name": f"P{number}", "models": {}} for number in range(5)}
    for ref in REFS:
        price, (provider, _, model) = edits.get(ref, 1), ref.partition("/")
        if price is not None:
            providers[provider]["models"][model] = {"cost": {"input": price}}
    return {"models": {}, "providers": providers}


EDITS = st.dictionaries(st.sampled_from(REFS), st.sampled_from([2, 3, None]), max_size=4)
SOUND = st.builds(document, EDITS)
DAMAGED = st.builds(lambda sound, damage: damage(sound), SOUND, st.sampled_from([repriced, lambda sound: shrunk(sound, 2)]))
WHO = st.sampled_from(["ours", "theirs"])


def prices(tree):
    """Return what each model of a document costs."""
    return {
        f"{key}/{name}": row["cost"]["input"] for key, provider in tree["providers"].items() for name, row in provider["models"].items()
    }


def is_broken(old, new):
    """Return whether a document looks broken beside the one before."""
    before, after = prices(old), prices(new)
    sellers, left = ({ref.partition("/")[0] for ref in each} for each in (before, after))
    both = before.keys() & after.keys()
    far = [ref for ref in both if not before[ref] / 100 < after[ref] < before[ref] * 100]
    return len(before.keys() - after) > len(before) / 2 or len(sellers - left) > len(sellers) / 4 or len(far) > len(both) / 20


def told(old, new):
    """Return what a history tells of two revisions in a row, in order."""
    before, after = prices(old.document), prices(new.document)
    happened = {ref: "added" if ref not in before else "removed" if ref not in after else "price" for ref in before | after}
    return [(new.number, ref, kind) for ref, kind in sorted(happened.items()) if before.get(ref) != after.get(ref)]


def as_overlay(name, said):
    """Return the overlay that says what models cost."""
    models = {ref: {"cost": {"input": price}} for ref, price in said.items()}
    return {"name": name, "providers": {ref.partition("/")[0]: {} for ref in said}, "models": models}


class Kept(NamedTuple):
    """A revision, as the model knows it: nothing is before the first."""

    number: int = 0
    document: dict = NOTHING
    at: float = 0


def costs(catalog):
    """Return what each model of a catalog costs."""
    return {str(model.ref): model.cost.input for model in catalog}


class Crash(BaseException):
    """The end of a process, as far as one can tell that goes on."""


class Life(RuleBasedStateMachine):
    """Two registries over one store, and what they should say. ``ours`` has overlays and a policy, ``theirs`` may be another process."""

    def __init__(self, open_store, name, *, lasts):
        super().__init__()
        self.open_store, self.name, self.lasts = open_store, name, lasts
        self.clock, self.upstream = FakeClock(), FakeModelsDev(document({})).start()
        self.published = document({})
        self.revisions, self.first, self.held, self.outcome = [], 1, None, None
        self.overlays, (self.policy, self.permits) = {}, POLICIES[0]
        self.opened = {}
        for who in ("ours", "theirs"):
            self.open(who)

    def open(self, who):
        """Open one of the two anew, as a process would that begins."""
        with ExitStack() as stack:
            store = stack.enter_context(closing(self.open_store(self.name)))
            laid = {"overlays": [*map(as_overlay, self.overlays, self.overlays.values())], "policy": self.policy} if who == "ours" else {}
            registry = stack.enter_context(Registry(store=store, source=self.upstream.url, clock=self.clock, max_retries=0, **laid))
            self.opened[who] = registry, store, stack.pop_all()

    def shut(self, who):
        """Close one of the two."""
        self.opened[who][2].close()

    def begin(self, who):
        """Return the registry of one of the two, a moment later than anything before: runs are in the order of their times."""
        self.clock.advance(timedelta(microseconds=1))
        return self.opened[who][0]

    @property
    def newest(self):
        """The document of the newest revision."""
        return self.revisions[-1].document if self.revisions else None

    def commit(self, new):
        """Take over *new*."""
        self.revisions.append(Kept(len(self.revisions) + 1, new, self.clock.time()))
        self.held, self.outcome = None, "updated"

    def expect(self, *, accepted=False):
        """Do as a refresh does that finds what is published."""
        if self.published == self.newest:
            self.held, self.outcome = None, "unchanged"
        elif self.newest is not None and not accepted and is_broken(self.newest, self.published):
            self.held, self.outcome = self.published, "held"
        else:
            self.commit(self.published)

    def publish(self, new):
        """Let upstream say this."""
        self.upstream.serve(new)
        self.published = new

    @rule(who=WHO, force=st.booleans())
    def refresh(self, who, *, force):
        """Ask upstream, which answers."""
        registry = self.begin(who)
        self.expect()
        assert self.outcome == registry.refresh(force=force).status

    @rule(who=WHO, new=SOUND, hours=st.floats(0.01, 48))
    def refresh_to_another(self, who, new, hours):
        """Ask upstream, which says something else some hours later."""
        self.clock.advance(timedelta(hours=hours))
        self.publish(new)
        self.refresh(who, force=False)

    @rule(who=WHO, new=DAMAGED)
    def refresh_to_damaged(self, who, new):
        """Ask upstream, which has what looks broken."""
        self.publish(new)
        self.refresh(who, force=False)

    @precondition(lambda self: self.revisions)
    @rule(who=WHO, place=st.integers(-3, -1))
    def refresh_back(self, who, place):
        """Ask upstream, which says again what is read, or what was read before that."""
        self.publish(self.revisions[place:][0].document)
        self.refresh(who, force=False)

    @rule(who=WHO, fault=st.sampled_from(FAULTS))
    def refresh_in_vain(self, who, fault):
        """Ask upstream, which fails."""
        self.upstream.fail(fault)
        with pytest.raises(RefreshError):
            self.begin(who).refresh(force=True)
        self.upstream.heal()
        self.outcome = "failed"

    @rule(who=WHO)
    def accept(self, who):
        """Take what is held, or what is published, whatever it looks like."""
        registry = self.begin(who)
        if self.held is None:
            self.expect(accepted=True)
        else:
            self.commit(self.held)
        assert self.outcome == registry.refresh(accept=True).status

    @rule(who=WHO)
    def accept_by_name(self, who):
        """Take what is held, by its id; where nothing is, there is no such thing."""
        registry = self.begin(who)
        if self.held is None:
            with pytest.raises(RefreshError, match="is held"):
                registry.refresh(accept="9-0123456789ab")
            self.outcome = "failed"
        else:
            self.commit(self.held)
            registry.refresh(accept=self.opened[who][1].held()[0].id)

    @precondition(lambda self: self.lasts)
    @rule(who=WHO, after=st.booleans(), new=SOUND)
    def crash(self, who, new, *, after):
        """End in the middle of a commit, before it counts or after."""
        self.publish(new)
        registry, store = self.begin(who), self.opened[who][1]
        kept, before = store.commit, ([*self.revisions], self.held)

        def end(*_):
            raise Crash

        def commit(*args, **options):
            if after:
                assert kept(*args, **options)
            store.record = store.release = end
            raise Crash

        store.commit = commit
        self.expect()
        if self.outcome == "updated":
            with pytest.raises(Crash):
                registry.refresh()
            self.outcome = "crashed"
            if not after:
                self.revisions, self.held = before
        else:
            registry.refresh()
        for patched in ("commit", "record", "release"):
            vars(store).pop(patched, None)
        self.shut(who)
        self.open(who)

    @rule(keep=st.integers(1, 4))
    def prune(self, keep):
        """Forget the older revisions."""
        first = max(self.first, len(self.revisions) - keep + 1)
        assert first - self.first == self.opened["theirs"][0].prune(keep=keep)
        if first > self.first:
            self.outcome = None  # the runs of before are forgotten too
        self.first = first

    @rule(name=st.sampled_from("ab"), said=st.dictionaries(st.sampled_from([*REFS, "p1/own", "own/own"]), st.integers(1, 9), max_size=1))
    def lay(self, name, said):
        """Say a price of our own, or take back what was said."""
        self.overlays[name] = said
        self.opened["ours"][0].overlay(as_overlay(name, said))

    @rule(policy=st.sampled_from(POLICIES))
    def reopen(self, policy):
        """Begin again, perhaps with another policy."""
        self.policy, self.permits = policy
        self.shut("ours")
        self.open("ours")

    @precondition(lambda self: self.revisions)
    @rule(who=WHO, place=st.integers(0, 30))
    def look_back(self, who, place):
        """Read a revision of before, by its id and by its time, or one that is no longer there."""
        registry, asked = self.opened[who][0], self.revisions[place % len(self.revisions)]
        then = datetime.fromtimestamp(asked.at, UTC)
        standing = [kept for kept in self.revisions if kept.at <= asked.at][-1]
        if standing.number < self.first:
            with pytest.raises(RevisionNotFoundError):
                registry.as_of(then)
        else:
            assert self.laid(who, standing.document) == costs(registry.as_of(then))
        if asked.number >= self.first:
            revision = registry.revisions()[asked.number - self.first]
            assert self.laid(who, asked.document) == costs(registry.as_of(revision.id))

    def laid(self, who, tree):
        """Return what each model costs, to one who reads *tree*: to us with our overlays and our policy."""
        laid = prices(tree)
        if who == "ours":
            for said in self.overlays.values():
                laid |= said
            laid = {ref: price for ref, price in laid.items() if self.permits(ref, price)}
        return laid

    @invariant()
    def both_answer_as_the_documents_say(self):
        """What is read, what was, what is held, and how it came to that."""
        for who, (registry, store, _) in self.opened.items():
            registry.hear()
            kept = registry.revisions()
            assert [*range(self.first, len(self.revisions) + 1)] == [revision.number for revision in kept]
            assert registry.status().revision == (kept[-1].id if kept else f"0-{registry.upstream.content.digest[:12]}")
            if kept:
                assert self.newest == dump_catalog(registry.upstream)
                assert self.laid(who, self.newest) == costs(registry.catalog)
            numbers = {revision.id: revision.number for revision in kept}
            history = [*chain.from_iterable(told(*each) for each in pairwise([Kept(), *self.revisions]))]
            since = 0 if self.first == 1 else self.first
            assert [change for change in history if change[0] > since] == [
                (numbers[change.revision], str(change.ref), change.kind) for change in registry.changes()
            ]
            held = store.held()
            assert self.held == (None if held is None else dump_catalog(load_catalog(held[1])))
            assert self.outcome in {None, *(run.outcome for run in registry.refreshes(limit=1))}

    def teardown(self):
        """Close everything."""
        for who in self.opened:
            self.shut(who)
        self.upstream.close()


@pytest.mark.timeout(300 + LIVES * 20)
def test_whatever_happens_two_registries_over_a_store_answer_as_plain_dicts_do(open_store, request):
    names, lasts = map("life_{}".format, count()), "memory" not in request.node.callspec.params.values()
    run_state_machine_as_test(lambda: Life(open_store, next(names), lasts=lasts), settings=ALL)
