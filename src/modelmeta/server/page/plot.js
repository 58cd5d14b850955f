// Price against context, both on logarithmic scales.
import { byId, dollars, make, tokens } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const EDGE = { left: 64, right: 16, top: 16, bottom: 44 };

function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text != null) element.textContent = text;
  return element;
}

export function plot(models, rows, open) {
  const place = byId("plot"), width = Math.max(320, place.clientWidth), height = Math.max(280, place.clientHeight - 40);
  const points = rows.filter((row) => models.context[row] > 0 && models.price[row] > 0);
  const left = rows.length - points.length;
  const note = make("p", { class: "note" }, `${points.length.toLocaleString("en")} models; ${left.toLocaleString("en")} without a price or a known context are not shown.`);
  if (!points.length) return place.replaceChildren(note);
  const scale = (values, from, to) => {
    let low = Infinity, high = -Infinity;
    for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
    const [a, b] = [Math.floor(Math.log10(low)), Math.max(Math.floor(Math.log10(low)) + 1, Math.ceil(Math.log10(high)))];
    const at = (value) => from + ((Math.log10(value) - a) / (b - a)) * (to - from);
    return [at, Array.from({ length: b - a + 1 }, (_, step) => 10 ** (a + step))];
  };
  const [x, xs] = scale(points.map((row) => models.context[row]), EDGE.left, width - EDGE.right);
  const [y, ys] = scale(points.map((row) => models.price[row]), height - EDGE.bottom, EDGE.top);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": "Price of the workload against context window" });
  for (const value of xs) {
    svg.append(draw("line", { class: "grid", x1: x(value), x2: x(value), y1: EDGE.top, y2: height - EDGE.bottom }), draw("text", { x: x(value), y: height - EDGE.bottom + 18, "text-anchor": "middle" }, tokens(value)));
  }
  for (const value of ys) {
    svg.append(draw("line", { class: "grid", y1: y(value), y2: y(value), x1: EDGE.left, x2: width - EDGE.right }), draw("text", { x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, dollars(value)));
  }
  svg.append(draw("text", { x: (width + EDGE.left) / 2, y: height - 6, "text-anchor": "middle" }, "context window, tokens"));
  const name = make("p", { class: "note", role: "status" }, "Point at a dot, or move with the arrow keys.");
  const dots = points.map((row) => {
    const dot = draw("circle", { cx: x(models.context[row]), cy: y(models.price[row]), r: 4, tabindex: -1, role: "button", "aria-label": `${models.ref[row].slice(0, 200)}, ${dollars(models.price[row])}, ${tokens(models.context[row])} tokens` });
    dot.addEventListener("click", () => open(models.ref[row]));
    const tell = () => { name.textContent = dot.getAttribute("aria-label"); };
    dot.addEventListener("pointerenter", tell);
    dot.addEventListener("focus", tell);
    return dot;
  });
  dots[0].setAttribute("tabindex", 0);
  svg.append(...dots);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], at = dots.indexOf(document.activeElement);
    if (at < 0) return;
    if (event.key === "Enter") open(models.ref[points[at]]);
    else if (step) dots[(at + step + dots.length) % dots.length].focus();
    else return;
    event.preventDefault();
  });
  place.replaceChildren(svg, name, note);
}

// A line of steps: what a price was, and when it changed.
export function steps(changes) {
  const width = 520, height = 120, values = changes.map((change) => change.value);
  const low = Math.min(...values, 0), high = Math.max(...values) || 1;
  const begin = changes[0].at, end = Math.max(Date.now(), changes.at(-1).at + 1);
  const x = (at) => 8 + ((at - begin) / (end - begin)) * (width - 16), y = (value) => height - 20 - ((value - low) / (high - low || 1)) * (height - 40);
  let path = `M${x(begin)},${y(values[0])}`;
  for (const { at, value } of changes.slice(1)) path += `H${x(at)}V${y(value)}`;
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "steps", role: "img", "aria-label": "Price over time" });
  svg.append(draw("path", { d: `${path}H${x(end)}` }), draw("text", { x: 8, y: height - 4 }, new Date(begin).toISOString().slice(0, 10)), draw("text", { x: width - 8, y: height - 4, "text-anchor": "end" }, "now"));
  return svg;
}
