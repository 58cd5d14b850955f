// The filters and how many models each would leave.
import { byId, make, tokens } from "./dom.js";

const GROUPS = [
  ["capabilities", "Can"],
  ["takes", "Takes in"],
  ["gives", "Gives out"],
  ["state", "Price"],
  ["type", "Type"],
  ["status", "Status"],
  ["provider", "Provider"],
  ["family", "Family"],
];
const SHOWN = 8;
const CONTEXTS = [0, 8_000, 32_000, 128_000, 200_000, 400_000, 1_000_000];

export class Facets {
  constructor(models, change) {
    Object.assign(this, { models, change, wide: new Set() });
    this.lists = {};
    this.context = make("select", { onchange: () => change({ context: +this.context.value }) }, ...CONTEXTS.map((size) => make("option", { value: size }, size ? `at least ${tokens(size)}` : "any")));
    this.price = make("input", { type: "number", min: 0, step: "any", placeholder: "any", onchange: () => change({ price: this.price.value === "" ? null : Math.max(0, +this.price.value) }) });
    byId("facet-form").append(
      make("label", { class: "row" }, "Context", this.context),
      make("label", { class: "row" }, "Request at most $", this.price),
      ...GROUPS.map(([name, title]) => make("fieldset", {}, make("legend", {}, title), (this.lists[name] = make("ul")))),
    );
    byId("facet-form").addEventListener("submit", (event) => event.preventDefault());
  }

  show(asked, counts) {
    this.context.value = CONTEXTS.includes(asked.context) ? asked.context : "";
    this.price.value = asked.price ?? "";
    for (const [name] of GROUPS) this.list(name, asked[name], counts[name]);
  }

  list(name, chosen, counts) {
    const values = [...new Set([...chosen, ...[...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value)])];
    const shown = this.wide.has(name) ? values : values.slice(0, Math.max(SHOWN, chosen.size));
    const focused = document.activeElement?.dataset?.facet;
    const items = shown.map((value) => {
      const box = make("input", { type: "checkbox", "data-facet": `${name}:${value}`, onchange: () => this.toggle(name, chosen, value) });
      box.checked = chosen.has(value);
      const title = name === "provider" ? this.models.providerNames[value] ?? value : value.replaceAll("_", " ");
      return make("li", {}, make("label", {}, box, make("span", { class: "value" }, title.slice(0, 80)), make("span", { class: "count" }, String(counts.get(value) ?? 0))));
    });
    if (values.length > SHOWN) {
      const text = this.wide.has(name) ? "Fewer" : `All ${values.length}`;
      items.push(make("li", {}, make("button", { type: "button", class: "link", "data-facet": `${name}:`, onclick: () => { this.wide[this.wide.has(name) ? "delete" : "add"](name); this.list(name, chosen, counts); } }, text)));
    }
    this.lists[name].replaceChildren(...items);
    if (focused?.startsWith(`${name}:`)) [...this.lists[name].querySelectorAll("[data-facet]")].find((box) => box.dataset.facet === focused)?.focus();
  }

  toggle(name, chosen, value) {
    const next = new Set(chosen);
    if (!next.delete(value)) next.add(value);
    this.change({ [name]: next });
  }
}
