"""The page by keyboard, on a phone, in the dark, and for those who hear it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

COMPARED = "?ref=openai/gpt-5.5&ref=anthropic/claude-opus-4-5&ref=google/gemini-2.5-pro&open=compare"
VIEWS = {"list": "?sort=price", "plot": "?view=plot&q=claude", "compare": COMPARED, "model": "?open=openai/gpt-5.5"}


def focused(page):
    return page.evaluate("document.activeElement.textContent || document.activeElement.id")


def test_the_keyboard_is_enough(look, full):
    page = look(full)
    page.keyboard.press("/")
    page.keyboard.type("claude opus 4.5")
    page.keyboard.press("ArrowDown")
    first = focused(page)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    second = focused(page)
    page.keyboard.press("Space")
    assert first != second
    assert [first, second] == page.locator("#body tr.chosen a").all_text_contents()

    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=second)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert second == focused(page)

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert "Compare 2" == focused(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="2 models").get_by_role("table")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search models")).to_have_value("")
    page.keyboard.press("Escape")
    assert "GPT-6.1 Sol" == focused(page)


def test_the_arrow_keys_walk_through_the_whole_list(look, full):
    page = look(full, "?provider=openrouter")
    rows = page.locator("#body tr:not(.gap):not([hidden])")
    total = int(page.locator("#table").get_attribute("aria-rowcount"))
    page.get_by_label("Search models").press("Enter")
    walked = []
    for key in ["ArrowDown"] * 60 + ["PageDown", "PageUp", "End", "ArrowDown", "Home", "ArrowUp"]:
        page.keyboard.press(key)
        row = page.locator("#body tr:has(a:focus)")
        expect(row).to_be_in_viewport(ratio=1)
        walked.append(int(row.get_attribute("aria-rowindex")))
    assert [*range(3, 63)] == walked[:60]
    assert walked[60] > 62
    assert [62, total, total, 2, 2] == walked[61:]
    assert rows.count() < 60


def test_a_focus_that_is_scrolled_out_of_view_is_not_lost(look, full):
    page = look(full)
    page.get_by_label("Search models").press("Enter")
    page.locator("#list").evaluate("list => { list.scrollTop = 4000 * 36 }")
    expect(page.locator("#list")).to_be_focused()
    page.keyboard.press("ArrowDown")

    assert "2" == page.locator("#body tr:has(a:focus)").get_attribute("aria-rowindex")


def test_there_is_a_way_past_the_filters(look, full):
    page = look(full)
    page.keyboard.press("Tab")
    assert "Skip to the models" == focused(page)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")

    assert "GPT-6.1 Sol" == focused(page)


def test_a_filter_that_is_ticked_keeps_the_focus(look, full):
    page = look(full)
    box = page.locator("#facets").get_by_label("OpenRouter")
    box.focus()
    page.keyboard.press("Space")

    expect(box).to_be_checked()
    expect(box).to_be_focused()


@pytest.mark.parametrize("view", VIEWS)
def test_the_page_fits_a_phone(look, full, view):
    page = look(full, VIEWS[view], width=360)
    page.wait_for_load_state("networkidle")

    assert [360, 360] == page.evaluate("[document.documentElement.scrollWidth, document.body.scrollWidth]")
    assert 0 == page.evaluate("list => list.scrollWidth - list.clientWidth", page.locator("#list").element_handle())


def test_a_phone_has_the_filters_in_a_drawer(look, full):
    page = look(full, width=360)
    expect(page.get_by_role("form", name="Filters")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("vision").check()
    page.get_by_role("button", name="Show 4,918").click()
    expect(page.get_by_role("form", name="Filters")).to_be_hidden()
    expect(page.locator("#count")).to_contain_text("4,918 of 8,337")

    page.get_by_role("button", name="Filters").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("form", name="Filters")).to_be_hidden()


def test_the_page_is_light_or_dark_as_the_system_is_until_it_is_told(look, full):
    ground = "getComputedStyle(document.body).backgroundColor"
    page = look(full, scheme="dark")
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Switch between light and dark").click()
    light = page.evaluate(ground)
    page.reload()
    page.wait_for_selector("html[data-ready]")

    assert ("rgb(20, 23, 27)", "rgb(255, 255, 255)") == (dark, light)
    assert light == page.evaluate(ground)
    page.get_by_role("button", name="Switch between light and dark").click()
    assert dark == page.evaluate(ground)


@pytest.mark.parametrize(("width", "scheme"), [(1360, "light"), (1360, "dark"), (360, "light")])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious(look, full, view, width, scheme):
    page = look(full, VIEWS[view], width=width, scheme=scheme)
    page.wait_for_load_state("networkidle")

    assert [] == serious(page)


def test_axe_finds_nothing_serious_in_the_drawer_and_in_a_past(look, full, small):
    page = look(full, width=360)
    page.get_by_role("button", name="Filters").click()
    assert [] == serious(page)
    page = look(small, "?open=acme/plain")
    expect(page.locator(".steps")).to_be_visible()

    assert [] == serious(page)


def serious(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found if each["impact"] in {"serious", "critical"}]
