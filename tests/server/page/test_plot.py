"""Price against context, as dots."""

from __future__ import annotations

import re

from playwright.sync_api import expect

BOX = "area => { const { x, y } = area.getBoundingClientRect(); return [x, y]; }"
DOTS = "paths => paths.flatMap(path => [...path.getAttribute('d').matchAll(/M(\\d+) (\\d+)/g)].map(([, x, y]) => [+x, +y]))"


def dots(page):
    """Return where the dots are in the window."""
    left, top = page.locator("#plot-area").evaluate(BOX)
    return [(left + x, top + y) for x, y in page.locator("#plot-area .dots").evaluate_all(DOTS)]


def test_the_plot_shows_every_model_that_has_a_price_and_a_context(look, full, catalog):
    page = look(full, "?view=plot&provider=openai")
    models = catalog.models("openai")
    shown = [model for model in models if model.limit.context and model.price_state == "priced"]

    expect(page.locator("#plot-note")).to_contain_text(f"{len(shown)} models; {len(models) - len(shown)} that are free or of unknown")
    assert 0 < len(dots(page)) <= len(shown)


def test_all_of_the_plot_is_within_the_window(look, full):
    page = look(full, "?view=plot")
    area = page.locator("#plot-area").bounding_box()

    assert area["x"] + area["width"] <= 1360
    assert area["y"] + area["height"] <= 760
    assert all(area["x"] < x < area["x"] + area["width"] and area["y"] < y < area["y"] + area["height"] for x, y in dots(page))
    expect(page.locator("#plot-said")).to_be_in_viewport(ratio=1)


def test_a_dot_that_is_pointed_at_is_named_and_opens_its_model(look, small):
    page = look(small, "?view=plot")
    ((x, y),) = dots(page)
    page.mouse.move(x + 3, y - 3)
    expect(page.locator("#plot-said")).to_have_text("Plain · acme/plain · $0.009 · 128k tokens")
    page.mouse.click(x + 200, y)
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.mouse.click(x, y)

    expect(page.get_by_role("dialog", name="Plain")).to_be_visible()


def test_the_arrow_keys_name_one_model_after_the_other(look, full):
    page = look(full, "?view=plot&q=claude+opus&provider=anthropic")
    models = int(page.locator("#plot-note").text_content().split()[0])
    page.get_by_label("Search models").press("Enter")
    named = [page.locator("#plot-said").text_content()]
    for _ in range(models - 1):
        page.keyboard.press("ArrowRight")
        named.append(page.locator("#plot-said").text_content())
    assert models == len(set(named)) > 3
    page.keyboard.press("ArrowRight")
    assert named[0] == page.locator("#plot-said").text_content()
    page.keyboard.press("ArrowLeft")
    assert named[-1] == page.locator("#plot-said").text_content()
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog", name=named[-1].split(" · ")[0])).to_be_visible()


def test_the_plot_moves_with_the_workload_and_the_window(look, full):
    page = look(full, "?view=plot&q=gpt-5.5&provider=openai")
    marks = page.locator("#plot-area text")
    before = marks.all_text_contents()
    page.get_by_role("slider", name="Input").press("End")
    expect(marks.filter(has_text="$20.00")).to_be_attached()
    assert before != marks.all_text_contents()
    page.set_viewport_size({"width": 800, "height": 700})

    expect(page.locator("#plot-area svg")).to_have_attribute("width", re.compile(r"^5\d\d$"))


def test_a_plot_without_models_says_so(look, full):
    page = look(full, "?view=plot&price=unpriced")

    expect(page.locator("#plot-note")).to_contain_text("0 models; 423 that are free or of unknown")
    expect(page.locator("#plot-area svg")).to_have_count(0)
    page.locator("#plot-area").press("ArrowRight")
    page.locator("#plot-area").press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
