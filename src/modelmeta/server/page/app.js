// Where everything meets: what is asked is in the address, and every change of it redraws what it changes.
import { byId, clip, count, dollars, make, tokens } from "./dom.js";
import { openComparison, openModel } from "./details.js";
import { Facets } from "./facets.js";
import { Models } from "./models.js";
import { Plot } from "./plot.js";
import { cost } from "./price.js";
import { LONGEST, MOST, START, read, write } from "./state.js";
import { Table } from "./table.js";

const RESTS = 500;
const STEPS = [0, ...[2, 3, 4, 5].flatMap((power) => [1, 1.5, 2, 3, 5, 7].map((step) => step * 10 ** power)), 1e6, 1.5e6, 2e6];
let asked = read(location.search), drawn = {}, moving;
let models, table, plot, facets;

// Ask something else. What is typed or pulled at becomes one step of the browser's history when it rests.
function change(part, { rests = true } = {}) {
  if (rests && moving) keep();
  asked = { ...asked, ...part };
  clearTimeout(moving);
  if (rests) keep();
  else moving = setTimeout(keep, RESTS);
  show();
}

function keep() {
  clearTimeout(moving);
  moving = undefined;
  if (write(asked) !== (location.search || location.pathname)) history.pushState(null, "", write(asked));
  entitle();
}

function entitle() {
  document.title = `${clip(asked.open || asked.q, 80) || "Models and what they cost"} · modelmeta`;
}

function show() {
  const { view, chosen } = asked, workload = [asked.input, asked.output, Math.round((asked.input * asked.cached) / 100)];
  const filters = write({ ...asked, input: START.input, output: START.output, cached: 0, view: "", chosen: [], open: "" });
  const repriced = drawn.workload !== workload.join(), anew = drawn.filters !== filters, turned = drawn.view !== view;
  if (repriced) models.reprice(cost, ...workload);
  if (repriced || anew) {
    const { rows, counts } = models.filter(asked);
    drawn.rows = models.sort(rows, asked.sort);
    facets.show(asked, counts);
    byId("count").textContent = `${count(rows.length)} of ${count(models.size)} models${models.asOf ? `, as of ${models.asOf.slice(0, 10)}` : ""}`;
    byId("close-facets").textContent = `Show ${count(rows.length)}`;
  }
  if (byId("search").value.slice(0, LONGEST) !== asked.q) byId("search").value = asked.q;
  if (repriced || drawn.cached !== asked.cached) showWorkload();
  if (turned) showView();
  if (drawn.chosen !== chosen.join("\n")) showChosen();
  Object.assign(drawn, { workload: workload.join(), filters, cached: asked.cached, view, chosen: chosen.join("\n") });
  if (view === "plot") { if (repriced || anew || turned) plot.show(drawn.rows); }
  else table.show(drawn.rows, asked.sort, chosen, anew);
  showDialog();
}

function showWorkload() {
  const away = (place, number) => Math.abs(STEPS[place] - number);
  for (const name of ["input", "output"]) {
    const slider = byId(name), number = asked[name];
    if (STEPS[slider.value] !== number) slider.value = STEPS.reduce((best, _, place) => (away(place, number) < away(best, number) ? place : best), 0);
    slider.setAttribute("aria-valuetext", `${tokens(number)} tokens`);
    byId(`${name}-value`).textContent = tokens(number);
  }
  byId("cached").value = asked.cached;
  byId("cached").setAttribute("aria-valuetext", `${asked.cached} percent`);
  byId("cached-value").textContent = `${asked.cached}%`;
}

function showView() {
  for (const view of ["list", "plot"]) {
    byId(view).hidden = asked.view !== view;
    byId(`view-${view}`).setAttribute("aria-pressed", asked.view === view);
  }
}

function showChosen() {
  const { chosen } = asked, footer = byId("chosen"), focused = footer.contains(document.activeElement);
  const leave = (ref) => make("button", { "aria-label": `Leave out ${clip(ref, 200)}`, onclick: () => choose(ref) }, "✕");
  footer.hidden = !chosen.length;
  byId("chosen-list").replaceChildren(...chosen.map((ref) => make("li", {}, make("span", {}, clip(ref, 80)), leave(ref))));
  byId("compare").disabled = chosen.length < 2;
  byId("compare").textContent = chosen.length < 2 ? "Choose another" : `Compare ${chosen.length}${chosen.length === MOST ? ", the most" : ""}`;
  if (focused && !footer.contains(document.activeElement)) (footer.querySelector("li button") ?? byId("search")).focus();
}

function showDialog() {
  const dialog = byId("dialog"), { open, chosen, input, output, cached } = asked;
  const key = [open, input, output, cached, ...(open === "compare" ? chosen : [])].join("\n");
  if (!open) dialog.close();
  else if (drawn.dialog !== key || !dialog.open) open === "compare" ? openComparison(chosen, asked) : openModel(open, ...told(open));
  drawn.dialog = key;
}

// What a model costs, and a button that chooses it.
function told(ref) {
  const row = models.refs.indexOf(ref);
  if (row < 0) return [];
  const button = make("button", { onclick: () => { choose(ref); label(); } });
  const label = () => { button.textContent = asked.chosen.includes(ref) ? "Leave out of comparison" : "Choose for comparison"; };
  const { input, output, cached } = asked, price = models.state(row) ?? dollars(models.price(row));
  label();
  return [make("span", {}, `${price} for ${tokens(input)} in, ${tokens(output)} out, ${cached}% cached`), button];
}

const open = (ref) => change({ open: ref });

function choose(ref) {
  if (asked.chosen.includes(ref)) change({ chosen: asked.chosen.filter((other) => other !== ref) });
  else if (asked.chosen.length < MOST) change({ chosen: [...asked.chosen, ref] });
}

function clear() {
  const { view, sort, chosen, input, output, cached } = asked;
  change({ ...read(""), view, sort, chosen, input, output, cached });
}

function theme() {
  const { dataset } = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  dataset.theme = (dataset.theme ?? system) === "dark" ? "light" : "dark";
  try { localStorage.setItem("theme", dataset.theme); } catch { /* a browser that keeps nothing forgets the choice */ }
}

// Go from the search to what it found.
function enter() {
  if (asked.view === "plot") byId("plot-area").focus();
  else table.activate(0);
}

function wire() {
  const on = (id, event, does) => byId(id).addEventListener(event, does);
  on("search", "input", (event) => change({ q: event.target.value.slice(0, LONGEST) }, { rests: false }));
  on("search", "keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "Enter" || (event.key === "Escape" && !asked.q)) { event.preventDefault(); enter(); }
  });
  for (const name of ["input", "output"]) on(name, "input", (event) => change({ [name]: STEPS[event.target.value] }, { rests: false }));
  on("cached", "input", (event) => change({ cached: +event.target.value }, { rests: false }));
  for (const view of ["list", "plot"]) on(`view-${view}`, "click", () => change({ view }));
  on("clear", "click", clear);
  on("show-all", "click", () => { clear(); byId("search").focus(); });
  on("compare", "click", () => change({ open: "compare" }));
  on("unchoose", "click", () => change({ chosen: [] }));
  on("dialog-close", "click", () => byId("dialog").close());
  on("dialog", "close", () => { if (asked.open && !byId("dialog").open) change({ open: "" }); });
  on("facets", "submit", (event) => event.preventDefault());
  on("theme", "click", theme);
  addEventListener("keydown", (event) => {
    const types = event.target.closest("input:not([type=checkbox], [type=range]), select, dialog");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || types) return;
    event.preventDefault();
    byId("search").select();
  });
  addEventListener("popstate", () => {
    clearTimeout(moving);
    moving = undefined;
    asked = read(location.search);
    entitle();
    show();
  });
}

async function begin() {
  try {
    const answer = await fetch("page/models.json");
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    models = new Models(await answer.json());
  } catch (error) {
    byId("count").textContent = `The models could not be loaded: ${error.message}`;
    return;
  }
  table = new Table(models, MOST, { sort: (sort) => change({ sort }), open, choose });
  plot = new Plot(models, open);
  facets = new Facets(models, models.filter(read("")).counts, change);
  wire();
  entitle();
  show();
  document.documentElement.dataset.ready = "";
}

begin();
