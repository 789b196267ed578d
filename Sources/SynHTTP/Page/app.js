// What the page does: one stream at a time, its pictures, a claim, and the monitors.

import { ask, readEvents, Refusal, useToken } from "./api.js";
import { drawHistogram, drawInterval, drawProbes } from "./charts.js";
import { element, milliseconds, percent, quantile } from "./format.js";
import { changeItem, refresh } from "./monitors.js";

const by = (id) => document.getElementById(id);
const keepsProbes = 4000, keepsChanges = 100;
const minute = 60_000;
const patience = [500, 1000, 2000, 5000];
// A summary comes each second: of a connection that is silent for so long nothing more is to be expected.
const silence = 15_000;
let run = null;
let claim = null;
let isDrawing = false;

// Words

function say(text, kind = "") {
  by("state").textContent = text;
  by("state").className = `state ${kind}`;
}

function complain(place, text) {
  by(place).textContent = text;
  by(place).hidden = !text;
}

function refused(place, error) {
  complain(place, error instanceof Refusal && error.title ? `${error.title}: ${error.message}` : error.message);
}

let refusedForToken = [];

/** Asks for a token where one is needed, and then does all of it again that was refused. */
function withToken(error, again) {
  if (!(error instanceof Refusal) || error.status !== 401) return false;
  refusedForToken.push(again);
  if (!by("token-dialog").open) by("token-dialog").showModal();
  return true;
}

by("token-form").addEventListener("submit", () => {
  useToken(by("token").value.trim());
  by("token").value = "";
  const all = refusedForToken;
  refusedForToken = [];
  for (const again of all) again();
});

// The stream

function path(target, interval) {
  if (run?.monitor) return `v1/stream?monitor=${encodeURIComponent(run.monitor)}`;
  const query = new URLSearchParams({ target, interval });
  if (claim) query.set(claim.name, claim.value);
  return `v1/stream?${query}`;
}

function start(target, interval, { monitor = null, keeps = false } = {}) {
  const old = run;
  old?.abort.abort();
  run = {
    target, interval, monitor, abort: new AbortController(), lastEvent: keeps ? old?.lastEvent : null, tries: 0,
    probes: keeps ? old?.probes ?? [] : [], mode: null,
  };
  complain("problem", "");
  complain("note", "");
  by("verdict").hidden = true;
  by("live").hidden = false;
  by("claims").hidden = Boolean(monitor);
  by("stop").disabled = false;
  by("watch").disabled = Boolean(monitor);
  if (!keeps) by("changes").replaceChildren(element("li", "Nothing so far. What is usual is known after some 32 answers.", "empty"));
  follow(run);
}

async function follow(mine) {
  while (run === mine) {
    say(mine.tries ? "connecting again …" : "connecting …");
    const watchdog = new AbortController();
    let timer = null;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => watchdog.abort(), silence);
    };
    heard();
    try {
      await readEvents(path(mine.target, mine.interval), mine.lastEvent, AbortSignal.any([mine.abort.signal, watchdog.signal]), () => {
        mine.tries = 0;
        complain("problem", "");
        say(`probing ${mine.target}`, "on");
      }, (event) => {
        heard();
        if (run === mine) take(mine, event);
      });
      if (run !== mine || mine.isOver) return;
    } catch (error) {
      if (run !== mine || mine.abort.signal.aborted) return;
      if (withToken(error, () => follow(mine))) { say("a token is needed", "off"); return; }
      if (error instanceof Refusal && ![429, 502, 503, 504].includes(error.status)) {
        say("refused", "off");
        refused("problem", error);
        return stopped();
      }
      complain("problem", error instanceof Refusal ? error.message : "");
    } finally {
      clearTimeout(timer);
    }
    const wait = patience[Math.min(mine.tries, patience.length - 1)];
    mine.tries += 1;
    say(`connection lost; trying again in ${wait / 1000} s`, "off");
    await new Promise((done) => setTimeout(done, wait));
  }
}

function take(mine, event) {
  if (event.id) mine.lastEvent = event.id;
  switch (event.kind) {
    case "probe":
      mine.probes.push({ ...event.data, time: Date.parse(event.data.at) });
      if (mine.probes.length > keepsProbes) mine.probes.splice(0, mine.probes.length - keepsProbes);
      draw();
      break;
    case "summary": note(mine, event.data); break;
    case "verdict": judge(event.data); break;
    case "onset":
    case "recovery":
      changed(event.data);
      break;
    case "end":
      say(`ended: ${event.data.reason}`, "off");
      // A service that ends may come back, and its successor be asked.
      if (event.data.reason !== "the service ends") { mine.isOver = true; stopped(); }
      break;
  }
}

// The way of a change may be told later, of the same change once more.
function changed(entry) {
  const list = by("changes"), item = changeItem(entry);
  list.querySelector(".empty")?.remove();
  const former = [...list.children].find((one) => one.dataset.key === item.dataset.key);
  if (former) former.replaceWith(item);
  else list.prepend(item);
  while (list.children.length > keepsChanges) list.lastChild.remove();
}

function note(mine, summary) {
  if (mine.mode === summary.mode) return;
  mine.mode = summary.mode;
  complain("note", summary.mode === "connect"
    ? "This service has no privilege for raw sockets: it measures by connect(), and round trips are not split." : "");
}

function stopped() {
  by("stop").disabled = true;
  by("watch").disabled = true;
}

// Pictures

function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    if (!run) return;
    const isLog = document.querySelector("input[name=axis]:checked").value === "log";
    drawProbes(by("chart"), by("chart-words"), run.probes, isLog);
    const latest = run.probes.at(-1)?.time ?? 0;
    const recent = run.probes.filter((probe) => latest - probe.time <= minute);
    const times = recent.map((probe) => probe.rtt_ms).filter((time) => time !== undefined);
    drawHistogram(by("histogram"), by("histogram-words"), times);
    numbers(recent, times);
  });
}

function numbers(recent, times) {
  const sorted = [...times].sort((one, other) => one - other);
  const sent = recent.filter((probe) => !["blocked", "cancelled"].includes(probe.outcome));
  const lost = recent.filter((probe) => probe.outcome === "lost");
  const places = {};
  for (const probe of lost) places[probe.where] = (places[probe.where] ?? 0) + 1;
  const rows = [
    ["probes", `${recent.length}`], ["median", milliseconds(quantile(sorted, 0.5))], ["90 %", milliseconds(quantile(sorted, 0.9))],
    ["99 %", milliseconds(quantile(sorted, 0.99))], ["slowest", milliseconds(sorted.at(-1))],
    ["lost", sent.length ? percent(lost.length / sent.length) : "–", lost.length > 0],
    ...Object.entries(places).map(([place, count]) => [`lost: ${place}`, `${count}`, true]),
  ];
  for (const outcome of ["closed", "filtered", "blocked", "unexpected"]) {
    const count = recent.filter((probe) => probe.outcome === outcome).length;
    if (count) rows.push([outcome, `${count}`, outcome !== "closed"]);
  }
  by("numbers").replaceChildren(...rows.flatMap(([name, value, isBad]) => [element("dt", name), element("dd", value, isBad ? "bad" : "")])
    .reduce((groups, part, index) => {
      if (index % 2 === 0) groups.push(element("div"));
      groups.at(-1).append(part);
      return groups;
    }, []));
}

// The claim

function judge(check) {
  const found = check.claims.find((one) => one.verdict === check.verdict) ?? check.claims[0];
  if (!found || run?.monitor) return;
  by("verdict").hidden = false;
  const word = by("verdict-word");
  if (word.textContent !== found.verdict) word.textContent = found.verdict;
  word.className = found.verdict;
  by("verdict-reason").textContent = found.reason;
  drawInterval(by("interval-chart"), found);
}

const examples = { rtt: "..20ms", "rtt-p99": "..50ms", jitter: "..5ms", loss: "..1%" };

by("claim-name").addEventListener("change", () => {
  const name = by("claim-name").value;
  by("claim-range").hidden = !(name in examples);
  by("claim-place").hidden = name !== "where";
  if (name in examples) by("claim-value").value = examples[name];
});

by("claim").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = by("claim-name").value;
  claim = { name, value: name in examples ? by("claim-value").value : name === "where" ? by("claim-segment").value : "true" };
  by("unclaim").disabled = false;
  by("verdict").hidden = true;
  if (run) start(run.target, run.interval, { keeps: true });
});

by("unclaim").addEventListener("click", () => {
  claim = null;
  by("unclaim").disabled = true;
  by("verdict").hidden = true;
  if (run) start(run.target, run.interval, { keeps: true });
});

// The target

by("probe").addEventListener("submit", (event) => {
  event.preventDefault();
  start(by("target").value.trim(), by("interval").value);
});

by("stop").addEventListener("click", () => {
  run?.abort.abort();
  run = null;
  say("stopped");
  stopped();
});

for (const choice of document.querySelectorAll("input[name=axis]")) choice.addEventListener("change", draw);
addEventListener("resize", draw);
by("token-cancel").addEventListener("click", () => by("token-dialog").close());

// Monitors

function look(monitor) { start(monitor.target, monitor.interval, { monitor: monitor.id }); }

async function act(work) {
  complain("monitor-problem", "");
  try { await work(); } catch (error) {
    if (!withToken(error, () => act(work))) refused("monitor-problem", error);
  }
}

const show = () => refresh(look, remove);

function remove(monitor) {
  return act(async () => {
    await ask(`v1/monitors/${encodeURIComponent(monitor.id)}`, { method: "DELETE" });
    await show();
  });
}

by("watch").addEventListener("click", () => act(async () => {
  const body = { target: run.target, interval: run.interval };
  if (claim) body.claims = { [claim.name]: claim.value };
  await ask("v1/monitors", { body });
  await show();
}));

let isAsked = false;
setInterval(async () => {
  if (document.hidden || isAsked) return;
  isAsked = true;
  // What is asked for by nobody complains to nobody: the stream says what is wrong.
  try { await show(); } catch { /* The next time, perhaps. */ } finally { isAsked = false; }
}, 2000);
act(show);

const wanted = new URLSearchParams(location.search).get("target");
if (wanted) by("target").value = wanted;
