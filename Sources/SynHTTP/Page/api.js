// The service's interface as this page uses it. A token is kept in memory alone.

let token = "";

export function useToken(text) { token = text; }

/** What the service refused, in its own words (RFC 9457). */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `status ${status}`);
    this.status = status;
    this.title = problem.title ?? "";
  }
}

function headers(more = {}) { return token ? { ...more, Authorization: `Bearer ${token}` } : more; }

async function checked(response) {
  if (response.ok) return response;
  let problem = {};
  try { problem = await response.json(); } catch { /* It has no words. */ }
  throw new Refusal(response.status, problem);
}

/** Asks for JSON; a body makes it a POST. */
export async function ask(path, { method, body } = {}) {
  const options = { method: method ?? (body ? "POST" : "GET"), headers: headers() };
  if (body) {
    options.body = JSON.stringify(body);
    options.headers = headers({ "Content-Type": "application/json" });
  }
  return (await checked(await fetch(path, options))).json();
}

/** Reads Server-Sent Events: EventSource could not send a token. Ends when the stream does. */
export async function readEvents(path, lastEvent, signal, onOpen, onEvent) {
  const more = { Accept: "text/event-stream" };
  if (lastEvent) more["Last-Event-ID"] = lastEvent;
  const response = await checked(await fetch(path, { headers: headers(more), signal, cache: "no-store" }));
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    let end;
    while ((end = text.indexOf("\n\n")) >= 0) {
      const event = parse(text.slice(0, end));
      text = text.slice(end + 2);
      if (event) onEvent(event);
    }
  }
}

function parse(block) {
  const event = { kind: "message", id: "", data: "" };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    switch (line.slice(0, colon)) {
      case "event": event.kind = value; break;
      case "id": event.id = value; break;
      case "data": event.data = value; break;
    }
  }
  return event.data ? { ...event, data: JSON.parse(event.data) } : null;
}
