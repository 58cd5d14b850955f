"""The error tree: as drawn, rooted, catchable as builtins, picklable."""

from __future__ import annotations

import builtins
import inspect
import pickle
import re

import pytest

from modelmeta import errors
from modelmeta.errors import ModelMetaError

CLASSES = [getattr(errors, name) for name in errors.__all__]


def drawn() -> dict[str, tuple[str, set[str]]]:
    """Return the tree of the docstring: each name's parent and the builtins in brackets."""
    tree, line_of_descent = {}, []
    for line in errors.__doc__.splitlines():
        match = re.match(r"^    ((?:│   |    |├── |└── )*)(\w+Error)(?: \((.*)\))?$", line)
        if match:
            depth = len(match[1]) // 4
            line_of_descent[depth:] = [match[2]]
            tree[match[2]] = (line_of_descent[depth - 1] if depth else "", set((match[3] or "").split(", ")) - {""})
    return tree


def test_the_docstring_draws_every_error():
    assert sorted(drawn()) == errors.__all__


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_stands_where_it_is_drawn(cls):
    parent, also = drawn()[cls.__name__]
    bases = {base.__name__ for base in cls.__bases__}
    assert bases == ({parent} if parent else {"Exception"}) | also


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if cls is not ModelMetaError], ids=lambda cls: cls.__name__)
def test_every_error_is_also_a_builtin_people_catch(cls):
    assert issubclass(cls, ModelMetaError)
    caught = [base for base in cls.__mro__ if base.__module__ == "builtins" and base not in {Exception, BaseException, object}]
    assert all(getattr(builtins, base.__name__) is base for base in caught)
    assert caught


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_pickles_with_all_it_says(cls):
    names = [] if cls is ModelMetaError else [name for name in inspect.signature(cls).parameters if name != "message"]
    error = cls("what was wrong", **dict.fromkeys(names, ("a", "b")))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert str(again) == "what was wrong"
    assert vars(again) == vars(error)
    assert set(names) <= vars(error).keys()


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_prints_its_message_without_quotes(cls):
    assert str(cls("no model is called 'x'")) == "no model is called 'x'"
