"""Logos, in threads and in tasks: an SVG or an error."""

from __future__ import annotations

import pytest

from modelmeta import ContentError, InvalidRefError, StatusError
from modelmeta.testing import Fault


@pytest.mark.parametrize(
    ("provider", "path"),
    [("acme", "/logos/acme.svg"), ("wafer.ai", "/logos/wafer.ai.svg"), ("a/b?c#d é", "/logos/a%2Fb%3Fc%23d%20%C3%A9.svg")],
)
def test_a_logo_is_asked_for_by_an_id_of_any_letters(asking, server, provider, path):
    server.serve({provider: {"id": provider, "name": "P", "models": {}}})
    assert f"<title>{provider}</title>".encode() in asking.logo(provider)
    assert [path] == [request.path for request in server.requests]


def test_a_logo_that_nobody_drew_is_what_upstream_has_instead(asking):
    assert b"<title>default</title>" in asking.logo("nobody")
    assert b"<title>default</title>" in asking.logo("\ud800")


@pytest.mark.parametrize("fault", [Fault.html(), Fault.body(b"<svg/>"), Fault.body(b"GIF89a", content_type="image/gif")], ids=repr)
def test_a_logo_of_another_kind_is_refused(asking, server, fault):
    server.fail(fault)
    with pytest.raises(ContentError, match=r"not image/svg\+xml"):
        asking.logo("acme")


def test_a_logo_that_is_elsewhere_is_not_followed(asking, server):
    server.fail(Fault.redirect("/"))
    with pytest.raises(StatusError, match="redirects are not followed"):
        asking.logo("acme")


@pytest.mark.parametrize("value", ["", None, 1, b"acme"])
def test_a_logo_is_that_of_a_provider_with_an_id(asking, server, value):
    with pytest.raises(InvalidRefError, match="a provider id is text like 'openai'"):
        asking.logo(value)
    assert server.requests == []
