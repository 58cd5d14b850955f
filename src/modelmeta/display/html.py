"""A sheet in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .sheet import Sheet

__all__ = ["to_html"]

_LONG = 60
"""Characters above which a cell is prose, which may take several lines."""

# Themes are not asked for: not every notebook tells. The colours are the page's own, or let it shine through.
_STYLE = """\
div.modelmeta { margin: 0.5em 0; text-align: left; }
div.modelmeta > div { overflow-x: auto; }
div.modelmeta > div > table { width: auto; margin: 0; border: 0; border-collapse: collapse; color: inherit; font-size: 0.95em; \
font-variant-numeric: tabular-nums; }
div.modelmeta > div > table > caption { caption-side: top; padding: 0.3em 0.6em; text-align: left; font-weight: bold; color: inherit; }
div.modelmeta > div > table > * > tr:nth-child(n) { border: 0; background: none; }
div.modelmeta > div > table > * > tr > :nth-child(n) { padding: 0.25em 0.6em; border: 0; border-bottom: 1px solid rgba(128, 128, 128, 0.25); \
background: none; color: inherit; text-align: left; vertical-align: top; white-space: nowrap; font-weight: normal; }
div.modelmeta > div > table > thead > tr > :nth-child(n) { border-bottom: 2px solid rgba(128, 128, 128, 0.5); font-weight: bold; }
div.modelmeta > div > table > tbody > tr:hover:nth-child(n) { background: rgba(128, 128, 128, 0.12); }
div.modelmeta > div > table > * > tr > .modelmeta-number:nth-child(n) { text-align: right; }
div.modelmeta > div > table > * > tr > .modelmeta-prose:nth-child(n) { min-width: 20em; white-space: normal; overflow-wrap: anywhere; }
div.modelmeta > div > table > * > tr > .modelmeta-best:nth-child(n) { background: rgba(46, 160, 67, 0.25); font-weight: bold; }
div.modelmeta > p { margin: 0.4em 0.6em; font-size: 0.9em; white-space: pre-wrap; }
"""


def to_html(sheet: Sheet) -> str:
    """Return *sheet* as a fragment of HTML that needs nothing else: a table that scrolls in its own box, readable in light and dark themes."""
    numeric = sheet.numeric

    def cell(place: int, text: str, row: int | None) -> str:
        best = (row, place) in sheet.best
        names = ["number"] * (place in numeric) + ["prose"] * (len(text) > _LONG) + ["best"] * best
        kind = f' class="{" ".join(f"modelmeta-{name}" for name in names)}"' if names else ""
        scope = "col" if row is None else "row" if place == 0 else None
        shown = f"<b>{escape(text)}</b>" if best else escape(text)
        return f'<th scope="{scope}"{kind}>{shown}</th>' if scope else f"<td{kind}>{shown}</td>"

    def line(texts: Sequence[str], row: int | None = None) -> str:
        return f"<tr>{''.join(cell(place, text, row) for place, text in enumerate(texts))}</tr>"

    return "\n".join(
        [
            '<div class="modelmeta">',
            f"<style>\n{_STYLE}</style>",
            "<div><table>",
            *([f"<caption>{escape(sheet.title)}</caption>"] if sheet.title else []),
            f"<thead>{line(sheet.header)}</thead>",
            "<tbody>",
            *(line(texts, row) for row, texts in enumerate(sheet.rows)),
            "</tbody>",
            "</table></div>",
            *(f"<p>{escape(note)}</p>" for note in sheet.notes),
            "</div>",
        ]
    )
