"""What a policy rules of the models of one catalog."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from ..._forks import unlocked_in_child
from ...records.problem import Problem, json_path
from ...records.refs import ModelRef
from ..nearest import meant
from .names import NameBook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ...records.lab import LabModel
    from ..catalog import Catalog
    from .policy import Policy
    from .rule import Rule

__all__ = ["Decision", "Judge", "decide", "lab_at"]


@attrs.frozen(kw_only=True)
class Decision:
    """What a policy rules of one model, and why; true where the model is allowed.

    ``rule`` is the one that decided, and ``place`` where it stands (``"deny[0]"``); both are None where no rule is about the model. ``reason`` is
    a sentence.
    """

    ref: ModelRef
    allowed: bool
    reason: str
    rule: Rule | None = None
    place: str | None = None

    def __bool__(self) -> bool:
        return self.allowed


@attrs.frozen
class _Ruled:
    """The rows that a rule is about, and those of which that is unknown."""

    rows: frozenset[int]
    unsure: frozenset[int]


@unlocked_in_child
class Judge:
    """A policy and the catalog of everything, of which it is asked."""

    def __init__(self, catalog: Catalog, policy: Policy) -> None:
        self.catalog = catalog
        self.policy = policy
        self._names = NameBook(catalog)
        self._known: dict[Rule, _Ruled] = {}

    @cached_property
    def rows(self) -> Sequence[int]:
        """The rows that are allowed, ascending."""
        every = range(len(self.catalog))
        allowed = {*every} if self.policy.allow is None else self._about(self.policy.allow)
        return sorted(allowed - self._about(self.policy.deny))

    def decide(self, ref: str | ModelRef) -> Decision:
        """Return what is ruled of the model called *ref*; see :func:`decide`."""
        model = self.catalog.get(ref)
        row, allow = self.catalog.rows[str(model.ref)], self.policy.allow
        for place, rule in enumerate(self.policy.deny):
            if row in self._ruled(rule).rows:
                return _decided(model.ref, rule, "deny", place)
        if allow is None:
            return Decision(ref=model.ref, allowed=True, reason="no rule denies it, and there is no list of what is allowed")
        for place, rule in enumerate(allow):
            if row in self._ruled(rule).rows:
                return _decided(model.ref, rule, "allow", place)
        reasons = ["no rule allows it" if allow else "the list of what is allowed is empty"]
        for place, rule in enumerate(allow):
            if row in self._ruled(rule).unsure:
                reasons.append(f"allow[{place}] ({rule}) asks for something that is unknown of it")
        return Decision(ref=model.ref, allowed=False, reason="; ".join(reasons))

    def doubts(self) -> tuple[Problem, ...]:
        """Return the words of the policy that mean nothing in this catalog, each with its path and the nearest that does."""
        lists = (("allow", self.policy.allow or ()), ("deny", self.policy.deny))
        return tuple(problem for part, rules in lists for place, rule in enumerate(rules) for problem in self._doubted((part, place), rule))

    def _doubted(self, keys: tuple[str | int, ...], rule: Rule) -> Iterator[Problem]:
        catalog = self.catalog
        for pattern in rule.models:
            if not self._names.meant(pattern):
                yield _doubt((*keys, "model"), pattern, self._names.names)
        known = {
            "provider": (rule.query.provider, catalog.sellers),
            "family": (rule.query.family, catalog.column("family").values),
            "canonical": (rule.query.canonical, catalog.column("canonical_model_id").values),
            "min_benchmark": (rule.query.min_benchmark, {result.name for lab in catalog.lab_models for result in lab.benchmarks}),
        }
        for name, (words, valid) in known.items():
            for word in sorted({*(words or ())} - {*valid}):
                yield _doubt((*keys, name), word, valid)
        licenses = {lab.license.casefold() for lab in catalog.lab_models if lab.license}
        for pattern in sorted(rule.license or ()):
            if not any(_fits(pattern, named) for named in licenses):
                yield _doubt((*keys, "license"), pattern, licenses)

    def _about(self, rules: Sequence[Rule]) -> set[int]:
        return {row for rule in rules for row in self._ruled(rule).rows}

    def _ruled(self, rule: Rule) -> _Ruled:
        ruled = self._known.get(rule)
        if ruled is None:
            ruled = self._known[rule] = self._judged(rule)
        return ruled

    def _judged(self, rule: Rule) -> _Ruled:
        matching = self.catalog.matching.matching
        sure, maybe = ({*matching(rule.query.refine(unknown=unknown))} for unknown in ("exclude", "include"))
        if rule.models:
            named = frozenset[int]().union(*map(self._names.meant, rule.models))
            sure, maybe = sure & named, maybe & named
        if rule.license is not None:
            licenses = self._licenses
            sure = {row for row in sure if _any_fits(rule.license, licenses[row])}
            maybe = {row for row in maybe if _any_fits(rule.license, licenses[row]) is not False}
        about = {"exclude": sure, "include": maybe, "only": maybe - sure}[rule.query.unknown]
        return _Ruled(frozenset(about), frozenset(maybe - sure - about))

    @cached_property
    def _licenses(self) -> list[str | None]:
        """The licence that its lab names, by row, whatever the capitals."""
        labs = (lab_at(self.catalog, row) for row in range(len(self.catalog)))
        return [lab.license.casefold() if lab and lab.license else None for lab in labs]


def decide(catalog: Catalog, policy: Policy, ref: str | ModelRef) -> Decision:
    """Return what *policy* rules of the model that *catalog*, of everything, calls *ref*, and the rule that decided.

    Raises:
        ModelNotFoundError: there is no such model.
        AmbiguousModelError: *ref* means several.
    """
    return Judge(catalog, policy).decide(ref)


def lab_at(catalog: Catalog, row: int) -> LabModel | None:
    """Return what the lab says of the model that *row* sells, however it is linked to it."""
    return catalog.labs.get(catalog.links.identities[row].canonical or "") or catalog.labs.get(catalog.content.refs[row])


def _decided(ref: ModelRef, rule: Rule, part: str, place: int) -> Decision:
    allowed = part == "allow"
    return Decision(ref=ref, allowed=allowed, rule=rule, place=f"{part}[{place}]", reason=f"{part}[{place}] is about it: {rule}")


def _doubt(keys: tuple[str | int, ...], word: str, valid: Collection[str]) -> Problem:
    return Problem(json_path(*keys), f"nothing in this catalog is called {word!r}{meant(word, valid)}", word, "odd")


def _any_fits(patterns: Collection[str], license: str | None) -> bool | None:
    return None if license is None else any(_fits(pattern, license) for pattern in patterns)


def _fits(pattern: str, license: str) -> bool:
    return re.match(translate(pattern), license) is not None
