"""A result that is a tuple, and shows itself."""

from __future__ import annotations

from modelmeta.display.sheet import SHOWN, Sheet, part_of
from modelmeta.display.tuples import ShownTuple


class _Numbers(ShownTuple[int]):
    __slots__ = ()

    def sheet(self, *, most=SHOWN):
        rows = [[str(number)] for number in self[:most]]
        return Sheet(header=["number"], rows=rows, notes=part_of(len(rows), len(self), "numbers"))


def test_a_slice_of_a_result_shows_itself_too_and_a_place_is_what_stands_there():
    numbers = _Numbers(range(3))

    assert (numbers[0], numbers[-1]) == (0, 2)
    assert type(numbers[1:]) is _Numbers
    assert numbers[1:] == (1, 2)
    assert numbers == (0, 1, 2)


def test_a_long_result_shows_how_it_begins_and_prints_whole():
    numbers = _Numbers(range(2_000))

    assert numbers.sheet().notes == ["30 of 2,000 numbers"]
    assert [len(numbers.sheet(most=most).rows) for most in (5, None)] == [5, 2_000]
    assert str(numbers) == str(numbers.sheet(most=None))
    assert numbers.sheet(most=None).notes == []
