// The list: only the rows in view are in the document, however many there are.
import { byId, dollars, make, tokens } from "./dom.js";

const HEIGHT = 36;
const SPARE = 12;
const COLUMNS = [
  ["name", "Model", "text"],
  ["provider", "Provider", "text wide"],
  ["price", "Request", "number"],
  ["in", "$/M in", "number wide"],
  ["out", "$/M out", "number wide"],
  ["context", "Context", "number"],
  ["output", "Output", "number wide"],
  ["released", "Released", "number wide"],
];

export class Table {
  constructor(models, { sort, open, choose }) {
    Object.assign(this, { models, open, choose, rows: [], active: 0, chosen: new Set() });
    this.scroll = byId("list");
    this.body = byId("body");
    byId("head").append(
      make("th", { scope: "col", class: "pick" }, make("span", { class: "hidden" }, "Compare")),
      ...COLUMNS.map(([key, title, kind]) =>
        make("th", { scope: "col", class: kind, "data-key": key }, make("button", { onclick: () => sort(key) }, title)),
      ),
    );
    this.scroll.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.scroll);
    this.scroll.addEventListener("keydown", (event) => this.press(event));
  }

  show(rows, sorted, chosen) {
    if (rows !== this.rows) this.active = 0;
    this.rows = rows;
    this.chosen = new Set(chosen);
    byId("table").setAttribute("aria-rowcount", rows.length + 1);
    for (const head of byId("head").querySelectorAll("[data-key]")) {
      const key = head.dataset.key;
      if (sorted === key || sorted === `-${key}`) head.setAttribute("aria-sort", sorted === key ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    this.draw(true);
  }

  draw(again = false) {
    const begin = Math.max(0, Math.floor(this.scroll.scrollTop / HEIGHT) - SPARE);
    const end = Math.min(this.rows.length, begin + Math.ceil(this.scroll.clientHeight / HEIGHT) + 2 * SPARE);
    if (!again && this.begin === begin && this.end === end) return;
    Object.assign(this, { begin, end });
    this.body.replaceChildren(this.gap(begin), ...this.rows.slice(begin, end).map((row, place) => this.line(row, begin + place)), this.gap(this.rows.length - end));
  }

  gap(count) {
    const row = make("tr", { class: "gap", "aria-hidden": "true" }, make("td"));
    row.style.height = `${count * HEIGHT}px`;
    return row;
  }

  line(row, place) {
    const { models } = this, ref = models.ref[row], rates = models.rates[row];
    const state = models.state[row];
    const price = state === "priced" || state === "unpriced" ? dollars(Number.isNaN(models.price[row]) ? null : models.price[row]) : state;
    const check = make("input", { type: "checkbox", tabindex: -1, "aria-label": `Compare ${ref}`, onchange: () => this.choose(ref) });
    check.checked = this.chosen.has(ref);
    const cells = [
      make("td", { class: "pick" }, check),
      make("th", { scope: "row", class: "text" }, make("button", { class: "link", tabindex: -1, title: ref.slice(0, 300), onclick: () => this.open(ref) }, models.name[row].slice(0, 200) || ref),
        make("span", { class: "under" }, ref.slice(0, 200))),
      ...[
        ["text wide", models.providerNames[models.provider[row]] ?? models.provider[row]],
        ["number", price],
        ["number wide", dollars(rates?.[0])],
        ["number wide", dollars(rates?.[1])],
        ["number", tokens(models.context[row])],
        ["number wide", tokens(models.output[row])],
        ["number wide", models.released[row] ?? "?"],
      ].map(([kind, text]) => make("td", { class: text === "?" ? `${kind} unknown` : kind }, text)),
    ];
    return make("tr", { "aria-rowindex": place + 2, class: place === this.active ? "active" : null, onclick: (event) => event.target.closest("input, button") || this.activate(place, false) }, ...cells);
  }

  activate(place, scroll = true) {
    this.active = Math.max(0, Math.min(this.rows.length - 1, place));
    const top = this.active * HEIGHT, { scrollTop, clientHeight } = this.scroll;
    if (scroll && top < scrollTop) this.scroll.scrollTop = top;
    else if (scroll && top > scrollTop + clientHeight - 3 * HEIGHT) this.scroll.scrollTop = top - clientHeight + 3 * HEIGHT;
    this.draw(true);
  }

  press(event) {
    if (event.target !== this.scroll) return;
    const page = Math.floor(this.scroll.clientHeight / HEIGHT) - 2;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    const ref = this.models.ref[this.rows[this.active]];
    if (step !== undefined) this.activate(this.active + step);
    else if (event.key === "Enter" && ref) this.open(ref);
    else if (event.key === " " && ref) this.choose(ref);
    else return;
    event.preventDefault();
  }
}
