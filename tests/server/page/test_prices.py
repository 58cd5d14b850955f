"""What the page works out itself: the price of a workload at every model."""

from __future__ import annotations

from itertools import product

import httpx
import pytest
from playwright.sync_api import expect

from modelmeta import Usage, load_catalog

WORKLOADS = [(10_000, 1_000, 0), (300_000, 2_000, 50), (0, 500, 0), (150_000, 0, 100)]
PRICES = """async (workloads) => {
  const [{ Models }, { cost }] = await Promise.all([import(new URL("page/models.js", location)), import(new URL("page/price.js", location))]);
  const models = new Models(await (await fetch("page/models.json")).json());
  return workloads.map(([input, output, cached]) => {
    models.reprice(cost, input, output, Math.round((input * cached) / 100));
    return models.refs.map((ref, row) => [ref, Number.isNaN(models.price(row)) ? null : models.price(row), models.state(row)]);
  });
}"""
COSTS = """async ([tables, workloads]) => {
  const { cost } = await import(new URL("page/price.js", location));
  return tables.map((rates) => workloads.map((workload) => cost(rates, ...workload)));
}"""


def usage(input_tokens, output_tokens, cached):
    return Usage(input_tokens, output_tokens, cache_read_tokens=round(input_tokens * cached / 100))


def test_the_page_prices_every_model_as_the_library_does(look, full, catalog):
    for workload, told in zip(WORKLOADS, look(full).evaluate(PRICES, WORKLOADS), strict=True):
        quotes = {ref: catalog.price(ref, usage(*workload)) for ref, _, _ in told}

        assert len(catalog) == len(quotes)
        assert {ref for ref, quote in quotes.items() if quote.total is None} == {ref for ref, price, _ in told if price is None}
        assert [] == [ref for ref, price, _ in told if price is not None and price != pytest.approx(float(quotes[ref].total), rel=1e-12)]


def test_the_page_calls_free_and_plan_what_the_library_does(look, full, catalog):
    (told,) = look(full).evaluate(PRICES, [WORKLOADS[0]])
    states = {ref: catalog.price(ref, usage(*WORKLOADS[0])).state for ref, _, _ in told}

    assert {ref: state for ref, state in states.items() if state in {"free", "plan"}} == {ref: state for ref, _, state in told if state}


def test_the_page_prices_as_the_library_does_whichever_rates_are_known(look, small):
    """Every mixture of an unknown, a zero and a positive rate, with a tier and without."""
    tables = [*product((None, 0, 3), (None, 0, 8), (None, 0, 1), (None, (4, None, None), (4, 16, 2)))]
    models = {str(place): {"name": "m", "cost": priced(*table)} for place, table in enumerate(tables)}
    catalog = load_catalog({"acme": {"name": "Acme", "models": models}})
    rates = [[*table[:3], *([[100_000, *table[3]]] if table[3] else [])] for table in tables]
    workloads = [(50_000, 100, 0), (100_001, 100, 50_000), (100_000, 0, 100_000), (0, 7, 0)]
    told = look(small).evaluate(COSTS, [rates, workloads])

    for place, prices in enumerate(told):
        quotes = [catalog.price(f"acme/{place}", Usage(into, out, cache_read_tokens=cached)).total for into, out, cached in workloads]
        unpriced = tables[place][:2] == (None, None)
        assert unpriced or [None if total is None else pytest.approx(float(total)) for total in quotes] == prices


def priced(into, out, cached, tier):
    known = {name: rate for name, rate in (("input", into), ("output", out), ("cache_read", cached)) if rate is not None}
    if tier:
        rates = {name: rate for name, rate in zip(("input", "output", "cache_read"), tier, strict=True) if rate is not None}
        known["tiers"] = [{**rates, "tier": {"type": "context", "size": 100_000}}]
    return known


def price_of(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True)).locator("td").nth(2)


def test_the_sliders_price_everything_anew(look, small):
    page = look(small)
    expect(price_of(page, "Plain")).to_have_text("$0.009")
    page.get_by_role("slider", name="Input").press("ArrowRight")
    expect(price_of(page, "Plain")).to_have_text("$0.0115")
    page.get_by_role("slider", name="Output").press("ArrowLeft")
    expect(price_of(page, "Plain")).to_have_text("$0.0103")
    page.get_by_role("slider", name="Cached").press("End")

    expect(price_of(page, "Plain")).to_have_text("$0.0043")
    expect(page).to_have_url(f"{small}?input=15000&output=700&cached=100")


@pytest.mark.parametrize(("tokens", "price"), [(100_000, "$0.208"), (150_000, "$0.616")])
def test_a_tier_bills_the_whole_request(look, small, tokens, price):
    expect(price_of(look(small, f"?input={tokens}"), "Steps")).to_have_text(price)


def test_the_page_shows_what_the_api_answers(look, full):
    page = look(full, "?input=300000&output=2000&cached=50&provider=openai&sort=-price")
    rows = page.locator("#body tr:not(.gap):not([hidden])")
    refs, prices = rows.locator(".under").all_text_contents(), rows.locator("td:nth-of-type(3)").all_text_contents()

    for ref, price in [*zip(refs, prices, strict=True)][:10]:
        usage = {"input_tokens": 300_000, "output_tokens": 2_000, "cache_read_tokens": 150_000}
        total = httpx.post(f"{full}api/v1/price", json={"model": ref, "usage": usage}).json()["total"]
        assert float(price.replace("$", "").replace(",", "")) == pytest.approx(total, abs=0.005)
