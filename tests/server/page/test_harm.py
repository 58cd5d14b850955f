"""Models that mean harm, servers that fail, and pages that are not where they were."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.routing import Mount

from modelmeta import Registry
from modelmeta.server.app import create_app
from modelmeta.testing import FakeModelsDev

SCRIPT = "<script>alert(1)</script>"
IMAGE = "acme/<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("width", [1360, 360])
def test_names_that_are_markup_are_shown_as_they_are(look, small, width):
    page = look(small, width=width)
    page.get_by_role("link", name=SCRIPT).click()
    dialog = page.get_by_role("dialog", name=SCRIPT)

    expect(dialog.locator("code")).to_have_text(IMAGE)
    expect(dialog.get_by_role("cell", name="<b>bold</b>")).to_be_visible()
    page.keyboard.press("Escape")
    for ref in (IMAGE, "acme/long"):
        page.get_by_role("checkbox", name=f"Compare {ref}").check()
    page.get_by_role("button", name="Compare 2").click()
    expect(page.get_by_role("dialog", name="2 models").get_by_role("columnheader", name=IMAGE)).to_be_visible()
    assert 0 == page.locator("#body script, #body img, #dialog img, #facets b, #chosen img").count()
    assert width == page.evaluate("document.documentElement.scrollWidth")


MARKUP = "<img src=x onerror=alert(1)>"


def evil(word):
    """Return a document that says *word*, and means harm, in every text there is."""
    text = f"{word}{MARKUP}"
    lists, facts = {"input": [text], "output": [text]}, {"description": text, "knowledge": text, "release_date": text, "last_updated": text}
    cost = {"input": 1, "output": 2, text: 3}
    model = {"name": text, "family": text, "type": text, "status": text, "modalities": lists, "cost": cost, text: text, **facts}
    model |= {"provider": {"npm": text, "api": text, "shape": text}, "interleaved": {"field": text}, "limit": {"context": 10, text: 20}}
    model |= {"reasoning_options": [{"type": text, "values": [text]}], "experimental": {"modes": {text: {"cost": cost}}}}
    provider = {"name": text, "doc": text, "api": text, "npm": text, "env": [text], "models": {MARKUP: model, "other": {"name": text}}}
    labs = {f"lab/{MARKUP}": {"name": text, "benchmarks": [{"name": text, "score": 1, "metric": text, "source": text, "variant": text}]}}
    return {"models": labs, "providers": {MARKUP: provider}}


def test_no_text_of_a_document_becomes_a_part_of_the_page(look, serve):
    with FakeModelsDev(evil("before")) as upstream:
        registry = Registry(source=upstream.url)
        registry.refresh(accept=True)
        upstream.serve(evil("after"))
        registry.refresh(accept=True)
        refs = [str(model.ref) for model in registry.models()]
        with serve(create_app(registry)) as url:
            views = [
                {},
                {"view": "plot"},
                {"q": "after"},
                {"open": refs[0]},
                {"open": refs[1]},
                {"open": "compare", "ref": refs},
                {"open": MARKUP},
            ]
            for asked in views:
                page = look(url, f"?{urlencode(asked, doseq=True)}")
                if "open" in asked:
                    expect(page.get_by_role("dialog").locator("table, [role=alert]").first).to_be_visible()
                page.mouse.move(700, 450)  # over the list, or the plot
                assert MARKUP in page.evaluate("document.body.textContent")
                assert 0 == page.locator("body img, [onerror]").count()


def test_long_texts_are_clipped(look, small):
    page = look(small, "?ref=acme/long&ref=acme/plain&open=compare")
    expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()

    assert page.evaluate("document.body.textContent.length") < 10_000
    page.goto(f"{small}?open=acme/long")
    expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()
    assert page.evaluate("document.body.textContent.length") < 10_000


def test_text_that_runs_from_right_to_left_turns_nothing_beside_it_round(look, small):
    link = look(small).locator("#body tr:has-text('acme/rtl')").locator("a, .under")

    assert ["isolate", "isolate"] == link.evaluate_all("parts => parts.map(part => getComputedStyle(part).unicodeBidi)")


def test_a_script_that_got_in_would_not_be_run(browser, small):
    """The policy that the server sends forbids what is not a file of its own."""
    page = browser.new_context().new_page()
    page.goto(small)
    page.evaluate(INSERT, "window.ran = 1")

    assert page.evaluate("window.ran") is None
    assert page.evaluate(REFUSED) == "script-src-elem"
    page.context.close()


INSERT = """text => {
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => { window.refused = effectiveDirective; });
  const script = document.createElement("script");
  script.textContent = text;
  document.body.append(script);
}"""
REFUSED = """() => new Promise((resolve) => {
  const look = () => window.refused ? resolve(window.refused) : requestAnimationFrame(look);
  look();
})"""


def test_the_page_works_under_a_prefix(look, serve):
    with serve(Starlette(routes=[Mount("/llm", create_app(Registry()))])) as url:
        page = look(f"{url}llm/", "?q=gpt-5.5&provider=openai")
        page.get_by_role("link", name="GPT-5.5", exact=True).click()
        expect(page.get_by_role("dialog").get_by_role("rowheader", name="cost.input", exact=True)).to_be_visible()

        assert f"{url}llm/?q=gpt-5.5&open=openai/gpt-5.5&provider=openai" == page.url


def test_models_that_cannot_be_loaded_are_missed_in_words(browser, small):
    page = browser.new_context().new_page()
    page.route("**/models.json", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(small)

    expect(page.locator("#count")).to_have_text("The models could not be loaded: the server answered 503")
    page.context.close()


@pytest.mark.parametrize(("part", "told"), [("history", "History"), ("plain", "")])
def test_what_the_server_does_not_say_is_told_and_the_rest_is_shown(look, small, part, told):
    page = look(small)
    page.route(f"**/{part}", lambda route: route.fulfill(status=503, json={"detail": "the store does not answer"}))
    page.get_by_role("link", name="Plain").click()
    dialog = page.get_by_role("dialog")

    expect(dialog.get_by_role("alert")).to_have_text("the store does not answer")
    assert bool(told) == dialog.get_by_role("heading", name="Everything known").is_visible()


def test_a_revision_that_comes_meanwhile_does_no_harm(look, serve):
    document = {"acme": {"name": "Acme", "models": {"rocket": {"name": "Rocket"}, "sled": {"name": "Sled"}}}}
    with FakeModelsDev(document) as upstream:
        registry = Registry(source=upstream.url)
        registry.refresh(accept=True)
        with serve(create_app(registry)) as url:
            page = look(url)
            upstream.serve({"acme": {"name": "Acme", "models": {"rocket": {"name": "Rocket 2"}}}})
            registry.refresh(accept=True)
            page.get_by_role("link", name="Sled").click()
            expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("no model is called 'acme/sled'")
            page.reload()
            expect(page.locator("#count")).to_contain_text("1 of 1 models")
