// The filters, and how many models each would leave.
import { byId, clip, count, make, say, tokens } from "./dom.js";

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
  // everything is how many models there are of each value before anything is asked.
  constructor(models, everything, change) {
    Object.assign(this, { models, everything, change });
    this.groups = Object.fromEntries(GROUPS.map(([name, title]) => [name, this.group(name, title)]));
    this.sizes = [...CONTEXTS, 0].map(() => make("option"));
    this.context = make("select", { onchange: () => change({ context: +this.context.value }) }, ...this.sizes);
    const most = () => change({ most: this.most.value ? Math.max(0, +this.most.value) : null });
    this.most = make("input", { type: "number", min: 0, step: "any", placeholder: "any", onchange: most });
    byId("facet-list").append(
      make("label", { class: "row" }, "Context", this.context),
      make("label", { class: "row" }, "Request at most, $", this.most),
      ...GROUPS.map(([name]) => this.groups[name].fieldset),
    );
  }

  group(name, title) {
    const list = make("ul"), more = make("button", { type: "button", class: "link", onclick: () => this.toggleAll(name) });
    const values = [...this.everything[name]].sort((one, other) => other[1] - one[1]).map(([value]) => value);
    return { list, more, values, items: new Map(), all: false, fieldset: make("fieldset", {}, make("legend", {}, title), list, more) };
  }

  show(asked, counts) {
    Object.assign(this, { asked, counts });
    this.sizes.forEach((option, place) => {
      const size = CONTEXTS[place] ?? asked.context, number = [...counts.context].reduce((sum, [value, here]) => sum + (value >= size) * here, 0);
      option.value = size;
      option.hidden = place === CONTEXTS.length && CONTEXTS.includes(size);
      say(option, size ? `≥ ${tokens(size)} (${count(number)})` : "any");
    });
    this.context.value = asked.context;
    if (document.activeElement !== this.most) this.most.value = asked.most ?? "";
    for (const [name] of GROUPS) this.list(name);
  }

  // Long lists begin with the values most models have now; short ones stand still.
  list(name) {
    const group = this.groups[name], chosen = this.asked[name], number = (value) => this.counts[name].get(value) ?? 0;
    const known = group.values.length > 2 * SHOWN ? group.values.filter(number).sort((one, other) => number(other) - number(one)) : group.values;
    const shown = group.all ? [...known] : known.slice(0, SHOWN);
    for (const value of chosen) if (!shown.includes(value)) shown.push(value);
    group.fieldset.hidden = group.values.length < 2 && !chosen.size;
    const items = shown.map((value) => {
      const item = group.items.get(value) ?? this.item(name, value);
      item.box.checked = chosen.has(value);
      say(item.count, count(number(value)));
      item.line.classList.toggle("none", !number(value));
      return item.line;
    });
    if (items.length !== group.list.children.length || items.some((line, place) => line !== group.list.children[place])) {
      const focused = group.list.contains(document.activeElement) && document.activeElement;
      group.list.replaceChildren(...items);
      if (focused) focused.focus();
    }
    group.more.hidden = known.length <= SHOWN;
    say(group.more, group.all ? "Fewer" : `All ${count(known.length)}`);
  }

  item(name, value) {
    const box = make("input", { type: "checkbox", value: clip(value), onchange: () => this.toggle(name, value) });
    const title = name === "provider" ? this.models.title(value) : value.replaceAll("_", " ");
    const number = make("span", { class: "count" });
    const line = make("li", {}, make("label", { title: clip(title) }, box, make("span", { class: "value" }, clip(title, 80)), number));
    const item = { line, box, count: number };
    this.groups[name].items.set(value, item);
    return item;
  }

  toggle(name, value) {
    const next = new Set(this.asked[name]);
    if (!next.delete(value)) next.add(value);
    this.change({ [name]: next });
  }

  toggleAll(name) {
    this.groups[name].all = !this.groups[name].all;
    this.list(name);
  }
}
