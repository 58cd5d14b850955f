"""A table of text, before anything shows it."""

from __future__ import annotations

import pickle

import pytest

from modelmeta import Comparison, Model, ModelList, ModelRef, Quote, Usage, load_catalog
from modelmeta.display.sheet import Sheet
from modelmeta.display.shown import Shown


def sheet(**facts):
    return Sheet(**{"header": ["a", "b"], "rows": [["1", "x"], ["?", "y"]], **facts})


def acme(models):
    return load_catalog({"acme": {"name": "Acme", "models": models}})


def test_a_sheet_prints_its_title_table_and_notes():
    full = sheet(title="Title", best={(1, 1)}, notes=["first", "second"])

    assert str(full) == "Title\n\na  b\n1  x\n?  y *\n\nfirst\nsecond"
    assert full.body == "a  b\n1  x\n?  y *\n\nfirst\nsecond"


def test_a_sheet_without_title_notes_or_rows_prints_what_is_left():
    assert str(sheet()) == sheet().body == "a  b\n1  x\n?  y"
    assert str(sheet(rows=[])) == "a  b"


def test_everything_in_a_sheet_prints_on_its_line():
    odd = sheet(title="t\x1b", header=["h\n", "i"], rows=[["c\x9b", "d"]], notes=["n\u202e"])

    assert (r"t\x1b", ["h ", "i"], [[r"c\x9b", "d"]], [r"n\u202e"]) == (odd.title, odd.header, odd.rows, odd.notes)


def test_only_what_stands_out_is_marked_and_braces_are_nothing_special():
    assert sheet(rows=[["{}", "{0}"]], best={(0, 1)}).marked("<{}>") == [["{}", "<{0}>"]]


@pytest.mark.parametrize(
    ("rows", "numeric"),
    [
        ([["1", "x"], ["?", "y"]], {0}),
        ([["1", ""], ["", "2,000"]], {0, 1}),
        ([["?", "1"], ["", "yes"]], set()),
        ([], set()),
    ],
)
def test_a_column_is_numeric_when_all_that_is_known_in_it_are_numbers(rows, numeric):
    assert numeric == sheet(rows=rows).numeric


def test_what_is_shown_must_have_a_sheet():
    class Dumb(Shown):
        pass

    with pytest.raises(TypeError, match="sheet"):
        Dumb()


def test_whatever_is_shown_is_shown_everywhere():
    assert all(issubclass(kind, Shown) for kind in (Model, ModelList, Comparison, Quote))


def test_a_model_is_as_small_hashable_and_portable_as_without_its_table(catalog):
    model = catalog["openai/gpt-5.5"]
    again = pickle.loads(pickle.dumps(model))

    assert (model, hash(model)) == (again, hash(again))
    assert again is not model
    assert {model: 1}[again] == 1
    assert not hasattr(model, "__dict__")
    assert Model(ref=ModelRef("a", "b"), name="M") != Model(ref=ModelRef("a", "c"), name="M")
    assert repr(model).startswith("Model(ref=ModelRef(provider_id='openai', model_id='gpt-5.5'), name='GPT-5.5', ")


def test_a_model_shows_every_fact_under_its_path():
    model = acme({"m": {"name": "M", "tool_call": False, "limit": {"context": 1_000}, "cost": {"input": 0.5}, "odd": {"deep": 1}}})[
        "acme/m"
    ]

    assert ["fact", "acme/m"] == model.sheet().header
    assert model.sheet().rows == [
        ["price_state", "priced"],
        ["name", "M"],
        ["tool_call", "no"],
        ["limit.context", "1,000"],
        ["cost.input", "0.5"],
        ["extra.odd.deep", "1"],
    ]


def test_a_list_shows_what_one_chooses_by():
    catalog = acme(
        {
            "a": {
                "name": "A",
                "limit": {"context": 1_000, "output": 10},
                "cost": {"input": 0.5, "output": 2},
                "release_date": "2025-06",
                "status": "beta",
            },
            "b": {"name": "B"},
        }
    )
    shown = catalog.models().sheet()

    assert shown.header == ["model", "context", "output", "USD/M in", "USD/M out", "price", "released", "status"]
    assert shown.rows == [
        ["acme/a", "1,000", "10", "0.5", "2", "priced", "2025-06", "beta"],
        ["acme/b", "?", "?", "?", "?", "unpriced", "?", "available"],
    ]
    assert shown.notes == []
    assert catalog.models()[2:].sheet().rows == []


@pytest.fixture
def many():
    return acme({f"m{number:04}": {"name": "M"} for number in range(1_391)})


def test_a_long_list_shows_its_first_thirty_and_decodes_no_other(many):
    shown = many.models().sheet()

    assert [row[0] for row in shown.rows] == [f"acme/m{number:04}" for number in range(30)]
    assert shown.notes == ["30 of 1,391 models"]
    assert [model is not None for model in many.decoded] == [True] * 30 + [False] * 1_361


@pytest.mark.parametrize(("most", "rows", "notes"), [(2, 2, ["2 of 31 models"]), (31, 31, []), (99, 31, []), (None, 31, [])])
def test_a_list_shows_as_many_as_asked_for(many, most, rows, notes):
    shown = many.models()[:31].sheet(most=most)

    assert (rows, notes) == (len(shown.rows), shown.notes)


def test_a_comparison_shows_its_best_and_what_is_missing(catalog):
    comparison = catalog.compare("openai/gpt-5.5", "nobody/x", "anthropic/claude-opus-4-5")
    shown = comparison.sheet()

    assert shown.header == ["", "openai/gpt-5.5", "anthropic/claude-opus-4-5"]
    assert shown.notes == ["Not in the catalog: nobody/x"]
    label = {row[0]: number for number, row in enumerate(shown.rows)}
    assert (label["limit.context (tokens)"], 1) in shown.best
    assert (label["cost.output (USD per million tokens)"], 2) in shown.best
    assert str(comparison) == str(shown)


def test_a_quote_shows_its_lines_its_total_and_why(catalog):
    quote = catalog.price("openai/gpt-5.5", Usage(300_000, 2_000), mode="fast")
    tiered = catalog.price("openai/gpt-5.5", Usage(300_000, 2_000))

    assert quote.sheet().title == "openai/gpt-5.5, mode fast"
    assert quote.sheet().notes == []
    assert tiered.sheet().title == "openai/gpt-5.5"
    assert tiered.sheet().header == ["", "tokens", "USD/M", "USD"]
    assert tiered.sheet().rows == [["input", "300,000", "10", "3"], ["output", "2,000", "45", "0.09"], ["total (priced)", "", "", "3.09"]]
    assert tiered.sheet().notes == [tiered.reason]
    assert str(tiered) == str(tiered.sheet())


def test_an_unpriced_quote_says_so():
    quote = acme({"m": {"name": "M"}}).price("acme/m", Usage(5))

    assert (
        str(quote) == "acme/m\n\n                  tokens  USD/M  USD\ntotal (unpriced)                 ?\n\nacme/m has no published price"
    )


def test_names_that_steer_terminals_do_not_reach_them_through_repr():
    catalog = acme({"a\x1b[2J": {"name": "A"}, "b": {"name": "B"}})

    assert repr(catalog.models()) == r"<ModelList of 2: acme/a\x1b[2J, acme/b>"
    assert repr(catalog.compare("acme/a\x1b[2J", "acme/b")).startswith(r"<Comparison of acme/a\x1b[2J, acme/b: ")
