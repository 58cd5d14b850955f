// The facts, column by column, and which rows pass.
const OPEN = ["provider", "family", "type", "status", "state"];

export class Models {
  constructor(facts) {
    Object.assign(this, facts.models);
    this.asOf = facts.as_of;
    this.providerNames = facts.providers;
    this.size = this.id.length;
    this.ref = this.id.map((id, row) => `${this.provider[row]}/${id}`);
    this.rowOf = new Map(this.ref.map((ref, row) => [ref, row]));
    this.text = this.ref.map((ref, row) => `${ref} ${this.name[row]} ${this.family[row] ?? ""} ${this.providerNames[this.provider[row]] ?? ""}`.toLowerCase());
    this.price = new Float64Array(this.size);
  }

  reprice(cost, input, output, cached) {
    for (let row = 0; row < this.size; row++) this.price[row] = cost(this.rates[row], input, output, cached) ?? NaN;
  }

  // Return the rows that pass all filters, and for each facet how many rows each of its values would leave.
  filter(asked) {
    const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
    const tests = [
      ["q", (row) => words.every((word) => this.text[row].includes(word))],
      ...["capabilities", "takes", "gives"].map((name) => [name, (row) => [...asked[name]].every((value) => this[name][row].includes(value))]),
      ...OPEN.map((name) => [name, (row) => !asked[name].size || asked[name].has(this[name][row])]),
      ["context", (row) => !asked.context || this.context[row] >= asked.context],
      ["price", (row) => asked.price == null || this.price[row] <= asked.price],
    ];
    const active = tests.filter(([name]) => name === "q" ? words.length : name === "context" ? asked.context : name === "price" ? asked.price != null : asked[name].size);
    const rows = [];
    const counts = Object.fromEntries([...OPEN, "capabilities", "takes", "gives"].map((name) => [name, new Map()]));
    const add = (name, value) => value != null && counts[name].set(value, (counts[name].get(value) ?? 0) + 1);
    for (let row = 0; row < this.size; row++) {
      let failed = null, failures = 0;
      for (const [name, test] of active) {
        if (!test(row)) { failed = name; if (++failures > 1) break; }
      }
      if (failures > 1) continue;
      if (failures === 0) {
        rows.push(row);
        for (const name of ["capabilities", "takes", "gives"]) for (const value of this[name][row]) add(name, value);
      }
      for (const name of OPEN) if (failures === 0 || failed === name) add(name, this[name][row]);
    }
    return { rows, counts };
  }

  sort(rows, key) {
    const down = key.startsWith("-") ? -1 : 1;
    const column = this.column(key.replace("-", ""));
    const known = (value) => value != null && !Number.isNaN(value);
    return rows.sort((one, other) => {
      const a = column(one), b = column(other);
      if (!known(a) || !known(b)) return known(a) ? -1 : known(b) ? 1 : one - other;
      return (a < b ? -down : a > b ? down : one - other);
    });
  }

  column(key) {
    switch (key) {
      case "price": return (row) => this.price[row];
      case "in": return (row) => this.rates[row]?.[0];
      case "out": return (row) => this.rates[row]?.[1];
      case "name": return (row) => this.name[row].toLowerCase();
      default: return (row) => this[key][row];
    }
  }
}
