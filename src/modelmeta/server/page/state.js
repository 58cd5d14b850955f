// What is asked, kept in the address, so that every view can be shared and the back button works.
const SETS = { capabilities: "can", takes: "takes", gives: "gives", provider: "provider", family: "family", type: "type", status: "status", state: "price" };

export const START = { q: "", sort: "price", view: "list", input: 10_000, output: 1_000, cached: 0, context: 0, price: null, chosen: [], open: "" };

export function read(search) {
  const given = new URLSearchParams(search);
  const number = (name, otherwise) => (given.has(name) && Number.isFinite(+given.get(name)) ? Math.max(0, +given.get(name)) : otherwise);
  const asked = {
    ...START,
    q: (given.get("q") ?? "").slice(0, 200),
    sort: given.get("sort") ?? START.sort,
    view: given.get("view") === "plot" ? "plot" : "list",
    input: Math.round(number("input", START.input)),
    output: Math.round(number("output", START.output)),
    cached: Math.min(100, Math.round(number("cached", START.cached))),
    context: number("context", 0),
    price: given.has("most") ? number("most", null) : null,
    chosen: given.getAll("ref").slice(0, 10),
    open: given.get("open") ?? "",
  };
  for (const [name, parameter] of Object.entries(SETS)) asked[name] = new Set(given.getAll(parameter));
  return asked;
}

export function write(asked) {
  const said = new URLSearchParams();
  for (const name of ["q", "sort", "view", "input", "output", "cached", "context", "open"]) if (asked[name] !== START[name]) said.set(name, asked[name]);
  if (asked.price != null) said.set("most", asked.price);
  for (const [name, parameter] of Object.entries(SETS)) for (const value of asked[name]) said.append(parameter, value);
  for (const ref of asked.chosen) said.append("ref", ref);
  const text = said.toString();
  return text ? `?${text}` : location.pathname;
}
