"""Draw the measurements of a page that stand beside somebody else's: ``python bench/charts.py docs/performance.md``; run.py does it when it writes."""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
VALUE = re.compile(rf"(?:(?P<who>[^;|]+?): )?(?P<told>(?P<number>[\d.,]+) (?P<unit>{'|'.join(UNITS)}))\b")

WIDTH, NAMES, BAR, LINE = 760, 190, 420, 22
STYLE = (
    "text { font: 13px system-ui, sans-serif; fill: #1b1b1b } .what { font-weight: 600 } .ours { fill: #0b62a8 } .theirs { fill: #a9b4be }"
)

Groups = dict[str, dict[str, str]]


def groups(page: str) -> Groups:
    """Return for each thing that was measured beside another, what each of them took, in the page's words."""
    found: Groups = {}
    for line in page.partition("### What was not asked")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and (theirs := [match for part in cells[3].split("; ") if (match := VALUE.match(part))]):
            ours = VALUE.match(cells[2])
            bars = found.setdefault(cells[0].replace("`", ""), {"modelmeta": ours["told"]})
            bars |= {match["who"]: match["told"] for match in theirs}
    return found


def amount(told: str) -> float:
    match = VALUE.fullmatch(told)
    return float(match["number"].replace(",", "")) * UNITS[match["unit"]]


def chart(page: str) -> str:
    """Return an SVG image: a group of bars for each thing, the longest of each group as long as the image allows."""
    drawn, y = [], 8
    for what, bars in groups(page).items():
        y += LINE
        drawn.append(f'<text class="what" x="12" y="{y}">{escape(what)}</text>')
        longest = max(map(amount, bars.values()))
        for who, told in bars.items():
            y += LINE
            length = max(1, BAR * amount(told) / longest)
            kind = "ours" if who == "modelmeta" else "theirs"
            drawn.append(f'<text x="{NAMES - 8}" y="{y}" text-anchor="end">{escape(who)}</text>')
            drawn.append(f'<rect class="{kind}" x="{NAMES}" y="{y - 13}" width="{length:.1f}" height="16"/>')
            drawn.append(f'<text x="{NAMES + length + 8:.1f}" y="{y}">{escape(told)}</text>')
        y += 10
    size = f'width="{WIDTH}" height="{y + 12}" viewBox="0 0 {WIDTH} {y + 12}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>What modelmeta takes beside others; less is better</title>'
    return "\n".join([head, f"<style>{STYLE}</style>", '<rect width="100%" height="100%" rx="6" fill="#fff"/>', *drawn, "</svg>\n"])


def draw(page: Path) -> None:
    """Write the chart of *page* into ``_static`` beside it."""
    (page.parent / "_static").mkdir(exist_ok=True)
    (page.parent / "_static" / f"{page.stem}.svg").write_text(chart(page.read_text()))


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
