"""What a notebook is given."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Usage, bundled_catalog, load_catalog
from modelmeta.display.html import to_html
from modelmeta.display.sheet import Sheet
from modelmeta.display.text import printable

CATALOG = bundled_catalog()
ATTRIBUTES = {
    ("scope", "col"),
    ("scope", "row"),
    ("class", "modelmeta"),
    *(
        ("class", " ".join(names))
        for size in range(1, 4)
        for names in combinations(("modelmeta-number", "modelmeta-prose", "modelmeta-best"), size)
    ),
}
CHILDREN = {
    None: {"div"},
    "div": {"div", "style", "table", "p"},
    "table": {"caption", "thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"th", "td"},
    "th": {"b"},
    "td": {"b"},
}


class Page(HTMLParser):
    """A fragment taken apart: ``head``, ``rows``, ``caption`` and ``notes`` as text, the ``best`` places, the ``classes`` of every cell.

    Any tag, attribute, comment or nesting that is not ours is an error.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.lines: list[list[str]] = []
        self.texts: dict[str, list[str]] = {"caption": [], "p": [], "style": []}
        self.best: set[tuple[int, int]] = set()
        self.classes: list[list[str]] = []
        self.feed(html)
        self.close()
        assert self.open == []
        self.head, *self.rows = self.lines
        self.caption, self.notes = "".join(self.texts["caption"]), self.texts["p"]
        html.encode()

    def handle_starttag(self, tag, attrs):
        """Open an element of ours."""
        assert tag in CHILDREN[self.open[-1] if self.open else None]
        assert set(attrs) <= ATTRIBUTES
        self.open.append(tag)
        if tag == "tr":
            self.lines.append([])
            self.classes.append([])
        elif tag in {"th", "td"}:
            self.lines[-1].append("")
            self.classes[-1].append(dict(attrs).get("class", ""))
            if "best" in self.classes[-1][-1]:
                self.best.add((len(self.lines) - 2, len(self.lines[-1]) - 1))
        elif tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag):
        """Close the element opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keep text where it stands."""
        where = next((tag for tag in reversed(self.open) if tag != "b"), None)
        if where in {"th", "td"}:
            self.lines[-1][-1] += data
        elif where in self.texts:
            self.texts[where][-1] += data
        else:
            assert data.strip() == ""

    def handle_comment(self, data):
        """Refuse what is neither an element nor text."""
        pytest.fail(f"a comment: {data!r}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def test_a_sheet_is_a_table_with_its_caption_and_notes():
    sheet = Sheet(title="T", header=["", "n"], rows=[["a", "1"], ["b", "?"]], best={(0, 1)}, notes=["first", "second"])
    shown = Page(to_html(sheet))

    assert ("T", ["", "n"], [["a", "1"], ["b", "?"]], ["first", "second"]) == (shown.caption, shown.head, shown.rows, shown.notes)
    assert {(0, 1)} == shown.best


def test_numbers_stand_right_and_long_texts_may_break():
    shown = Page(to_html(Sheet(header=["a", "n" * 61, "t"], rows=[["x", "1", "w " * 40]], best={(0, 1)})))

    assert shown.classes == [["", "modelmeta-number modelmeta-prose", ""], ["", "modelmeta-number modelmeta-best", "modelmeta-prose"]]


def test_without_a_title_there_is_no_caption():
    assert "<caption" not in to_html(Sheet(header=["a"], rows=[]))


def test_a_fragment_needs_nothing_and_reaches_nothing_but_itself():
    html = CATALOG.models()._repr_html_()
    [style] = Page(html).texts["style"]

    assert re.findall(r"https?:|url\(|@|<script|\bid=", html.replace("302ai/", "")) == []
    selectors = re.findall(r"^([^{}\n]+) {", style, re.MULTILINE)
    assert len(selectors) == style.count("{")
    assert all(selector.startswith("div.modelmeta") for selector in selectors)
    assert set(re.findall(r"(?:color|background): ([^;]+);", style)) <= {
        "inherit",
        "none",
        *re.findall(r"rgba\(\d+, \d+, \d+, 0\.\d+\)", style),
    }


def shown_things(catalog):
    first, second = catalog.content.refs
    yield catalog[first]
    yield catalog.models()
    yield catalog.compare(first, second, first.replace("/", "/no"), usage=Usage(5, 5))
    for mode in (None, *catalog[first].experimental.modes):
        yield catalog.price(first, Usage(5, 5), mode=mode)
    yield catalog.price(second, Usage(5, 5))


def test_no_fact_becomes_an_element_or_an_attribute(catalog_of, hostile):
    for thing in shown_things(catalog_of):
        sheet, shown = thing.sheet(), Page(thing._repr_html_())
        assert (sheet.header, sheet.rows, sheet.title, sheet.notes) == (shown.head, shown.rows, shown.caption, shown.notes)
        assert printable(hostile) in " ".join([shown.caption, *shown.head, *(cell for row in shown.rows for cell in row)])
        assert sheet.best == shown.best


@given(st.lists(st.lists(st.text(st.characters()), min_size=2, max_size=2), min_size=1, max_size=4), st.text(st.characters()))
def test_any_text_comes_out_as_it_went_in(rows, text):
    sheet = Sheet(title=text, header=[text, text], rows=rows, best={(0, 0)}, notes=[text])
    shown = Page(to_html(sheet))

    assert (sheet.header, sheet.rows, sheet.title, sheet.notes) == (shown.head, shown.rows, shown.caption, shown.notes)


@pytest.mark.parametrize("part", range(10))
def test_every_bundled_model_shows_all_its_facts(part):
    for model in CATALOG.models()[part::10]:
        shown = Page(model._repr_html_())
        assert model.sheet().rows == shown.rows
        assert ["fact", str(model.ref)] == shown.head


def test_looking_a_model_up_loads_nothing_that_shows_it():
    code = "import sys; from modelmeta import Registry; Registry().get('openai/gpt-5.5'); print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.split())

    assert {"modelmeta.display.html", "modelmeta.display.terminal", "pandas", "polars", "rich"} & loaded == set()


def test_no_answer_lets_hostile_facts_out_of_its_table(hostile):
    lab = {"name": hostile, "benchmarks": [{"name": "Quiz", "score": score, "variant": hostile} for score in (5, hostile)]}
    model = {"name": hostile, "family": hostile, "canonical_model_id": f"lab/{hostile}", "limit": {"context": 5}, "release_date": hostile}
    providers = {name: {"name": hostile, "models": {f"m-1{hostile}": model}} for name in ("acme", "lab")}
    catalog = load_catalog({"models": {f"lab/{hostile}": lab}, "providers": providers})
    ref = catalog.models()[0].ref

    for answer in (
        catalog.get(ref),
        catalog.models(),
        catalog.compare(*catalog.models().refs, f"nobody/{hostile}"),
        catalog.price(ref, Usage(5)),
        catalog.offerings(ref),
        catalog.search("m 1"),
        catalog.explain(min_context=10, family=hostile),
        catalog.rank(prefer="newest"),
        catalog.pareto(x="context", y="benchmark:Quiz"),
        catalog.leaderboard("Quiz"),
    ):
        shown = Page(answer._repr_html_())
        assert shown.rows, answer
