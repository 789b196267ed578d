// The pictures, as SVG.

import { milliseconds, percent, quantile, range } from "./format.js";

const segments = ["ingress", "network", "egress"];
const letters = { egress: "E", network: "N", ingress: "I", unknown: "?", forward: "N", back: "N" };

function shape(svg, name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  svg.append(made);
  return made;
}

function begin(svg) {
  const box = svg.getBoundingClientRect();
  const [width, height] = [Math.max(box.width, 100), Math.max(box.height, 40)];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  return { width, height };
}

/** A step that is 1, 2 or 5 of some power of ten. */
function step(span, most) {
  const raw = span / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((part) => part * power).find((value) => value >= raw);
}

function ticks(least, most, isLog) {
  if (!isLog) {
    const by = step(most || 1, 4);
    return Array.from({ length: Math.floor(most / by + 1e-9) + 1 }, (_, index) => index * by);
  }
  const found = [];
  for (let power = Math.ceil(Math.log10(least)); 10 ** power <= most * 1.001; power += 1) found.push(10 ** power);
  return found;
}

function label(value) { return value === 0 ? "0" : `${Number(value.toPrecision(3))}`; }

/** Each probe a column of its three parts; a loss is a tall faint column with the letter of its place. */
export function drawProbes(svg, words, probes, isLog) {
  const { width, height } = begin(svg);
  const [left, top, bottom] = [52, 14, 4];
  const count = Math.max(Math.floor((width - left) / 9), 10);
  const shown = probes.slice(-count);
  const times = shown.map((probe) => probe.rtt_ms).filter((time) => time !== undefined);
  const most = Math.max(...times, 0.001) * 1.08;
  const least = Math.max(Math.min(...times, most) / 3, 0.0005);
  const share = (value) => Math.min(Math.max(isLog ? Math.log(value / least) / Math.log(most / least) : value / most, 0), 1);
  const y = (value) => top + (height - top - bottom) * (1 - (value > 0 ? share(value) : 0));
  for (const tick of ticks(least, most, isLog)) {
    shape(svg, "line", { class: "grid", x1: left, x2: width, y1: y(tick), y2: y(tick) });
    shape(svg, "text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, label(tick));
  }
  shape(svg, "text", { x: left - 6, y: top - 4, "text-anchor": "end" }, "ms");
  const column = (width - left) / count;
  shown.forEach((probe, index) => {
    const x = left + (count - shown.length + index) * column + 1;
    const group = shape(svg, "g", { class: "probe", "data-seq": probe.seq });
    shape(group, "title", {}, describe(probe));
    if (probe.rtt_ms === undefined) {
      shape(group, "rect", { class: "lost-area", x, y: top, width: column - 2, height: height - top - bottom });
      const letter = probe.outcome === "lost" ? letters[probe.where] ?? "?" : probe.outcome === "blocked" ? "B" : "×";
      shape(group, "text", { class: "lost", x: x + column / 2 - 1, y: height - bottom - 4, "text-anchor": "middle" }, letter);
      return;
    }
    const parts = segments.map((name) => [name, probe[`${name}_ms`]]);
    const known = parts.every(([, value]) => value !== undefined) ? parts : [["whole", probe.rtt_ms]];
    const sum = known.reduce((total, [, value]) => total + Math.max(value, 0), 0);
    // Within a column lengths are parts of the round trip, whatever the axis.
    let from = height - bottom;
    const whole = from - y(probe.rtt_ms);
    for (const [name, value] of known) {
      const length = sum > 0 ? (Math.max(value, 0) / sum) * whole : 0;
      shape(group, "rect", { class: name, x, y: from - length, width: column - 2, height: Math.max(length, 0) });
      from -= length;
    }
  });
  const last = shown.at(-1);
  words.textContent = last ? `The last ${shown.length} probes. Of the last one: ${describe(last)}.` : "No probe has ended.";
}

function describe(probe) {
  if (probe.rtt_ms === undefined) {
    const place = probe.outcome === "lost" ? ` in ${probe.where === "unknown" ? "an unknown place" : `the ${probe.where}`}` : "";
    return `probe ${probe.seq} ${probe.outcome}${place}${probe.reason ? `: ${probe.reason}` : ""}`;
  }
  const parts = ["egress", "network", "ingress"].filter((name) => probe[`${name}_ms`] !== undefined);
  const split = parts.map((name) => `${name} ${milliseconds(probe[`${name}_ms`])}`).join(", ");
  return `probe ${probe.seq} ${probe.outcome}, ${milliseconds(probe.rtt_ms)}${split ? ` (${split})` : ""}`;
}

/** How often each round trip came; the slowest hundredth is in the last bar. */
export function drawHistogram(svg, words, times) {
  const { width, height } = begin(svg);
  if (!times.length) { words.textContent = "None yet."; return; }
  const sorted = [...times].sort((one, other) => one - other);
  const [least, most] = [sorted[0], Math.max(quantile(sorted, 0.99), sorted[0] + 0.001)];
  const bins = new Array(24).fill(0);
  for (const time of sorted) bins[Math.min(Math.floor(((time - least) / (most - least)) * bins.length), bins.length - 1)] += 1;
  const tallest = Math.max(...bins);
  const column = width / bins.length;
  bins.forEach((count, index) => {
    const length = (count / tallest) * (height - 24);
    shape(svg, "rect", { class: "network", x: index * column + 1, y: height - 18 - length, width: column - 2, height: length });
  });
  shape(svg, "text", { x: 0, y: height - 4 }, milliseconds(least));
  shape(svg, "text", { x: width, y: height - 4, "text-anchor": "end" }, milliseconds(most));
  words.textContent = `${times.length} round trips, half of them below ${milliseconds(quantile(sorted, 0.5))}.`;
}

/** The claimed range, and where the true value may lie: it closes in as probes come. */
export function drawInterval(svg, claim) {
  const { width, height } = begin(svg);
  const isShare = claim.interval_ratio !== undefined;
  const interval = claim.interval_ms ?? claim.interval_ratio;
  const estimate = claim.estimate_ms ?? claim.estimate_ratio;
  const claimed = range(claim.expected);
  const known = [...(interval ?? []), estimate, claimed.lower, claimed.upper].filter((value) => typeof value === "number");
  if (!known.length) return;
  const high = Math.max(...known) * 1.15 || 1;
  const low = isShare ? 0 : Math.min(0, ...known);
  const x = (value) => 8 + ((value - low) / (high - low)) * (width - 16);
  const word = isShare ? percent : milliseconds;
  const [from, to] = [x(claimed.lower ?? low), x(claimed.upper ?? high)];
  if (claimed.lower !== undefined || claimed.upper !== undefined) {
    shape(svg, "rect", { class: "band", x: from, y: 6, width: Math.max(to - from, 1), height: height - 30 });
    for (const end of [claimed.lower, claimed.upper]) {
      if (end !== undefined) shape(svg, "line", { class: "edge", x1: x(end), x2: x(end), y1: 6, y2: height - 24 });
    }
  }
  const middle = (height - 18) / 2;
  if (interval) shape(svg, "line", { class: "span", x1: x(interval[0]), x2: x(interval[1]), y1: middle, y2: middle });
  if (typeof estimate === "number") shape(svg, "circle", { class: "point", cx: x(estimate), cy: middle, r: 5 });
  shape(svg, "text", { x: 8, y: height - 6 }, word(low));
  shape(svg, "text", { x: width - 8, y: height - 6, "text-anchor": "end" }, word(high));
}
