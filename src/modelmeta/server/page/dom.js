// Small help for building pages: every text becomes a text node, whatever it says.
export const byId = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const UNKNOWN = "?";
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function tokens(count) {
  if (count == null) return UNKNOWN;
  if (count >= 1e6) return `${+(count / 1e6).toFixed(2)}M`;
  return count >= 1e3 ? `${+(count / 1e3).toFixed(count % 1000 ? 1 : 0)}k` : whole.format(count);
}

export function dollars(amount) {
  if (amount == null) return UNKNOWN;
  if (amount === 0) return "$0";
  if (amount >= 100) return `$${whole.format(amount)}`;
  if (amount >= 1) return `$${amount.toFixed(2)}`;
  return `$${+amount.toPrecision(3)}`.replace(/\$(\d(?:\.\d+)?)e-(\d+)/, (_, digits, zeros) => `$${Number(`${digits}e-${zeros}`).toFixed(+zeros + 2)}`);
}

export const shown = (value) =>
  value == null ? UNKNOWN
  : value === true ? "yes"
  : value === false ? "no"
  : Array.isArray(value) ? value.map(shown).join(", ")
  : typeof value === "object" ? JSON.stringify(value)
  : typeof value === "number" ? new Intl.NumberFormat("en", { maximumFractionDigits: 12 }).format(value)
  : String(value);
