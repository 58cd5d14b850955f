"""Servers to look at with a browser: one with everything, one with a past and models that mean harm."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urljoin

import pytest
import uvicorn

from modelmeta import Registry
from modelmeta.server.app import create_app
from modelmeta.testing import FakeModelsDev

LONG = "long " * 2_000


@contextmanager
def served(app):
    """Serve *app* on a free port and give its address; who asks before it runs waits in the queue of its socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def serve():
    """Return what serves an app while a with statement lasts."""
    return served


@pytest.fixture(scope="module")
def full():
    """The address of a server of the bundled catalog."""
    with served(create_app(Registry())) as url:
        yield url


@pytest.fixture(scope="module")
def small():
    """The address of a server of a few models of one provider, whose price changed twice."""
    document = json.loads(Path(__file__).with_name("small.json").read_text())
    models = document["acme"]["models"]
    models["long"] = {"name": LONG, "family": LONG}
    with FakeModelsDev(document) as upstream:
        registry = Registry(source=upstream.url)
        for price in (1, 1.5, 0.5):
            models["plain"]["cost"]["input"] = price
            upstream.serve(document)
            registry.refresh(accept=True)
        with served(create_app(registry)) as url:
            yield url


@pytest.fixture
def look(browser):
    """Return what opens the page; in the end nothing may have gone wrong in it, and nothing may have been asked of anybody else."""
    wrong = []

    def open_page(url, asked="", *, width=1360, scheme="light"):
        page = browser.new_context(viewport={"width": width, "height": 760}, color_scheme=scheme).new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("console", lambda line: None if line.text.startswith("Failed to load resource") else wrong.append(line.text))
        page.on("request", lambda request: None if request.url.startswith(url) else wrong.append(request.url))
        page.on(
            "response",
            lambda answer: None if answer.status < 400 or "/api/v1/" in answer.url else wrong.append(f"{answer.status} {answer.url}"),
        )
        page.goto(urljoin(url, asked))
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert wrong == []
