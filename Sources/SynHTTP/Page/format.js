// Numbers and moments as people read them.

export function milliseconds(value) {
  if (value === undefined || value === null) return "–";
  const size = Math.abs(value);
  return `${value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3)} ms`;
}

export function percent(ratio) {
  return ratio === undefined || ratio === null ? "–" : `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 2 : 1)} %`;
}

export function clock(text) {
  const date = new Date(text);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${Math.floor(date.getMilliseconds() / 100)}`;
}

/** The ends of a claimed range, milliseconds or shares; an open end is undefined. */
export function range(text) {
  const units = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3, m: 6e4, "%": 0.01 };
  const end = (part) => {
    const match = /^([0-9.]+)(ns|us|ms|s|m|%)$/.exec(part.trim());
    return match ? Number(match[1]) * units[match[2]] : undefined;
  };
  const [lower, upper] = text.split("..");
  return { lower: end(lower ?? ""), upper: end(upper ?? "") };
}

export function quantile(sorted, ratio) {
  return sorted.length ? sorted[Math.min(Math.floor(ratio * sorted.length), sorted.length - 1)] : undefined;
}

/** An element with text and classes; what comes from the network is text and nothing else. */
export function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}
