"""What is asked is in the address: it can be shared, and the back button works."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

SEARCH = "Search models"


def test_an_address_brings_back_everything_that_was_asked(look, full):
    asked = "?q=claude&sort=-context&input=50000&output=2000&cached=20&context=150000&most=1&can=vision&price=priced&provider=anthropic&provider=openrouter"
    page = look(full, f"{asked}&ref=openai/gpt-5.5")

    expect(page.get_by_label(SEARCH)).to_have_value("claude")
    expect(page.get_by_role("columnheader", name="Context")).to_have_attribute("aria-sort", "descending")
    assert ["50k", "2k", "20%"] == page.locator("#workload output").all_text_contents()
    expect(page.get_by_role("combobox", name="Context").locator("option:checked")).to_contain_text("≥ 150k")
    assert "1" == page.get_by_label("Request at most").input_value()
    ticked = page.locator("#facets input:checked").evaluate_all("boxes => boxes.map(box => box.value)")
    assert {"vision", "priced", "anthropic", "openrouter"} == {*ticked}
    expect(page.get_by_role("button", name="Leave out openai/gpt-5.5")).to_be_visible()


def test_what_is_asked_comes_into_the_address(look, full):
    page = look(full)
    page.get_by_label(SEARCH).fill("opus")
    page.get_by_label("vision").check()
    page.get_by_role("columnheader", name="Context").get_by_role("button").click()
    page.get_by_role("checkbox", name="Compare").first.check()
    expect(page).to_have_url(re.compile(r"\?q=opus&sort=-context&can=vision&ref=[^&]+/[^&]+$"))
    rows = page.locator("#body .under").all_text_contents()[:15]
    page.reload()
    page.wait_for_selector("html[data-ready]")

    assert rows == page.locator("#body .under").all_text_contents()[:15]


def test_back_and_forward_go_from_question_to_question(look, full):
    page = look(full)
    page.get_by_label(SEARCH).press_sequentially("opus")
    expect(page).to_have_url(f"{full}?q=opus")
    page.get_by_label("vision").check()
    page.get_by_role("button", name="Plot").click()
    expect(page.locator("#plot-area svg")).to_be_visible()

    page.go_back()
    expect(page.locator("#list")).to_be_visible()
    expect(page.get_by_label("vision")).to_be_checked()
    page.go_back()
    expect(page.get_by_label("vision")).not_to_be_checked()
    expect(page.get_by_label(SEARCH)).to_have_value("opus")
    page.go_back()
    expect(page.get_by_label(SEARCH)).to_have_value("")
    expect(page.locator("#count")).to_contain_text("8,337 of")
    page.go_forward()
    expect(page.get_by_label(SEARCH)).to_have_value("opus")


def test_a_question_asked_right_after_typing_leaves_what_was_typed_a_step_of_its_own(look, full):
    page = look(full)
    page.get_by_label(SEARCH).fill("opus")
    page.get_by_label("vision").check()
    page.go_back()

    expect(page.get_by_label(SEARCH)).to_have_value("opus")
    expect(page.get_by_label("vision")).not_to_be_checked()


def test_back_closes_a_dialog_and_forward_opens_it_again(look, full):
    page = look(full, "?q=gpt-5.5")
    page.get_by_role("link", name="GPT-5.5", exact=True).first.click()
    expect(page.get_by_role("dialog", name="GPT-5.5")).to_be_visible()
    expect(page).to_have_title("openai/gpt-5.5 · modelmeta")
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.go_forward()

    expect(page.get_by_role("dialog", name="GPT-5.5")).to_be_visible()


def test_a_model_has_a_link_of_its_own(look, full):
    page = look(full, "?q=gpt-5.5")
    link = page.get_by_role("link", name="GPT-5.5", exact=True).first
    assert "?open=openai/gpt-5.5" == link.get_attribute("href")
    with page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])

    expect(opened.value.get_by_role("dialog", name="GPT-5.5")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_closed_dialog_leaves_the_address(look, full):
    page = look(full, "?open=openai/gpt-5.5")
    page.get_by_role("button", name="Close").click()

    expect(page).to_have_url(full)


@pytest.mark.parametrize(
    "asked",
    [
        "?sort=__proto__&view=constructor&input=-1&output=NaN&cached=1e9&context=x&most=Infinity&open=",
        "?provider=constructor&provider=__proto__&family=toString&can=hasOwnProperty&type=valueOf",
        "?ref=..&ref=%00&ref=%F0%9F%92%A9&ref=a/b&q=" + "%3Cscript%3E" * 20,
        "?ref=acme/x" * 50,
    ],
)
def test_an_address_that_makes_no_sense_is_read_as_far_as_it_does(look, small, asked):
    expect(look(small, asked).locator("#count")).to_have_text(re.compile(r"^\d of 7 models"))
