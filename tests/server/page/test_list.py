"""The list: search, filters, order, and how much of it is in the document."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from modelmeta import Usage
from modelmeta.catalog.price import quote

BASE = {"capability": ["tool_call"], "input": ["image"], "price_state": ["priced"], "provider": ["openai", "openrouter", "vercel"]}
BOUNDS = {"min_context": 128_000, "max_cost": "0.05", "input_tokens": 10_000, "output_tokens": 1_000}
GROUPS = {
    "Can": "capability",
    "Takes in": "input",
    "Gives out": "output",
    "Price": "price_state",
    "Status": "status",
    "Provider": "provider",
    "Family": "family",
}
ALL_OF = {"Can", "Takes in", "Gives out"}
ROWS = "#body tr:not(.gap):not([hidden])"


def found(page):
    """Return how many models the page says it found."""
    return int(page.locator("#count").text_content().split()[0].replace(",", ""))


def refs(page):
    return page.locator(f"{ROWS} .under").all_text_contents()


def test_what_is_typed_is_searched_in_all_models(look, full, catalog):
    titles = {provider.id: provider.name for provider in catalog.providers()}
    texts = [f"{model.ref} {model.name} {model.family or ''} {titles[model.provider_id]}".lower() for model in catalog]
    page = look(full)

    assert len(catalog) == found(page)
    for text in ("sonnet 4.5", "GPT-5.5", "qwen   coder free", "nothing is called that"):
        page.get_by_label("Search models").fill(text)
        assert sum(all(word in known for word in text.lower().split()) for known in texts) == found(page)


def test_what_a_lab_sells_itself_is_found_first(look, full):
    assert "anthropic/claude-sonnet-4-5" in refs(look(full, "?q=sonnet+4.5"))[:2]


def test_a_search_that_finds_nothing_says_so(look, full):
    page = look(full, "?q=nothing+is+called+that")

    assert 0 == found(page)
    expect(page.get_by_text("No model is like that.")).to_be_visible()


def test_from_a_search_that_finds_nothing_one_way_leads_back_to_all(look, full):
    page = look(full, "?q=nothing+is+called+that&can=vision")
    page.get_by_role("button", name="Show all").click()

    assert 8337 == found(page)
    expect(page.get_by_text("No model is like that.")).to_be_hidden()
    expect(page.get_by_label("Search models")).to_be_focused()


def test_the_counts_of_the_filters_are_those_of_the_api(look, full):
    page = look(
        full, "?can=tool_call&takes=image&price=priced&provider=openai&provider=openrouter&provider=vercel&context=128000&most=0.05"
    )

    def total(**changed):
        return httpx.get(f"{full}api/v1/models", params={**BASE, **BOUNDS, **changed, "limit": 1}).json()["total"]

    told, known = {}, {}
    for group in page.locator("#facets fieldset:visible").all():
        title = group.locator("legend").text_content()
        parameter = GROUPS[title]
        for line in group.locator("li").all():
            value = line.locator("input").get_attribute("value")
            told[title, value] = int(line.locator(".count").text_content().replace(",", ""))
            known[title, value] = total(**{parameter: [*BASE.get(parameter, []), value] if title in ALL_OF else [value]})
    for option in page.locator("#facets option:not([hidden])").all()[1:]:
        size = int(option.get_attribute("value"))
        told["Context", size] = int(re.search(r"\(([\d,]+)\)", option.text_content())[1].replace(",", ""))
        known["Context", size] = total(min_context=size)

    assert total() == found(page) > 0
    assert len(known) > 40
    assert known == told


def test_a_filter_that_is_ticked_leaves_as_many_models_as_it_said(look, full):
    page = look(full)
    for title in ("vision", "OpenRouter", "deprecated"):
        line = page.locator("#facets label").filter(has_text=re.compile(f"^{title}[0-9]")).first
        expected = int(line.locator(".count").text_content().replace(",", ""))
        line.locator("input").check()
        assert expected == found(page)
    page.get_by_role("button", name="Clear all").click()

    assert 8_337 == found(page)


def test_a_long_list_of_filters_unfolds(look, full, catalog):
    page = look(full)
    group = page.locator("fieldset").filter(has=page.get_by_text("Provider", exact=True))

    assert 8 == group.locator("li").count()
    group.get_by_role("button", name="All").click()
    assert len(catalog.providers()) == group.locator("li").count()
    group.get_by_role("button", name="Fewer").click()
    assert 8 == group.locator("li").count()


def test_bounds_of_context_and_price_leave_what_is_known_to_meet_them(look, full):
    page = look(full)
    page.get_by_label("Context").first.select_option("1000000")
    page.get_by_label("Request at most").fill("0.001")
    page.get_by_label("Request at most").press("Enter")

    asked = {"min_context": 1_000_000, "max_cost": "0.001", "input_tokens": 10_000, "output_tokens": 1_000, "limit": 1}
    assert httpx.get(f"{full}api/v1/models", params=asked).json()["total"] == found(page)


FACTS = {
    "Model": lambda model: model.name.lower(),
    "$/request": lambda model: quote(model, Usage(10_000, 1_000)).total,
    "$/M in": lambda model: model.cost and model.cost.input,
    "$/M out": lambda model: model.cost and model.cost.output,
    "Context": lambda model: model.limit.context,
    "Output": lambda model: model.limit.output,
    "Released": lambda model: model.release_date and str(model.release_date),
}


@pytest.mark.parametrize("title", FACTS)
def test_a_column_sorts_both_ways_and_unknowns_come_last(look, full, catalog, title):
    facts = {str(model.ref): FACTS[title](model) for model in catalog if model.provider_id == "openrouter"}
    known = sorted(value for value in facts.values() if value is not None)
    page = look(full, "?provider=openrouter")
    unsorted = refs(page)
    head = page.get_by_role("columnheader", name=title)
    falls = title in {"Context", "Output", "Released"}

    for falling in (falls, not falls):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", "descending" if falling else "ascending")
        values = [facts[ref] for ref in refs(page)]
        assert [*reversed(known)][: len(values)] == values if falling else known[: len(values)] == values
        page.locator(f"{ROWS} a").first.press("End")
        values = [facts[ref] for ref in refs(page)]
        assert (len(facts) - len(known)) == 0 or values[-1] is None
        page.locator(f"{ROWS} a").last.press("Home")
    head.get_by_role("button").click()

    assert unsorted == refs(page)
    assert head.get_attribute("aria-sort") is None


def test_only_the_rows_in_view_are_in_the_document(look, full):
    page = look(full)

    assert "8338" == page.locator("#table").get_attribute("aria-rowcount")
    assert page.locator("#body tr").count() < 60
    page.locator(f"{ROWS} a").first.press("End")
    assert "8338" == page.locator(f"{ROWS}:has(a:focus)").get_attribute("aria-rowindex")
    assert page.locator("#body tr").count() < 60


@pytest.mark.parametrize(("width", "height"), [(1360, 36), (360, 52)])
def test_rows_are_as_high_as_the_list_believes_whatever_is_in_them(look, small, width, height):
    page = look(small, width=width)
    heights = page.locator(ROWS).evaluate_all("rows => rows.map(row => row.getBoundingClientRect().height)")

    assert [height] * 7 == heights


def test_a_list_that_is_scrolled_shows_the_rows_of_that_place(look, full):
    page = look(full)
    page.locator("#list").evaluate("list => { list.scrollTop = 4000 * 36 }")
    row = page.locator(f'{ROWS}[aria-rowindex="4012"]')

    expect(row).to_be_in_viewport()
    expect(row.locator("a")).to_have_text(page.evaluate(MODEL_AT, 4010))


MODEL_AT = """async (place) => {
  const { columns } = await (await fetch("page/models.json")).json();
  return columns.name.values[columns.name.codes[place]];
}"""


def test_unknown_is_shown_as_unknown_and_not_as_no_or_nothing(look, small):
    page = look(small)

    def told(name):
        return page.locator(ROWS).filter(has=page.get_by_role("link", name=name, exact=True)).locator("td").all_text_contents()[2:]

    assert ["unknown"] * 6 == told("Silent")
    assert ["free", "$0", "$0", "4k", "unknown", "unknown"] == told("No")
    assert ["$0.009", "$0.50", "$4.00", "128k", "8k", "unknown"] == told("Plain")
