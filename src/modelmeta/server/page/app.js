// Where everything meets: what is asked is in the address, and every change of it redraws what it changes.
import { byId, make, tokens } from "./dom.js";
import { openComparison, openModel } from "./details.js";
import { Facets } from "./facets.js";
import { Models } from "./models.js";
import { plot } from "./plot.js";
import { cost } from "./price.js";
import { START, read, write } from "./state.js";
import { Table } from "./table.js";

const MOST = 10;
const SLIDER = { input: 2_000_000, output: 200_000 };
let asked = read(location.search);
let models, table, facets;

const toTokens = (name, value) => (+value === 0 ? 0 : Math.round(10 ** ((value / 100) * Math.log10(SLIDER[name]))));
const toSlider = (name, count) => (count < 1 ? 0 : (Math.log10(count) / Math.log10(SLIDER[name])) * 100);

function change(part, { step = true } = {}) {
  asked = { ...asked, ...part };
  history[step ? "pushState" : "replaceState"](null, "", write(asked));
  show();
}

function show() {
  const repriced = models.price.workload !== `${asked.input} ${asked.output} ${asked.cached}`;
  if (repriced) {
    models.reprice(cost, asked.input, asked.output, Math.round((asked.input * asked.cached) / 100));
    models.price.workload = `${asked.input} ${asked.output} ${asked.cached}`;
  }
  const { rows, counts } = models.filter(asked);
  models.sort(rows, asked.sort);
  facets.show(asked, counts);
  for (const name of ["input", "output"]) {
    if (document.activeElement !== byId(name)) byId(name).value = toSlider(name, asked[name]);
    byId(`${name}-value`).textContent = tokens(asked[name]);
    byId(name).setAttribute("aria-valuetext", `${tokens(asked[name])} tokens`);
  }
  byId("cached").value = asked.cached;
  byId("cached-value").textContent = `${asked.cached}%`;
  if (document.activeElement !== byId("search")) byId("search").value = asked.q;
  byId("count").textContent = `${rows.length.toLocaleString("en")} of ${models.size.toLocaleString("en")} models${models.asOf ? `, as of ${models.asOf.slice(0, 10)}` : ""}`;
  for (const view of ["list", "plot"]) {
    byId(view).hidden = asked.view !== view;
    byId(`view-${view}`).setAttribute("aria-pressed", asked.view === view);
  }
  if (asked.view === "plot") plot(models, rows, open);
  else table.show(rows, asked.sort, asked.chosen);
  showChosen();
  showDialog();
}

function showChosen() {
  const { chosen } = asked;
  byId("chosen").hidden = !chosen.length;
  byId("chosen-list").replaceChildren(...chosen.map((ref) => make("li", {}, ref.slice(0, 80), make("button", { "aria-label": `Leave out ${ref}`, onclick: () => choose(ref) }, "✕"))));
  byId("compare").disabled = chosen.length < 2;
  byId("compare").textContent = chosen.length < 2 ? "Compare: choose another" : `Compare ${chosen.length}`;
}

function showDialog() {
  const dialog = byId("dialog"), key = asked.open === "compare" ? `compare ${asked.chosen} ${asked.input} ${asked.output} ${asked.cached}` : asked.open;
  if (!asked.open) { if (dialog.open) dialog.close(); }
  else if (dialog.dataset.key !== key || !dialog.open) asked.open === "compare" ? openComparison(asked.chosen, asked) : openModel(asked.open);
  dialog.dataset.key = key;
}

const open = (ref) => change({ open: ref });

function choose(ref) {
  const chosen = asked.chosen.includes(ref) ? asked.chosen.filter((other) => other !== ref) : [...asked.chosen, ref].slice(-MOST);
  change({ chosen });
}

function wire() {
  let typing;
  byId("search").addEventListener("input", (event) => {
    const first = typing === undefined;
    clearTimeout(typing);
    typing = setTimeout(() => { typing = undefined; }, 1_000);
    change({ q: event.target.value.slice(0, 200) }, { step: first });
  });
  byId("search").addEventListener("keydown", (event) => { if (event.key === "ArrowDown" || event.key === "Enter") { byId("list").focus(); event.preventDefault(); } });
  for (const name of ["input", "output"]) byId(name).addEventListener("input", (event) => change({ [name]: toTokens(name, event.target.value) }, { step: false }));
  byId("cached").addEventListener("input", (event) => change({ cached: +event.target.value }, { step: false }));
  for (const view of ["list", "plot"]) byId(`view-${view}`).addEventListener("click", () => change({ view }));
  byId("clear").addEventListener("click", () => change({ ...read(""), view: asked.view, sort: asked.sort, chosen: asked.chosen, input: asked.input, output: asked.output, cached: asked.cached }));
  byId("compare").addEventListener("click", () => change({ open: "compare" }));
  byId("unchoose").addEventListener("click", () => change({ chosen: [] }));
  byId("dialog-close").addEventListener("click", () => byId("dialog").close());
  byId("dialog").addEventListener("close", () => { if (asked.open) change({ open: "" }); });
  const drawer = (shown) => { document.body.classList.toggle("facets-open", shown); byId("open-facets").setAttribute("aria-expanded", shown); byId(shown ? "close-facets" : "open-facets").focus(); };
  byId("open-facets").addEventListener("click", () => drawer(true));
  byId("close-facets").addEventListener("click", () => drawer(false));
  byId("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches) ? "light" : "dark"));
  document.addEventListener("keydown", (event) => {
    const typed = event.target.closest("input:not([type=checkbox]):not([type=range]), select, dialog");
    if (event.key === "/" && !typed) { byId("search").focus(); event.preventDefault(); }
    else if (event.key === "Escape" && document.body.classList.contains("facets-open")) drawer(false);
    else if (event.key === "Escape" && event.target === byId("search")) byId("list").focus();
  });
  addEventListener("popstate", () => { asked = read(location.search); show(); });
  addEventListener("resize", () => { if (asked.view === "plot") show(); });
}

function theme(name) {
  if (name) document.documentElement.dataset.theme = name;
  try { if (name) localStorage.setItem("theme", name); } catch { /* a browser that keeps nothing forgets the choice */ }
}

async function begin() {
  try { theme(localStorage.getItem("theme")); } catch { /* as above */ }
  try {
    const answer = await fetch("page/models.json");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    models = new Models(await answer.json());
  } catch (error) {
    byId("count").textContent = `The models could not be loaded: ${error.message}`;
    return;
  }
  const sort = (key) => change({ sort: asked.sort === key ? `-${key}` : key });
  if (!(asked.sort.replace("-", "") in models) && !["in", "out"].includes(asked.sort.replace("-", ""))) asked.sort = START.sort;
  table = new Table(models, { sort, open, choose });
  facets = new Facets(models, change);
  wire();
  show();
  document.documentElement.dataset.ready = "";
}

begin();
