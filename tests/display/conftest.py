"""Hostile facts."""

from __future__ import annotations

import pytest

from modelmeta import load_catalog

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></tr></table></div><h1>out</h1>",
    "</style><script>alert(1)</script>",
    "<!-- &amp; &lt;b&gt; &#60;b&#62; -->",
    "one\ntwo\r\nthree\ttab\u2028line\x85next",
    "\x1b[2J\x1b]0;title\x07\x9b31m\x00\x7f",
    "\u202egnp.exe\u2066\u200f",
    "[bold red]loud[/bold red] [link=http://x]y[/link] :smile:",
    "half \ud800 a character",
    "{} {0} %s {{7*7}}",
]


@pytest.fixture(params=HOSTILE, ids=ascii)
def hostile(request) -> str:
    """A text that would rather be something else."""
    return request.param


@pytest.fixture
def catalog_of(hostile):
    """A catalog of two models that say the hostile text wherever text is said."""
    facts = {
        "name": hostile,
        "family": hostile,
        "status": hostile,
        "type": hostile,
        "release_date": hostile,
        "modalities": {"input": [hostile], "output": [hostile]},
        "cost": {"input": 1, "output": 2},
        "reasoning_options": [{"type": hostile, "values": [hostile, None]}, {"type": "budget_tokens", "min": -1, "max": 32_000}],
        "experimental": {"modes": {hostile: {"cost": {"input": 3, "output": 4}}}},
        hostile: {hostile: [hostile]},
    }
    return load_catalog({"lab": {"name": hostile, "models": {f"a{hostile}": facts, f"b{hostile}": {**facts, "cost": {"input": 2}}}}})
