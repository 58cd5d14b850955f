"""JSON as text."""

from __future__ import annotations

from modelmeta.codec.json_text import Written, to_text


def test_what_is_written_becomes_a_part_of_something_larger_as_it_is():
    assert to_text({"models": [Written('{"b":1.50}'), "text"]}) == '{"models":[{"b":1.50},"text"]}'
