// What is asked, kept in the address, so that every view can be shared and the back button works.
const SETS = {
  ...{ capabilities: "can", takes: "takes", gives: "gives", state: "price" },
  ...{ provider: "provider", family: "family", type: "type", status: "status" },
};
const MOST_TOKENS = 1e12;

export const LONGEST = 200;
export const MOST = 10;
export const START = { q: "", sort: "", view: "list", input: 10_000, output: 1_000, cached: 0, context: 0, most: null, chosen: [], open: "" };
const PLAIN = ["q", "sort", "view", "input", "output", "cached", "context", "most", "open"];

export function read(search) {
  const given = new URLSearchParams(search);
  const number = (name, most) => {
    const value = parseFloat(given.get(name));
    return value >= 0 ? Math.min(most, value) : START[name];
  };
  const asked = {
    q: (given.get("q") ?? "").slice(0, LONGEST),
    sort: given.get("sort") ?? "",
    view: given.get("view") === "plot" ? "plot" : "list",
    input: Math.round(number("input", MOST_TOKENS)),
    output: Math.round(number("output", MOST_TOKENS)),
    cached: Math.round(number("cached", 100)),
    context: number("context", MOST_TOKENS),
    most: number("most", Infinity),
    chosen: [...new Set(given.getAll("ref"))].slice(0, MOST),
    open: given.get("open") ?? "",
  };
  for (const [name, parameter] of Object.entries(SETS)) asked[name] = new Set(given.getAll(parameter));
  return asked;
}

export function write(asked) {
  const said = new URLSearchParams();
  for (const name of PLAIN) if (asked[name] !== START[name]) said.set(name, asked[name]);
  for (const [name, parameter] of Object.entries(SETS)) for (const value of asked[name]) said.append(parameter, value);
  for (const ref of asked.chosen) said.append("ref", ref);
  return said.size ? `?${said}`.replaceAll("%2F", "/") : location.pathname;
}
