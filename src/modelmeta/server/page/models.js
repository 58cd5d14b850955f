// The facts: of each its distinct values, and for each model the place of the one it has. The first is null: nobody said.
const EVERY = ["capabilities", "takes", "gives"];
const ANY = ["provider", "family", "type", "status", "state"];
const CONTEXT = EVERY.length + ANY.length + 1;
const MOST = CONTEXT + 1;

// What the list can be sorted by: the fact, and what of its value counts.
const SORTS = {
  name: ["name", (value) => value.toLowerCase()],
  provider: ["provider", (value, models) => models.title(value).toLowerCase()],
  price: ["rates", (value, models, code) => models.costs[code]],
  in: ["rates", (value) => value[0]],
  out: ["rates", (value) => value[1]],
  context: ["context", (value) => value],
  output: ["output", (value) => value],
  released: ["released", (value) => value],
};

export class Models {
  constructor({ as_of: asOf, providers, columns }) {
    Object.assign(this, { asOf, columns, providers: new Map(Object.entries(providers)), ranks: {} });
    for (const column of Object.values(columns)) column.codes = Uint32Array.from(column.codes);
    this.size = columns.id.codes.length;
    this.refs = Array.from(columns.id.codes, (_, row) => `${this.get("provider", row)}/${this.get("id", row)}`);
    this.texts = this.refs.map((ref, row) =>
      `${ref} ${this.get("name", row)} ${this.get("family", row) ?? ""} ${this.title(this.get("provider", row))}`.toLowerCase());
    this.costs = new Float64Array(columns.rates.values.length);
  }

  get(name, row) {
    const { values, codes } = this.columns[name];
    return values[codes[row]];
  }

  title(provider) {
    return this.providers.get(provider) ?? provider;
  }

  // What the workload costs at a model in USD, NaN where that is unknown.
  price(row) {
    return this.costs[this.columns.rates.codes[row]];
  }

  // "free" and "plan" are prices of 0; what is published as 0 may still have a price for this workload.
  state(row) {
    const state = this.get("state", row);
    return this.price(row) === 0 && (state === "free" || state === "plan") ? state : null;
  }

  reprice(cost, ...workload) {
    this.columns.rates.values.forEach((rates, code) => { this.costs[code] = cost(rates, ...workload) ?? NaN; });
    delete this.ranks.price;
  }

  // Return the rows that pass all filters, and for each facet how many rows each of its values would leave.
  filter(asked) {
    const { columns, size, texts } = this;
    const failures = new Uint8Array(size), failed = new Uint8Array(size);
    const test = (number, { codes }, passes) => {
      for (let row = 0; row < size; row++) if (!passes[codes[row]]) { failures[row]++; failed[row] = number; }
    };
    EVERY.forEach((name, place) => {
      const wanted = [...asked[name]];
      if (wanted.length) test(place + 1, columns[name], columns[name].values.map((words) => wanted.every((word) => words?.includes(word))));
    });
    ANY.forEach((name, place) => {
      if (asked[name].size) test(EVERY.length + place + 1, columns[name], columns[name].values.map((value) => asked[name].has(value)));
    });
    if (asked.context) test(CONTEXT, columns.context, columns.context.values.map((value) => value >= asked.context));
    if (asked.most != null) test(MOST, columns.rates, this.costs.map((cost) => cost <= asked.most));
    const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean), rows = [];
    for (let row = 0; row < size; row++) {
      if (failures[row] < 2 && words.length && !words.every((word) => texts[row].includes(word))) failures[row] = 2;
      if (!failures[row]) rows.push(row);
    }
    const tally = (name, number) => {
      const { codes, values } = columns[name], counts = new Uint32Array(values.length);
      for (let row = 0; row < size; row++) if (!failures[row] || (failures[row] === 1 && failed[row] === number)) counts[codes[row]]++;
      return values.map((value, code) => [value, counts[code]]).filter(([value, number]) => value != null && number);
    };
    const counts = { context: new Map(tally("context", CONTEXT)) };
    ANY.forEach((name, place) => { counts[name] = new Map(tally(name, EVERY.length + place + 1)); });
    for (const name of EVERY) {
      counts[name] = new Map();
      for (const [words, number] of tally(name, 0)) for (const word of new Set(words)) counts[name].set(word, (counts[name].get(word) ?? 0) + number);
    }
    return { rows, counts };
  }

  // Return the rows in the order of a fact, falling with a - in front, unknowns last; as they are where there is no such fact.
  sort(rows, key) {
    const falls = key.startsWith("-"), name = falls ? key.slice(1) : key;
    if (!Object.hasOwn(SORTS, name)) return rows;
    const { codes, values } = this.columns[SORTS[name][0]], ranks = (this.ranks[name] ??= this.rank(name)), last = values.length;
    const place = (rank) => (Number.isNaN(rank) ? last : falls ? last - 1 - rank : rank);
    return [...Float64Array.from(rows, (row) => place(ranks[codes[row]]) * this.size + row).sort()].map((placed) => placed % this.size);
  }

  // Return the place of each value of a fact among all its values, NaN for the unknown.
  rank(name) {
    const [fact, by] = SORTS[name], { values } = this.columns[fact];
    const keys = values.map((value, code) => (value == null ? null : by(value, this, code)));
    const known = [...keys.keys()].filter((code) => keys[code] != null && !Number.isNaN(keys[code]));
    known.sort((one, other) => (keys[one] < keys[other] ? -1 : keys[one] > keys[other] ? 1 : 0));
    const ranks = new Float64Array(values.length).fill(NaN);
    let rank = 0;
    known.forEach((code, place) => { ranks[code] = place && keys[code] !== keys[known[place - 1]] ? ++rank : rank; });
    return ranks;
  }
}
