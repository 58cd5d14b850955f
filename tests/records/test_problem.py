"""Where problems are, and how many of them are told."""

from __future__ import annotations

import pytest

from modelmeta.errors import OverlayError, PolicyError
from modelmeta.records.problem import Mistakes, json_path


@pytest.mark.parametrize("error", [OverlayError, PolicyError])
def test_of_very_many_mistakes_the_first_are_shown_and_all_are_kept(error):
    mistakes = Mistakes("it", error)
    for number in range(60):
        mistakes.wrong((number,), "is wrong", number)
    with pytest.raises(error, match=r"^it has 60 mistakes:\n  \$\[0\]: is wrong") as caught:
        mistakes.tell()
    assert str(caught.value).endswith("  $[49]: is wrong\n  and 10 more")
    assert [problem.raw for problem in caught.value.problems] == list(range(60))


def test_without_mistakes_nothing_is_told():
    assert Mistakes("it", PolicyError).tell() is None


def test_a_path_names_keys_and_places():
    assert json_path("a", 0, "b c", "é") == "$.a[0]['b c']['é']"
