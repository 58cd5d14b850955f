"""One model with its history, and several side by side."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

CHOSEN = ["openai/gpt-5.5", "anthropic/claude-opus-4-5", "google/gemini-2.5-pro"]
ASKED = "?" + "&".join(f"ref={ref}" for ref in CHOSEN)


def tick(page, ref):
    page.get_by_role("checkbox", name=f"Compare {ref}", exact=True).check()


def test_models_that_are_ticked_are_compared_with_their_differences_and_best_values(look, full):
    page = look(full, "?q=claude+opus&provider=anthropic")
    for ref in ("anthropic/claude-opus-4-5", "anthropic/claude-opus-5"):
        tick(page, ref)
    page.get_by_role("button", name="Compare 2").click()
    table = page.get_by_role("dialog").get_by_role("table")
    expect(table).to_be_visible()

    asked = {
        "ids": ["anthropic/claude-opus-4-5", "anthropic/claude-opus-5"],
        "input_tokens": 10_000,
        "output_tokens": 1_000,
        "cache_read_tokens": 0,
    }
    known = httpx.get(f"{full}api/v1/models/compare", params=asked).json()
    lines = table.locator("tbody tr")
    assert [row["field"] for row in known["rows"]] == [
        text.partition("USD")[0].partition("tokens")[0] for text in lines.locator("th").all_text_contents()
    ]
    assert [row["differs"] for row in known["rows"]] == lines.evaluate_all("lines => lines.map(line => line.classList.contains('differs'))")
    best = "lines => lines.map(line => [...line.querySelectorAll('td')].flatMap((cell, place) => cell.classList.contains('best') ? [place] : []))"
    assert [row["best"] for row in known["rows"]] == lines.evaluate_all(best)
    assert any(row["best"] for row in known["rows"])


def test_a_comparison_shows_unknown_as_unknown(look, full):
    page = look(full, f"{ASKED}&open=compare")
    row = page.get_by_role("dialog").get_by_role("row").filter(has_text="limit.input")

    expect(row.locator("td")).to_have_text(["922,000", "unknown", "unknown"])


def test_a_comparison_can_leave_out_what_is_the_same(look, full):
    page = look(full, f"{ASKED}&open=compare")
    lines = page.get_by_role("dialog").locator("tbody tr")
    expect(lines.filter(has_text="tool_call")).to_be_visible()
    page.get_by_label("Only differences").check()

    expect(lines.filter(has_text="tool_call")).to_be_hidden()
    expect(lines.filter(has_text="knowledge")).to_be_visible()


def test_a_comparison_names_what_it_does_not_know(look, full):
    page = look(full, f"{ASKED}&ref=acme/nothing&open=compare")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("Not known: acme/nothing")


def test_models_are_left_out_of_the_choice_one_by_one_or_all_at_once(look, full):
    page = look(full, ASKED)
    page.get_by_role("button", name="Leave out openai/gpt-5.5").click()
    expect(page.get_by_role("button", name="Compare 2")).to_be_visible()
    page.get_by_role("button", name="Leave out anthropic/claude-opus-4-5").click()
    expect(page.get_by_role("button", name="Choose another")).to_be_disabled()
    page.get_by_role("contentinfo").get_by_role("button", name="Clear").click()

    expect(page.get_by_role("contentinfo")).to_be_hidden()


def test_ten_models_can_be_chosen_and_no_more(look, full):
    page = look(full, "?provider=openai")
    boxes = page.locator("#body tr:not(.gap):not([hidden]) input")
    for place in range(10):
        boxes.nth(place).check()

    expect(page.get_by_role("button", name="Compare 10, the most")).to_be_visible()
    expect(boxes.nth(10)).to_be_disabled()
    boxes.nth(3).uncheck()
    expect(boxes.nth(10)).to_be_enabled()


def test_a_model_shows_everything_that_is_known_and_what_is_not(look, full):
    page = look(full, "?q=gpt-5.5&provider=openai")
    page.get_by_role("link", name="GPT-5.5", exact=True).click()
    dialog = page.get_by_role("dialog", name="GPT-5.5")

    for name, value in {
        "limit.context": "1,050,000 tokens",
        "cost.input": "5 USD per million tokens",
        "cost.input above 272,000 tokens": "10 USD per million tokens",
        "modalities.input": "text, image, pdf",
        "temperature": "no",
    }.items():
        row = dialog.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
        expect(row.get_by_role("cell")).to_have_text(value)
    assert ["name", "provider_id", "id"] == dialog.get_by_role("rowheader").all_text_contents()[:3]
    expect(dialog.get_by_role("row").filter(has=page.get_by_role("rowheader", name="unknown"))).to_contain_text("interleaved")
    expect(dialog.get_by_text("$0.08 for 10k in, 1k out, 0% cached")).to_be_visible()


def test_a_model_is_chosen_from_its_page(look, full):
    page = look(full, "?open=openai/gpt-5.5")
    page.get_by_role("button", name="Choose for comparison").click()

    expect(page.get_by_role("button", name="Leave out of comparison")).to_be_visible()
    expect(page).to_have_url(f"{full}?open=openai/gpt-5.5&ref=openai/gpt-5.5")


def test_a_model_shows_what_its_prices_were(look, small):
    dialog = look(small, "?open=acme/plain").get_by_role("dialog")
    told = dialog.locator(".changes li")

    expect(told).to_have_count(3)
    assert ["price cost.input: 1.5 → 0.5 (-66.7%)", "price cost.input: 1 → 1.5 (+50%)", "added"] == [
        text[11:].strip() for text in told.all_text_contents()
    ]
    assert 2 == dialog.locator(".steps .input").get_attribute("d").count("V")
    assert 0 == dialog.locator(".steps .output").get_attribute("d").count("V")


def test_a_model_without_a_past_says_so(look, full):
    expect(look(full, "?open=openai/gpt-5.5").get_by_role("dialog").get_by_text("Nothing is on record.")).to_be_visible()


@pytest.mark.parametrize("asked", ["?open=acme/plan", "?open=acme/plan&view=plot"])
def test_a_model_that_is_not_there_is_told_with_what_might_be_meant(look, small, asked):
    expect(look(small, asked).get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "no model is called 'acme/plan'; did you mean acme/plain"
    )
