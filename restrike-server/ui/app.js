// @ts-check
/**
 * The live page. All text of the wire goes into text nodes: a name may hold anything.
 *
 * @typedef {import("./feed.js").Frame} Frame
 * @typedef {{ state: any, events: any[], clock: LocalClock, hits: any, prediction: any }} Ring
 */
import { LocalClock, format, seconds } from "./clock.js";
import { Feed } from "./feed.js";
import { drawChances, drawHits, drawLastHits } from "./hits.js";

/** Rows in the table; the server keeps about as many. */
const ROWS = 400;

const PHASES = {
  idle: "no match",
  loaded: "match loaded",
  ready: "ready",
  fighting: "",
  paused: "paused",
  rest: "rest",
  ended: "final",
};

/** @type {Map<string, Ring>} */
const rings = new Map();
/** @type {string | null} */
let shown = decodeURIComponent(location.hash.slice(1)) || null;

/** @param {string} name @returns {HTMLElement} */
const field = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-field="${name}"]`));

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Writes only what differs, so that the browser lays out only what changed. @param {HTMLElement} node @param {unknown} value */
function say(node, value) {
  const text = String(value ?? "");
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Frame} frame */
function take(frame) {
  if (frame.type === "hello") {
    for (const name of frame.data.rings) {
      if (!rings.has(name)) {
        rings.set(name, { state: {}, events: [], clock: new LocalClock(), hits: null, prediction: null });
      }
    }
    if (shown === null || !rings.has(shown)) shown = frame.data.rings[0] ?? null;
    drawTabs();
    const ring = shown === null ? undefined : rings.get(shown);
    if (ring) drawStatistics(ring);
    return;
  }
  const ring = rings.get(frame.ring ?? "");
  if (!ring) return;
  if (frame.type === "event") {
    remember(ring, frame.data);
    if (frame.ring !== shown) return;
    drawEvent(frame.data);
    drawLastHits(ring.events);
    return;
  }
  if (frame.type === "hits" || frame.type === "prediction") {
    ring[frame.type] = frame.data;
    if (frame.ring === shown) drawStatistics(ring);
    return;
  }
  if (frame.type !== "snapshot" && frame.type !== "state") return;
  ring.state = frame.data;
  ring.clock.set(frame.data.clock, frame.data.running, performance.now());
  if (frame.type === "snapshot") ring.events = frame.data.events;
  if (frame.ring !== shown) return;
  drawBoard(ring);
  if (frame.type === "snapshot") drawEvents(ring);
}

/** @param {Ring} ring */
function drawStatistics({ hits, prediction }) {
  drawHits(hits);
  drawChances(prediction);
}

/** An event told again replaces the first. @param {any} event */
const keyOf = (event) => `${event.match}/${event.event.id}`;

/** @param {Ring} ring @param {any} event */
function remember(ring, event) {
  const known = ring.events.findLastIndex((other) => keyOf(other) === keyOf(event));
  if (known >= 0) ring.events[known] = event;
  else ring.events.push(event);
  if (ring.events.length > ROWS) ring.events.shift();
}

function drawTabs() {
  const tabs = [...rings.keys()].map((name) => {
    const tab = document.createElement("button");
    tab.textContent = `Ring ${name}`;
    tab.ariaPressed = String(name === shown);
    tab.onclick = () => show(name);
    return tab;
  });
  byId("rings").replaceChildren(...tabs);
}

/** @param {string} name */
function show(name) {
  shown = name;
  history.replaceState(null, "", `#${encodeURIComponent(name)}`);
  drawTabs();
  const ring = rings.get(name);
  if (!ring) return;
  drawBoard(ring);
  drawStatistics(ring);
  drawEvents(ring);
}

/** @param {Ring} ring */
function drawBoard({ state }) {
  const match = state.match ?? {};
  const title = [match.number && `Match ${match.number}`, match.phase, match.category, match.division];
  say(byId("title"), title.filter(Boolean).join(" · "));
  for (const side of ["blue", "red"]) {
    const athlete = match[side] ?? {};
    say(field(`${side}-name`), athlete.name ?? (side === "blue" ? "Blue" : "Red"));
    say(field(`${side}-country`), athlete.country);
    say(field(`${side}-score`), state.score?.[side] ?? 0);
    say(field(`${side}-gam-jeoms`), state.gam_jeoms?.[side] ?? 0);
    say(field(`${side}-wins`), "●".repeat(Math.min(state.round_wins?.[side] ?? 0, 5)) || "–");
    say(field(`${side}-hits`), match.hits?.[side] ?? 0);
  }
  const round = state.golden ? "Golden round" : state.round > 0 ? `Round ${state.round}` : "";
  say(field("round"), round);
  say(field("phase"), phase(state, match));
  say(field("notice"), notices(state).join(" · "));
  drawClock();
}

/** @param {any} state @param {any} match */
function phase(state, match) {
  if (state.phase === "ended" && match.winner) {
    const how = match.decision ? ` by ${match.decision}` : "";
    return match.winner === "tie" ? "tie" : `${match.winner} wins${how}`;
  }
  return PHASES[/** @type {keyof typeof PHASES} */ (state.phase)] ?? state.phase;
}

/** @param {any} state @returns {string[]} */
function notices(state) {
  const found = [];
  if (state.connected === false) found.push("the scoring system has gone");
  if (state.injury) found.push(`kye-shi ${state.injury.time ?? ""}`);
  if (state.time_out) found.push(`time-out ${state.time_out.athlete} ${state.time_out.time ?? ""}`);
  for (const challenge of state.challenges ?? []) found.push(`challenge ${challenge.athlete ?? "referee"}`);
  return found;
}

function drawClock() {
  const ring = shown === null ? undefined : rings.get(shown);
  if (!ring) return;
  const rest = seconds(ring.state.rest ?? null);
  const clock = field("clock");
  say(clock, rest === null ? ring.clock.show(performance.now()) : format(rest));
  clock.classList.toggle("running", Boolean(ring.state.running) && rest === null);
}

/** @param {Ring} ring */
function drawEvents(ring) {
  byId("events").replaceChildren(...ring.events.map(row).reverse());
  drawLastHits(ring.events);
}

/** @param {any} event */
function drawEvent(event) {
  const table = byId("events");
  const known = table.querySelector(`[data-key="${keyOf(event)}"]`);
  if (known) known.replaceWith(row(event));
  else table.prepend(row(event));
  while (table.childElementCount > ROWS) table.lastElementChild?.remove();
}

/** @param {any} event @returns {HTMLTableRowElement} */
function row(event) {
  const line = document.createElement("tr");
  if (event.athlete === "blue" || event.athlete === "red") line.className = event.athlete;
  Object.assign(line.dataset, {
    key: keyOf(event),
    type: event.event_type,
    action: event.action,
    basis: event.event.basis,
  });
  const linked = event.event.linked_point;
  const text = linked === null || linked === undefined ? event.description : `${event.description}, scored`;
  const at = event.timestamp ? new Date(event.timestamp).toLocaleTimeString(undefined, { hour12: false }) : "";
  for (const value of [at, event.round, event.time, event.event_code, text, event.raw_data]) {
    line.insertCell().textContent = value === null || value === undefined ? "" : String(value);
  }
  const code = document.createElement("span");
  code.className = "code";
  code.textContent = event.event_code;
  line.cells[3].replaceChildren(code);
  return line;
}

const feed = new Feed(take, (state) => {
  const words = { connecting: "connecting", live: "live", lost: "server not reached, trying again" };
  const node = byId("connection");
  node.dataset.state = state;
  document.body.dataset.link = state;
  say(node, words[state]);
});
feed.open();
setInterval(drawClock, 50);
