// The dialog: one model with its history, or several side by side.
import { UNKNOWN, breakable, byId, clip, count, dollars, make, shown, tokens } from "./dom.js";
import { steps } from "./plot.js";

const path = (ref) => ref.split("/").map(encodeURIComponent).join("/");
const LATEST = 50;
const FIRST = "name provider_id id release_date limit cost".split(" ");
const RATE = /^(experimental\.modes\.[^.]+\.)?cost\.\w+( |$)/;

const unit = (name, value) =>
  typeof value !== "number" ? "" : RATE.test(name) ? " USD per million tokens" : name.startsWith("limit.") ? " tokens" : "";

async function ask(address) {
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(clip(said.detail ?? `the server answered ${answer.status}`));
  return said;
}

let latest = 0;

async function fill(title, work) {
  const own = ++latest, dialog = byId("dialog");
  byId("dialog-title").textContent = clip(title, 200);
  byId("dialog-body").replaceChildren(make("p", { role: "status" }, "…"));
  if (!dialog.open) dialog.showModal();
  let content;
  try {
    content = await work();
  } catch (error) {
    content = [make("p", { role: "alert" }, error.message)];
  }
  if (own === latest) byId("dialog-body").replaceChildren(...content.filter(Boolean));
}

// Show everything known about a model, below what is given as top.
export const openModel = (ref, ...top) =>
  fill(ref, async () => {
    const address = `api/v1/models/${path(ref)}`;
    const [model, history] = await Promise.all([ask(address), ask(`${address}/history`).catch((error) => ({ error }))]);
    byId("dialog-title").textContent = clip(model.name || ref, 200);
    const facts = [], unknown = [];
    const take = (name, value) => {
      if (RATE.test(name) && name.endsWith(".tiers")) for (const tier of value) tiered(name, tier);
      else if (value == null || (value.length === 0 && name.startsWith("modalities."))) unknown.push(name);
      else if (typeof value !== "object" || Array.isArray(value)) { if (value.length !== 0) facts.push([name, value]); }
      else for (const [key, inner] of Object.entries(value)) take(name ? `${name}.${key}` : key, inner);
    };
    const tiered = (name, { size, ...rates }) => {
      for (const rate in rates) if (rates[rate] != null) facts.push([name.replace(/tiers$/, `${rate} above ${count(size)} tokens`), rates[rate]]);
    };
    take("", { ...Object.fromEntries(FIRST.map((name) => [name, null])), ...model });
    const row = ([name, value], kind) => make("tr", {},
      make("th", { scope: "row" }, ...breakable(clip(name, 200))),
      make("td", { class: kind }, kind ? value : shown(value), make("span", { class: "under" }, unit(name, value))));
    return [
      make("p", { class: "said" }, make("code", {}, clip(ref, 300)), ...top),
      ...past(model, history),
      make("h3", {}, "Everything known"),
      make("table", { class: "facts" }, make("tbody", {}, ...facts.map((fact) => row(fact)), row([UNKNOWN, unknown.join(", ")], "unknown"))),
    ];
  });

function past(model, { changes, error }) {
  const parts = [make("h3", {}, "History")];
  if (error) return [...parts, make("p", { role: "alert" }, error.message)];
  if (!changes.length) return [...parts, make("p", { class: "note" }, "Nothing is on record.")];
  const lines = ["input", "output"].map((name) => ({ name, points: prices(name, model, changes) }));
  const known = lines.filter(({ points }) => points.some(({ value }) => value != null));
  const told = changes.slice(-LATEST).reverse().map((change) =>
    make("li", {}, make("time", { datetime: change.at }, change.at.slice(0, 10)), ` ${change.kind} `,
      change.path && make("span", {}, `${clip(change.path, 200)}: ${shown(change.before)} → ${shown(change.after)}${moved(change)}`)));
  return [...parts, known.length ? steps(known, byId("dialog-body").clientWidth - 32) : null, make("ul", { class: "changes" }, ...told)];
}

const moved = ({ percent }) => (percent == null ? "" : ` (${percent > 0 ? "+" : ""}${+percent.toFixed(1)}%)`);

// Return since when a price was what, from the first time anything is known.
function prices(name, model, changes) {
  const of = changes.filter((change) => change.path === `cost.${name}`), first = of.length ? of[0].before : model.cost?.[name];
  return [{ at: changes[0].at, after: first }, ...of].map(({ at, after }) => ({ at: Date.parse(at), value: after }));
}

export const openComparison = (refs, { input, output, cached }) =>
  fill(`${refs.length} models`, async () => {
    const asked = new URLSearchParams({ input_tokens: input, output_tokens: output, cache_read_tokens: Math.round((input * cached) / 100) });
    for (const ref of refs) asked.append("ids", ref);
    const { models, missing, rows } = await ask(`api/v1/models/compare?${asked}`);
    const cell = (row, value, place) => {
      const best = row.best.includes(place), price = row.unit?.startsWith("USD") && typeof value === "number";
      const mark = best ? make("span", { class: "hidden" }, " (best)") : null;
      return make("td", { class: best ? "best" : value == null ? "unknown" : null }, price ? dollars(value) : shown(value), mark);
    };
    const lines = rows.map((row) => {
      const unit = row.field === "total" ? `USD for ${tokens(input)} in, ${tokens(output)} out, ${cached}% cached` : row.unit;
      const head = make("th", { scope: "row" }, ...breakable(row.field), unit && make("span", { class: "under" }, unit));
      return make("tr", { class: row.differs ? "differs" : null }, head, ...row.values.map((value, place) => cell(row, value, place)));
    });
    const heads = [[make("span", { class: "hidden" }, "Fact")], ...models.map((ref) => breakable(clip(ref, 200)))];
    const head = make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, ...text))));
    const table = make("table", { class: "compared" }, head, make("tbody", {}, ...lines));
    const only = make("input", { type: "checkbox", onchange: () => table.classList.toggle("only-differences", only.checked) });
    return [
      make("label", { class: "row" }, only, "Only differences"),
      missing.length ? make("p", { role: "alert" }, `Not known: ${missing.map((ref) => clip(ref, 200)).join(", ")}`) : null,
      table,
    ];
  });
