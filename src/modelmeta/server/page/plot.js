// Price against context, both on logarithmic scales; and what a price was over time.
import { byId, clip, count, dollars, make, tokens } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const EDGE = { left: 64, right: 20, top: 12, bottom: 44 };
const SIZES = [[1, 3], [5, 4.5], [20, 6], [Infinity, 8]]; // up to so many models in one place: radius
const REACH = 16;
const DAY = 86_400_000;

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Return what places a value between two ends, and round values to mark: 1, 2 and 5, or only powers of ten where those are many.
function scale(values, from, to) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
  const [a, b] = [Math.log10(low) - 0.1, Math.log10(high) + 0.1], steps = b - a < 2.5 ? [1, 2, 5] : [1], marks = [];
  for (let power = Math.floor(a); power <= b; power++) {
    for (const step of steps) {
      const mark = +`${step}e${power}`, place = Math.log10(mark);
      if (place >= a && place <= b) marks.push(mark);
    }
  }
  return [(value) => from + ((Math.log10(value) - a) / (b - a)) * (to - from), marks];
}

export class Plot {
  constructor(models, open) {
    Object.assign(this, { models, open, groups: [], order: [], at: -1 });
    this.place = byId("plot-area");
    this.place.addEventListener("pointermove", (event) => this.point(event));
    this.place.addEventListener("click", (event) => { if (this.point(event)) this.go(); });
    this.place.addEventListener("keydown", (event) => this.press(event));
    this.place.addEventListener("focus", () => { if (this.at < 0 && this.order.length) this.tell(0); });
    new ResizeObserver(() => { if (this.rows) this.show(this.rows); }).observe(this.place);
  }

  show(rows) {
    const { models, place } = this, width = place.clientWidth, height = place.clientHeight;
    this.rows = rows;
    if (!width) return;
    const context = (row) => models.get("context", row), price = (row) => models.price(row);
    const points = rows.filter((row) => context(row) > 0 && price(row) > 0), left = rows.length - points.length;
    const without = left ? `; ${count(left)} that are free or of unknown price or context are not shown` : "";
    byId("plot-note").textContent = `${count(points.length)} models${without}.`;
    Object.assign(this, { groups: [], order: [], at: -1 });
    byId("plot-said").textContent = points.length ? "Point at a dot, or move with the arrow keys. Larger dots are several." : "";
    if (!points.length) return place.replaceChildren();
    const [x, xs] = scale(points.map(context), EDGE.left, width - EDGE.right);
    const [y, ys] = scale(points.map(price), height - EDGE.bottom, EDGE.top);
    const spots = new Map();
    for (const row of points) {
      const spot = [Math.round(x(context(row))), Math.round(y(price(row)))], key = spot.join();
      if (!spots.has(key)) spots.set(key, { spot, rows: [] });
      spots.get(key).rows.push(row);
    }
    this.groups = [...spots.values()].sort((one, other) => one.spot[0] - other.spot[0] || other.spot[1] - one.spot[1]);
    this.order = this.groups.flatMap((group) => group.rows.map((row) => ({ group, row })));
    this.mark = draw("circle", { class: "mark", r: 9, cx: -99, cy: -99 });
    const across = (mark) => [line(EDGE.left, y(mark), width - EDGE.right, y(mark)), label(EDGE.left - 8, y(mark) + 4, "end", dollars(mark))];
    const up = (mark) => [line(x(mark), EDGE.top, x(mark), height - EDGE.bottom), label(x(mark), height - 26, "middle", tokens(mark))];
    const dots = ([most, radius], size) => draw("path", { class: "dots", "stroke-width": 2 * radius, d: this.dots(SIZES[size - 1]?.[0] ?? 0, most) });
    const axes = [label(8, height - 6, "start", "↑ price of the request"), label(width - EDGE.right, height - 6, "end", "context, tokens →")];
    const parts = [...xs.flatMap(up), ...ys.flatMap(across), ...axes, ...SIZES.map(dots), this.mark];
    place.replaceChildren(draw("svg", { width, height, "aria-hidden": "true" }, ...parts));
  }

  // All dots of one size are one line of many short pieces: thousands of circles would be slow.
  dots(above, most) {
    return this.groups.filter(({ rows }) => rows.length > above && rows.length <= most).map(({ spot: [x, y] }) => `M${x} ${y}h0`).join("");
  }

  tell(at) {
    const { models } = this, { group, row } = this.order[at], others = group.rows.length - 1;
    this.at = at;
    this.mark.setAttribute("cx", group.spot[0]);
    this.mark.setAttribute("cy", group.spot[1]);
    const context = `${tokens(models.get("context", row))} tokens`;
    const said = [clip(models.get("name", row), 80), clip(models.refs[row], 120), dollars(models.price(row)), context];
    if (others) said.push(`and ${count(others)} more here`);
    byId("plot-said").textContent = said.join(" · ");
  }

  point({ clientX, clientY }) {
    const { left, top } = this.place.getBoundingClientRect(), x = clientX - left, y = clientY - top;
    let nearest = null, least = REACH;
    for (const group of this.groups) {
      const away = Math.hypot(group.spot[0] - x, group.spot[1] - y);
      if (away < least) [nearest, least] = [group, away];
    }
    if (nearest && this.order[this.at]?.group !== nearest) this.tell(this.order.findIndex(({ group }) => group === nearest));
    this.place.classList.toggle("over", nearest !== null);
    return nearest;
  }

  press(event) {
    const step = { ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, ArrowUp: 1 }[event.key], { length } = this.order;
    if (!length) return;
    if (event.key === "Enter") this.go();
    else if (step) this.tell((this.at + step + length) % length);
    else return;
    event.preventDefault();
  }

  go() {
    if (this.at >= 0) this.open(this.models.refs[this.order[this.at].row]);
  }
}

const line = (x1, y1, x2, y2) => draw("line", { class: "grid", x1, y1, x2, y2 });
const label = (x, y, anchor, text) => draw("text", { x, y, "text-anchor": anchor }, text);

// Lines of steps: what prices were, and when they changed. Each has a name and its points in time, with null where the price is unknown from then on.
export function steps(lines, most) {
  const width = Math.min(600, most), height = 150, edge = { left: 56, right: 12, top: 10, bottom: 24 };
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value ?? 0)), high = Math.max(...values) || 1;
  const begin = lines[0].points[0].at, end = Math.max(Date.now(), begin + 1);
  const x = (at) => edge.left + ((at - begin) / (end - begin)) * (width - edge.left - edge.right);
  const y = (value) => height - edge.bottom - (value / high) * (height - edge.top - edge.bottom);
  const told = (at) => new Date(at).toISOString().slice(0, end - begin < 2 * DAY ? 16 : 10).replace("T", " ");
  const path = (points) => {
    let said = "", known = false;
    for (const { at, value } of [...points, { at: end }]) {
      if (known) said += `H${x(at)}`;
      if (value != null) said += known ? `V${y(value)}` : `M${x(at)} ${y(value)}`;
      known = value != null;
    }
    return said;
  };
  const names = lines.map(({ name }) => make("span", { class: `key ${name}` }, name));
  const across = (value) => [line(edge.left, y(value), width - edge.right, y(value)), label(edge.left - 8, y(value) + 4, "end", dollars(value))];
  return make("figure", {},
    draw("svg", { width, height, class: "steps", role: "img", "aria-label": "Prices over time" },
      ...[0, high].flatMap(across),
      label(edge.left, height - 6, "start", told(begin)), label(width - edge.right, height - 6, "end", told(end)),
      ...lines.map(({ name, points }) => draw("path", { class: name, d: path(points) }))),
    make("figcaption", { class: "note" }, "USD per million tokens of ", ...names.flatMap((name, place) => [place ? " and " : null, name])));
}
