"""What a source is, and what it gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

from modelmeta.sources.source import AsyncSource, Fetched, Source

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Attribute:
    """A source whose name is an attribute."""

    name = "a"

    def fetch(self, _validator):
        """Give nothing."""
        return


class Property:
    """A source whose name is a property."""

    @property
    def name(self):
        """The name."""
        return "b"

    def fetch(self, _validator):
        """Give nothing."""
        return


class Awaited:
    """A source that is awaited."""

    name = "c"

    async def afetch(self, _validator):
        """Give nothing."""
        return


class Nameless:
    """No source: it has no name."""

    def fetch(self, _validator):
        """Give nothing."""
        return


def test_a_source_has_a_name_and_fetches():
    kinds = [(isinstance(thing, Source), isinstance(thing, AsyncSource)) for thing in (Attribute(), Property(), Awaited(), Nameless(), 5)]
    assert kinds == [(True, False), (True, False), (False, True), (False, False), (False, False)]


def test_what_was_fetched_needs_nothing_but_data():
    fetched = Fetched(b"{}")
    assert (fetched.data, fetched.validator, fetched.fetched_at) == (b"{}", None, None)


@pytest.mark.parametrize("told", [NOON, NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=-7)))], ids=repr)
def test_a_time_is_kept_in_utc_whether_or_not_it_says_so(told):
    fetched = Fetched(b"{}", fetched_at=told)
    assert (fetched.fetched_at, fetched.fetched_at.utcoffset()) == (NOON, timedelta())


def test_what_was_fetched_does_not_change_and_does_not_print_its_data():
    fetched = Fetched(b"x" * 1_000_000, "v1", NOON)
    assert len(repr(fetched)) < 200
    assert fetched == Fetched(b"x" * 1_000_000, "v1", NOON)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        fetched.data = b""
