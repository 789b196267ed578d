// The monitors of the service, and what happened to them.

import { ask } from "./api.js";
import { clock, element, milliseconds, percent } from "./format.js";

const list = document.getElementById("monitors");
const rows = new Map();

/** What a change is, in a few words. */
// What names a change, whatever becomes known of it later.
export const changeKey = (entry) => `${entry.kind}${entry.at}${entry.what}`;

export function changeItem(entry) {
  const item = element("li", "", entry.kind);
  item.dataset.key = changeKey(entry);
  const time = element("time", clock(entry.at));
  time.dateTime = entry.at;
  item.append(time, element("strong", entry.kind), element("span", `: ${entry.text}`));
  return item;
}

function row(monitor, onLook, onDelete) {
  const item = element("li");
  item.dataset.id = monitor.id;
  const head = element("div", "", "head");
  const verdict = element("strong", "", "inconclusive");
  const numbers = element("span", "", "words");
  const actions = element("div", "", "actions");
  const look = element("button", "Look");
  const remove = element("button", "Delete");
  for (const [button, word] of [[look, "Look at"], [remove, "Delete"]]) {
    button.type = "button";
    button.setAttribute("aria-label", `${word} the monitor of ${monitor.target}`);
  }
  look.addEventListener("click", () => onLook(monitor));
  remove.addEventListener("click", () => onDelete(monitor));
  remove.disabled = monitor.configured;
  actions.append(look, remove);
  head.append(element("code", monitor.target), verdict, numbers, actions);
  const reason = element("p", "", "words");
  const changes = element("ol", "", "changes");
  item.append(head, reason, changes);
  return { item, verdict, numbers, reason, changes, known: [], last: "", shown: "" };
}

/** Shows all monitors as they stand. */
export async function refresh(onLook, onDelete) {
  const { monitors } = await ask("v1/monitors");
  for (const [id, { item }] of rows) {
    if (!monitors.some((monitor) => monitor.id === id)) { item.remove(); rows.delete(id); }
  }
  list.querySelector(".empty")?.remove();
  if (!monitors.length) list.append(element("li", "There is none.", "empty"));
  for (const monitor of monitors) {
    if (!rows.has(monitor.id)) {
      rows.set(monitor.id, row(monitor, onLook, onDelete));
      list.append(rows.get(monitor.id).item);
    }
  }
  // One that is deleted meanwhile is no matter of the others.
  const seen = monitors.filter((monitor) => isInView(rows.get(monitor.id).item));
  await Promise.allSettled(seen.map((monitor) => show(monitor, rows.get(monitor.id))));
}

function isInView(item) {
  const box = item.getBoundingClientRect();
  return box.bottom > -200 && box.top < innerHeight + 200;
}

async function show(monitor, parts) {
  if (!monitor.probing) {
    parts.verdict.textContent = "not probed";
    parts.verdict.className = "inconclusive";
    parts.numbers.textContent = "";
    parts.reason.textContent = monitor.reason ?? "";
    return;
  }
  const base = `v1/monitors/${encodeURIComponent(monitor.id)}`;
  const since = parts.last ? `?since=${encodeURIComponent(parts.last)}` : "";
  const check = await ask(`${base}/check`);
  const { history } = await ask(`${base}/history${since}`);
  parts.verdict.textContent = check.verdict;
  parts.verdict.className = check.verdict;
  parts.numbers.textContent =
    `p50 ${milliseconds(check.window.rtt_ms?.p50)} · p99 ${milliseconds(check.window.rtt_ms?.p99)} · lost ${percent(check.window.loss_ratio)}`;
  parts.reason.textContent = check.reason;
  // A change is known some time after it was: the next question is for what has become known since this one.
  parts.last = check.at;
  const known = new Map(parts.known.map((entry) => [changeKey(entry), entry]));
  for (const entry of history) {
    if (entry.kind === "onset" || entry.kind === "recovery") known.set(changeKey(entry), entry);
  }
  const changes = [...known.values()].sort((one, other) => (one.at < other.at ? -1 : 1)).slice(-6);
  const shown = JSON.stringify(changes);
  parts.known = changes;
  if (parts.shown === shown) return;
  parts.shown = shown;
  parts.changes.replaceChildren(...[...changes].reverse().map(changeItem));
}
