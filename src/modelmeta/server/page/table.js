// The list: only the rows in view are in the document, however many there are.
import { UNKNOWN, byId, clip, dollars, make, say, tokens } from "./dom.js";

const SPARE = 6;

// What each column is sorted by (with a - in front where the largest comes first), its title, its classes, and what it says of a model.
const COLUMNS = [
  ["provider", "Provider", "text wide provider", (models, row) => clip(models.title(models.get("provider", row)), 200)],
  ["price", "$/request", "number", (models, row) => models.state(row) ?? dollars(models.price(row))],
  ["in", "$/M in", "number middle", (models, row) => dollars(models.get("rates", row)?.[0])],
  ["out", "$/M out", "number middle", (models, row) => dollars(models.get("rates", row)?.[1])],
  ["-context", "Context", "number context", (models, row) => tokens(models.get("context", row))],
  ["-output", "Output", "number wide", (models, row) => tokens(models.get("output", row))],
  ["-released", "Released", "number middle", (models, row) => models.get("released", row) ?? UNKNOWN],
];
const opposite = (key) => (key.startsWith("-") ? key.slice(1) : `-${key}`);

export class Table {
  constructor(models, most, { sort, open, choose }) {
    Object.assign(this, { models, most, sort, open, choose, rows: [], lines: [], active: 0, begin: 0, top: 0, chosen: [], sorted: "" });
    this.scroll = byId("list");
    this.body = byId("body");
    this.before = make("tr", { class: "gap", "aria-hidden": "true" }, make("td"));
    this.after = this.before.cloneNode(true);
    this.body.append(this.before, this.after);
    const button = (key, title) => make("button", { onclick: () => this.turn(key) }, title);
    const head = (key, title, kind) => make("th", { scope: "col", class: kind, "data-key": key }, button(key, title));
    byId("head").append(
      make("th", { scope: "col", class: "pick" }, make("span", { class: "hidden" }, "Compare")),
      head("name", "Model", "text"),
      ...COLUMNS.map(([key, title, kind]) => head(key, title, kind)),
    );
    this.scroll.addEventListener("scroll", () => {
      this.top = this.scroll.scrollTop;
      if (this.begin !== this.first()) this.draw();
    }, { passive: true });
    this.scroll.addEventListener("keydown", (event) => this.press(event));
    this.body.addEventListener("click", (event) => this.click(event));
    this.body.addEventListener("focusin", (event) => { if (event.target.matches("a")) this.active = this.placeOf(event.target); });
    new ResizeObserver(() => this.measure()).observe(this.scroll);
  }

  // From one way to the other, and back to the order of the list itself.
  turn(key) {
    this.sort(this.sorted === key ? opposite(key) : this.sorted === opposite(key) ? "" : key);
  }

  // Show rows; those of another question (anew) from the top.
  show(rows, sorted, chosen, anew) {
    const active = this.rows[this.active];
    Object.assign(this, { rows, sorted, chosen });
    this.active = anew ? 0 : Math.max(0, rows.indexOf(active));
    byId("table").setAttribute("aria-rowcount", rows.length + 1);
    byId("none").hidden = rows.length > 0;
    for (const head of byId("head").querySelectorAll("[data-key]")) {
      const { key } = head.dataset;
      if (sorted === key || sorted === opposite(key)) head.setAttribute("aria-sort", sorted.startsWith("-") ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    if (anew && this.top) this.scroll.scrollTop = this.top = 0;
    this.draw();
  }

  // Have as many lines as are seen, and some to spare.
  measure() {
    this.height = parseInt(getComputedStyle(this.scroll).getPropertyValue("--row"), 10);
    const seen = Math.ceil(this.scroll.clientHeight / this.height) + 2 * SPARE;
    while (this.lines.length < seen) this.lines.push(this.line());
    this.draw();
  }

  first() {
    return Math.max(0, Math.min(Math.floor(this.top / this.height) - SPARE, this.rows.length - this.lines.length));
  }

  draw() {
    if (!this.lines.length) return;
    const focused = this.body.contains(document.activeElement) && document.activeElement.matches("a");
    this.begin = this.first();
    this.lines.forEach((line, place) => this.fill(line, this.begin + place));
    this.before.style.height = `${this.begin * this.height}px`;
    this.after.style.height = `${Math.max(0, this.rows.length - this.begin - this.lines.length) * this.height}px`;
    const active = this.lines[this.active - this.begin]?.link;
    this.scroll.tabIndex = active ? -1 : 0;
    if (focused) (active ?? this.scroll).focus({ preventScroll: true });
  }

  line() {
    const check = make("input", { type: "checkbox", tabindex: -1 }), link = make("a"), under = make("span", { class: "under" });
    const cells = COLUMNS.map(([, , kind]) => make("td", { class: kind }));
    const row = make("tr", {}, make("td", { class: "pick" }, check), make("th", { scope: "row", class: "text" }, link, under), ...cells);
    this.after.before(row);
    return { row, check, link, under, cells };
  }

  fill({ row: line, check, link, under, cells }, place) {
    const { models } = this, row = this.rows[place];
    line.hidden = row === undefined;
    if (line.hidden) return;
    const ref = models.refs[row], shown = clip(ref, 200), chosen = this.chosen.includes(ref);
    line.setAttribute("aria-rowindex", place + 2);
    line.classList.toggle("chosen", chosen);
    check.checked = chosen;
    check.disabled = !chosen && this.chosen.length >= this.most;
    check.setAttribute("aria-label", `Compare ${shown}`);
    say(link, clip(models.get("name", row), 200) || shown);
    link.href = `?open=${encodeURIComponent(ref).replaceAll("%2F", "/")}`;
    link.tabIndex = place === this.active ? 0 : -1;
    say(under, shown);
    COLUMNS.forEach(([, , , fact], column) => {
      const said = fact(models, row);
      say(cells[column], said);
      cells[column].classList.toggle("unknown", said === UNKNOWN);
    });
  }

  placeOf(element) {
    return this.begin + this.lines.findIndex(({ row }) => row.contains(element));
  }

  click(event) {
    const ref = this.models.refs[this.rows[this.placeOf(event.target)]];
    if (event.ctrlKey || event.metaKey || event.shiftKey || !getSelection().isCollapsed) return;
    if (event.target.closest(".pick")) this.choose(ref);
    else { event.preventDefault(); this.activate(this.placeOf(event.target)); this.open(ref); }
  }

  // Move to a row: it gets the focus, and comes into view.
  activate(place) {
    this.active = Math.max(0, Math.min(this.rows.length - 1, place));
    const top = this.active * this.height, seen = this.scroll.clientHeight - 2 * this.height;
    this.scroll.scrollTop = Math.max(top - seen, Math.min(top, this.top));
    this.top = this.scroll.scrollTop;
    this.draw();
    this.lines[this.active - this.begin]?.link.focus({ preventScroll: true });
  }

  press(event) {
    if (event.target.closest("thead") || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.floor(this.scroll.clientHeight / this.height) - 2;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined) this.activate(event.target === this.scroll ? this.active : this.active + step);
    else if (event.key === " " && event.target.matches("a")) this.choose(this.models.refs[this.rows[this.active]]);
    else return;
    event.preventDefault();
  }
}
