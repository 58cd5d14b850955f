"""What may be used: rules that allow, and rules that deny."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ...errors import PolicyError
from ...records.frozen import FrozenDict
from ...records.problem import Mistakes
from ..nearest import meant
from ..query import Query
from .rule import AnyRule, Rule, read_rule

if TYPE_CHECKING:
    import os

    from ...records.problem import Problem
    from ..reading import Reading

__all__ = ["AnyRules", "Policy"]

AnyRules: TypeAlias = "AnyRule | Collection[AnyRule]"
"""One rule, or several."""

_PARTS = ("allow", "deny")


@attrs.frozen(init=False)
class Policy:
    """Which models may be used: those that a rule of *allow* is about and none of *deny*. Whatever both are about is denied.

    Without *allow* (None) everything is allowed that nothing denies; an empty one allows nothing. What is not known to be as a rule of *allow*
    asks is not allowed by it; what is not known to be as a rule of *deny* asks is not denied by it, unless that says ``unknown="include"``.

    >>> policy = Policy(allow=["anthropic/*", {"provider": "openai", "max_output_cost": 20}], deny={"status": "deprecated"})
    >>> policy.deny
    (Rule(status={'deprecated'}),)

    Args:
        allow: rules, each a :class:`Rule`, a :class:`Query`, a pattern, or a mapping of what a :class:`Rule` takes, patterns under ``model``.
        deny: likewise.

    Raises:
        PolicyError: something in it cannot be; ``.problems`` lists everything, each with its path and the nearest valid name.
    """

    allow: tuple[Rule, ...] | None
    deny: tuple[Rule, ...]

    def __init__(self, *, allow: AnyRules | None = None, deny: AnyRules = ()) -> None:
        mistakes = Mistakes("the policy", PolicyError)
        read = _policy({"deny": deny, **({} if allow is None else {"allow": allow})}, (), mistakes)
        mistakes.tell()
        self.__attrs_init__(*read)  # pyright: ignore[reportAttributeAccessIssue]  # attrs makes it

    @property
    def says_nothing(self) -> bool:
        """Whether everything is allowed."""
        return self.allow is None and not self.deny

    def doubts(self, catalog: Reading) -> tuple[Problem, ...]:
        """Return the words of the rules that mean nothing in *catalog*, each with its path and the nearest that does.

        They may be mistakes, or names that are not there yet, or no longer: a rule that means nothing allows nothing, and denies nothing.

        >>> from modelmeta import Registry
        >>> print(*Policy(deny=["*:free", {"provider": "opnai"}]).doubts(Registry()))
        $.deny[1].provider: nothing in this catalog is called 'opnai'; did you mean openai?
        """
        from .judging import Judge  # noqa: PLC0415  # a policy is a value; this alone of it asks a catalog

        return Judge(catalog.catalog, self).doubts()

    @classmethod
    def profiles(cls, source: Mapping[str, Any] | str | os.PathLike[str]) -> FrozenDict[str, Policy]:
        """Return the policies that *source* says, by name: a mapping of their ``allow`` and ``deny``, or the path of a TOML file of such tables.

        >>> profiles = Policy.profiles({"prod": {"allow": ["anthropic/*"]}, "dev": {"deny": ["*:free"]}})
        >>> profiles["dev"].deny
        (Rule('*:free'),)

        Raises:
            PolicyError: something in any of them cannot be.
            SourceError: the file cannot be read; ``SourceNotFoundError`` when there is none.
        """
        mistakes = Mistakes("the set of profiles", PolicyError)
        policies = {name: _profile(name, raw, mistakes) for name, raw in _tree(source, mistakes).items()}
        mistakes.tell()
        return FrozenDict(policies)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, profile: str | None = None) -> Policy:
        """Return the policy of a TOML file, its top-level ``allow`` and ``deny``; or the one of its profiles that is called *profile*.

        Raises:
            PolicyError: something in the file cannot be, or it has no such profile.
            SourceError: it cannot be read; ``SourceNotFoundError`` when there is none.
        """
        if profile is None:
            mistakes = Mistakes("the policy", PolicyError)
            read = _policy(_tree(path, mistakes), (), mistakes)
            mistakes.tell()
            return cls(allow=read[0], deny=read[1])
        policies = cls.profiles(path)
        if profile in policies:
            return policies[profile]
        message = f"{str(path)!r} has no profile {profile!r}{meant(profile, policies)}"
        raise PolicyError(message)


def _tree(source: Mapping[str, Any] | str | os.PathLike[str], mistakes: Mistakes) -> Mapping[str, Any]:
    if isinstance(source, Mapping):
        return source
    from .written import read_toml  # noqa: PLC0415  # a policy that is given needs no file

    return read_toml(source, mistakes)


def _profile(name: object, raw: object, mistakes: Mistakes) -> Policy:
    """Return the policy that is called *name*; one that says nothing where that has mistakes."""
    if isinstance(raw, Policy):
        return raw
    if not isinstance(name, str) or not name or not isinstance(raw, Mapping):
        mistakes.wrong((str(name),), f"a profile is a name and a table of allow and deny, not {raw!r:.80}", raw)
        return Policy()
    allow, deny = _policy(raw, (name,), mistakes)
    return Policy(allow=allow, deny=deny)


def _policy(raw: Mapping[Any, Any], keys: tuple[str | int, ...], mistakes: Mistakes) -> tuple[tuple[Rule, ...] | None, tuple[Rule, ...]]:
    """Return the rules of ``allow`` and ``deny`` in *raw*, without those that have mistakes."""
    for part in [part for part in raw if part not in _PARTS]:
        end = (
            f"; a profile is loaded by its name, as in profile={part!r}"
            if isinstance(raw[part], Mapping) and not keys
            else meant(part, _PARTS)
        )
        mistakes.wrong((*keys, str(part)), f"a policy says allow and deny, nothing called {part!r}{end}", raw[part])
    allow, deny = (_rules(raw[part], (*keys, part), mistakes) if part in raw else None for part in _PARTS)
    return allow, deny or ()


def _rules(raw: Any, keys: tuple[str | int, ...], mistakes: Mistakes) -> tuple[Rule, ...]:
    if isinstance(raw, (Rule, Query, str, Mapping)) or not isinstance(raw, Collection):
        raw = (raw,)
    rules = [read_rule(each, (*keys, place), mistakes) for place, each in enumerate(raw)]
    return tuple(rule for rule in rules if rule is not None)
