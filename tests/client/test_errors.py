"""Errors: whatever httpx raises is one of ours, and the builtin it claims to be."""

from __future__ import annotations

import builtins
import inspect

import httpx
import pytest

from modelmeta import ConnectFailedError, ContentError, DeadlineError, FetchError, ModelMetaError, StatusError
from modelmeta.client.body import HTTPX_ERRORS, UNUSABLE, error_of

URL = "https://models.test/api.json"
EXPECTED = {
    "ConnectTimeout": DeadlineError,
    "PoolTimeout": DeadlineError,
    "ReadTimeout": DeadlineError,
    "TimeoutException": DeadlineError,
    "WriteTimeout": DeadlineError,
    "CloseError": ConnectFailedError,
    "ConnectError": ConnectFailedError,
    "NetworkError": ConnectFailedError,
    "ProxyError": ConnectFailedError,
    "ReadError": ConnectFailedError,
    "RemoteProtocolError": ConnectFailedError,
    "WriteError": ConnectFailedError,
    "DecodingError": ContentError,
}
"""What each is to us; any other is a ``FetchError``."""


def descendants(cls: type) -> set[type]:
    return {cls}.union(*map(descendants, cls.__subclasses__()))


PUBLIC = [getattr(httpx, name) for name in httpx.__all__]
ERRORS = sorted(
    {
        error
        for cls in PUBLIC
        if inspect.isclass(cls) and issubclass(cls, Exception)
        for error in descendants(cls)
        if error.__module__.startswith("httpx")
    },
    key=lambda cls: cls.__name__,
)


def raised(cls: type[Exception]) -> Exception:
    """Return one of *cls*, which says "broke"; some say what they always say."""
    names = [name for name in inspect.signature(cls).parameters if name != "self"]
    return cls(**{name: "broke" if name == "message" else None for name in names})


def test_httpx_has_all_these_errors_and_no_unknown_one_is_missed():
    assert len(ERRORS) >= 28
    assert {cls.__name__ for cls in ERRORS} >= EXPECTED.keys()


@pytest.mark.parametrize("cls", ERRORS, ids=lambda cls: cls.__name__)
def test_whatever_httpx_raises_is_caught_and_becomes_ours(cls):
    error = raised(cls)
    ours = error_of(error, URL)

    assert issubclass(cls, HTTPX_ERRORS)
    assert EXPECTED.get(cls.__name__, FetchError) is type(ours)
    assert str(ours).startswith(f"{URL} ")
    assert f"({cls.__name__}" in str(ours)
    assert str(error) in str(ours)
    assert ours.url == URL


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [(FetchError, OSError), (ConnectFailedError, ConnectionError), (ContentError, ValueError), (DeadlineError, TimeoutError)],
)
def test_what_it_becomes_is_the_builtin_people_catch(cls, builtin):
    assert getattr(builtins, builtin.__name__) is builtin
    assert issubclass(cls, (builtin, ModelMetaError))
    assert issubclass(cls, builtin)
    assert issubclass(cls, FetchError)
    assert issubclass(cls, RuntimeError)


def test_an_error_that_says_nothing_is_named_without_a_colon():
    assert str(error_of(httpx.ReadTimeout(""), URL)) == f"{URL} did not answer in time (ReadTimeout)"


@pytest.mark.parametrize(("error", "expected"), [(UnicodeError("a..b"), ConnectFailedError), (FileNotFoundError("x.pem"), FetchError)])
def test_what_python_raises_beneath_httpx_becomes_ours_too(error, expected):
    assert isinstance(error, UNUSABLE)
    assert type(error_of(error, URL)) is expected


def test_no_error_of_ours_is_taken_for_one_of_httpx():
    ours = [FetchError, ConnectFailedError, ContentError, DeadlineError, StatusError]
    assert not any(issubclass(cls, HTTPX_ERRORS) for cls in ours)
    assert set(HTTPX_ERRORS) < set(UNUSABLE)
