// The dialog: one model with its history, or several side by side.
import { byId, dollars, make, shown } from "./dom.js";
import { steps } from "./plot.js";

const path = (ref) => ref.split("/").map(encodeURIComponent).join("/");

async function ask(address) {
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail ?? `status ${answer.status}`);
  return said;
}

let latest = 0;

async function fill(title, work) {
  const own = ++latest, dialog = byId("dialog");
  byId("dialog-title").textContent = title.slice(0, 200);
  byId("dialog-body").replaceChildren(make("p", { role: "status" }, "…"));
  if (!dialog.open) dialog.showModal();
  let content;
  try {
    content = await work();
  } catch (error) {
    content = [make("p", { role: "alert" }, error.message)];
  }
  if (own === latest) byId("dialog-body").replaceChildren(...content);
}

function leaves(value, name = "") {
  if (value && typeof value === "object" && !Array.isArray(value)) return Object.entries(value).flatMap(([key, inner]) => leaves(inner, name ? `${name}.${key}` : key));
  return value == null || (Array.isArray(value) && !value.length) ? [] : [[name, value]];
}

export const openModel = (ref) =>
  fill(ref, async () => {
    const [model, history] = await Promise.all([ask(`api/v1/models/${path(ref)}`), ask(`api/v1/models/${path(ref)}/history`).catch(() => ({ changes: [] }))]);
    const facts = leaves(model).map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, shown(value))));
    return [...past(model, history.changes), make("table", { class: "facts" }, make("caption", { class: "hidden" }, "Everything known"), make("tbody", {}, ...facts))];
  });

function past(model, changes) {
  if (!changes.length) return [];
  const parts = [make("h3", {}, "History")];
  const input = changes.filter((change) => change.path === "cost.input");
  const first = { at: Date.parse(changes[0].at), value: input.length ? input[0].before : model.cost?.input };
  if (first.value != null) {
    parts.push(make("p", { class: "note" }, "Input price, USD per million tokens"), steps([first, ...input.map((change) => ({ at: Date.parse(change.at), value: change.after ?? 0 }))]));
  }
  const told = changes.slice(-50).reverse().map((change) =>
    make("li", {}, make("time", { datetime: change.at }, change.at.slice(0, 10)), ` ${change.kind}`, change.path ? ` ${change.path}: ${shown(change.before)} → ${shown(change.after)}` : ""),
  );
  return [...parts, make("ul", { class: "changes" }, ...told)];
}

export const openComparison = (refs, { input, output, cached }) =>
  fill(`${refs.length} models`, async () => {
    const asked = new URLSearchParams({ input_tokens: input, output_tokens: output, cache_read_tokens: Math.round((input * cached) / 100) });
    for (const ref of refs) asked.append("ids", ref);
    const { models, missing, rows } = await ask(`api/v1/models/compare?${asked}`);
    const cell = (row, value, place) => {
      const best = row.best.includes(place);
      const text = row.unit?.startsWith("USD") && typeof value === "number" ? dollars(value) : shown(value);
      return make("td", { class: [best && "best", value == null && "unknown", typeof value === "number" && "number"].filter(Boolean).join(" ") || null }, text, best ? make("span", { class: "hidden" }, " (best)") : null);
    };
    const lines = rows.map((row) => make("tr", { class: row.differs ? "differs" : null }, make("th", { scope: "row" }, row.field, row.unit ? make("span", { class: "under" }, row.unit) : null), ...row.values.map((value, place) => cell(row, value, place))));
    const only = make("input", { type: "checkbox", onchange: () => table.classList.toggle("only-differences", only.checked) });
    const table = make("table", { class: "compared" }, make("caption", { class: "hidden" }, "Models side by side"), make("thead", {}, make("tr", {}, make("td"), ...models.map((ref) => make("th", { scope: "col" }, ref)))), make("tbody", {}, ...lines));
    return [make("label", { class: "row" }, only, "Only differences"), missing.length ? make("p", { role: "alert" }, `Not known: ${missing.join(", ")}`) : null, table].filter(Boolean);
  });
