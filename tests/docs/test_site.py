"""The documentation as a reader meets it: built, complete, and looked at in a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sphinx.util.inventory import InventoryFile

PUBLIC = [
    "modelmeta",
    "modelmeta.exports",
    *(f"modelmeta.integrations.{name}" for name in ("genai_prices", "langchain", "litellm", "pydantic_ai")),
    "modelmeta.mcp",
    "modelmeta.metrics",
    "modelmeta.records",
    "modelmeta.server.app",
    "modelmeta.server.router",
    "modelmeta.stores.by_url",
    *(f"modelmeta.stores.{name}" for name in ("memory", "postgres", "redis", "sqlite")),
    "modelmeta.testing",
    "modelmeta.webhooks",
]
"""The modules whose names users import."""

AT_THE_TOP = dict.fromkeys(("modelmeta.records", "modelmeta.stores.memory"), "modelmeta")
"""Modules all of whose names are importable from another one, and documented there."""


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    """The folder of the built site, and what Sphinx had to say."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-d", str(folder / "doctrees"), str(root / "docs"), str(folder / "html")]
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}  # measured, it takes twice as long
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return folder / "html", result.stdout + result.stderr


@pytest.fixture(scope="module")
def address(built):
    """Where the built site is served."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=built[0])) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def look(browser, address):
    """Return what opens a page of the site; nothing may go wrong in it, and nothing be asked of anybody else."""
    wrong = []

    def open_page(path, *, width=1280, scheme="light"):
        page = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((address, "data:")) else wrong.append(request.url))
        page.on("response", lambda answer: None if answer.status < 400 else wrong.append(f"{answer.status} {answer.url}"))
        page.goto(address + path)
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert wrong == []


def test_sphinx_has_nothing_to_complain_of(built):
    """A page in no toctree, a link or an anchor that leads nowhere, and a name that is not there are warnings."""
    assert "" == built[1]


def test_every_public_name_has_its_entry(built):
    inventory = InventoryFile.loads((built[0] / "objects.inv").read_bytes(), uri="").data
    documented = {name for kind, entries in inventory.items() if kind.startswith("py:") for name in entries}
    public = {f"{AT_THE_TOP.get(module, module)}.{name}" for module in PUBLIC for name in import_module(module).__all__}
    assert set() == public - documented


def test_every_module_that_the_docs_import_from_is_public(root):
    paths = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "examples").rglob("*.py")]
    imports = {
        name for path in paths for name in re.findall(r"^[>. ]*from (modelmeta(?:\.[a-z]\w*)*) import", path.read_text(), re.MULTILINE)
    }
    assert set() == imports - {*PUBLIC}


def test_every_how_to_is_reached_from_the_index_of_how_tos(built, root):
    index = (built[0] / "howto" / "index.html").read_text()
    main = index[index.index("<article") : index.index("</article>")]
    pages = {str(path.relative_to(root / "docs" / "howto").with_suffix(".html")) for path in (root / "docs" / "howto").rglob("*.md")}
    assert {"index.html"} == pages - set(re.findall(r'href="([^"#]+)"', main))


def test_a_search_finds_the_how_to(look):
    page = look("index.html")
    page.get_by_role("textbox", name="Search").fill("overlay")
    page.keyboard.press("Enter")

    results = page.locator("ul.search")
    expect(results.get_by_role("link", name="Say what models.dev does not", exact=True)).to_be_visible()
    results.get_by_role("link", name="Say what models.dev does not", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Say what models.dev does not")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["index.html", "performance.html", "reference/api/registry.html", "explanation/rooms.html"])
def test_no_page_scrolls_sideways(look, path, width):
    page = look(path, width=width)
    assert width == page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["index.html", "explanation/refreshing.html"])
def test_axe_finds_nothing_serious(look, path, scheme):
    found = Axe().run(look(path, scheme=scheme)).response["violations"]
    assert [] == [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in {"serious", "critical"}]
