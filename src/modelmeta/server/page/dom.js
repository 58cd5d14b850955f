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

// Writing is slow, even of what is there.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const UNKNOWN = "unknown";
const LONGEST = 500;
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat("en", { maximumFractionDigits: 20 });
const cents = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const count = whole.format;

export const clip = (text, most = LONGEST) => (text.length > most ? `${text.slice(0, most)}…` : text);

// Names that may break after their parts.
export const breakable = (text) => text.split(/(?<=[._/-])/).flatMap((part) => [part, make("wbr")]);

export function tokens(number) {
  if (number == null) return UNKNOWN;
  if (number >= 1e6) return `${+(number / 1e6).toFixed(2)}M`;
  return number >= 1e3 ? `${+(number / 1e3).toFixed(1)}k` : count(number);
}

// Cents at least; below a dollar three digits that say something.
export function dollars(amount) {
  if (amount == null || Number.isNaN(amount)) return UNKNOWN;
  if (amount === 0 || amount >= 1) return amount ? `$${cents.format(amount)}` : "$0";
  const digits = Math.min(20, 2 - Math.floor(Math.log10(amount)));
  return `$${amount.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

export function shown(value) {
  if (value == null) return UNKNOWN;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return exact.format(value);
  return clip(Array.isArray(value) ? value.map(shown).join(", ") : typeof value === "object" ? pairs(value) : value);
}

const pairs = (object) => Object.entries(object).filter(([, value]) => value != null).map(([name, value]) => `${name} ${shown(value)}`).join(", ");
