// @ts-check
/**
 * What the hits of the match tell so far, and who will win. Where a number is missing there is a dash and the reason.
 */

const SIDES = /** @type {const} */ (["blue", "red"]);

/** Numbers of a `hits` frame that are shown as they are, and with how many decimals. */
const NUMBERS = { hits: 0, valid: 0, scored: 0, level_mean: 1, level_max: 0 };

/** Systems without sensors report this level when judges give the point. */
const JUDGED = 99;

/** Hits in the list of the last ones. */
const LAST = 8;

const SVG = "http://www.w3.org/2000/svg";

/** Of the histogram, in its own units: a level is one wide; what is above the highest has a band of its own. */
const HIGHEST = 100;
const BAND = 10;
const HEIGHT = 28;

/** @param {string} name @returns {HTMLElement} */
const cell = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-hits="${name}"]`));

/** @param {string} reason as in the feed @returns {string} for people */
const words = (reason) => reason.replaceAll("_", " ");

/** @param {string} text @returns {HTMLElement} */
function small(text) {
  const node = document.createElement("small");
  node.textContent = text;
  return node;
}

/** @param {any} data of a `hits` frame; null before the first */
export function drawHits(data) {
  for (const side of SIDES) {
    const total = data?.total[side];
    for (const [name, decimals] of Object.entries(NUMBERS)) {
      const value = total?.[name];
      const missing = words(data?.match === null ? "no match" : total?.missing[name] ?? "no match");
      const shown = typeof value === "number" ? [value.toFixed(decimals)] : ["– ", small(missing)];
      cell(`${side}-${name}`).replaceChildren(...shown);
    }
    if (total?.doubtful > 0) cell(`${side}-valid`).append(" ", small(`+${total.doubtful}`));
    const levels = cell(`${side}-level_histogram`);
    if (total?.hits > 0) levels.replaceChildren(histogram(total, data.body_level, data.head_level));
    else levels.replaceChildren("– ", small(words(data?.match === null ? "no match" : total?.missing.level_mean ?? "no match")));
  }
}

/** @param {string} name @param {Record<string, string | number>} attributes @returns {SVGElement} */
function svg(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

/** A bar for each band of ten levels, a framed one for all above where there are any, and the thresholds. @param {any} total @param {number | null} body @param {number | null} head */
function histogram(total, body, head) {
  /** @type {number[]} */
  const upTo100 = total.level_histogram;
  const bands = total.level_above_100 > 0 ? [...upTo100, total.level_above_100] : upTo100;
  const most = Math.max(1, ...bands);
  const width = bands.length * BAND;
  const bars = bands.map((count, band) => {
    const height = (count / most) * (HEIGHT - 2);
    const place = { x: band * BAND + 0.5, y: HEIGHT - height, width: BAND - 1, height };
    return svg("rect", { ...place, class: band < upTo100.length ? "" : "above" });
  });
  const thresholds = [...new Set([body, head])].filter((level) => level !== null && level <= HIGHEST);
  const lines = thresholds.map((level) => svg("line", { x1: level ?? 0, x2: level ?? 0, y1: 0, y2: HEIGHT }));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", preserveAspectRatio: "none" });
  const title = svg("title", {});
  const counted = upTo100.map((count, band) => `${count} up to ${(band + 1) * BAND}`);
  if (total.level_above_100 > 0) counted.push(`${total.level_above_100} above`);
  const said = [`hits by level: ${counted.join(", ")}`];
  if (body !== null) said.push(`body valid from ${body}`);
  if (head !== null) said.push(`head valid from ${head}`);
  title.textContent = said.join("; ");
  picture.append(title, svg("path", { d: `M0 ${HEIGHT}H${width}`, class: "ground" }), ...bars, ...lines);
  return picture;
}

/** @param {any[]} events of the ring, oldest first */
export function drawLastHits(events) {
  const match = events.findLast((event) => event.match !== null)?.match;
  for (const side of SIDES) {
    const last = [];
    for (let place = events.length - 1; place >= 0 && last.length < LAST; place -= 1) {
      const event = events[place];
      if (event.match === match && event.event_type === "hit" && event.athlete === side) last.push(chip(event.event));
    }
    cell(`${side}-last`).replaceChildren(...(last.length > 0 ? last : ["– ", small("no hits")]));
  }
}

/** @param {any} hit @returns {HTMLElement} */
function chip(hit) {
  const scored = hit.linked_point !== null;
  const node = document.createElement("span");
  node.className = scored ? "hit scored" : "hit";
  node.textContent = hit.level === JUDGED ? "J" : String(hit.level);
  const level = hit.level === JUDGED ? "given by judges" : `level ${hit.level}`;
  node.title = scored ? `${level}, scored` : level;
  if (scored) {
    const said = document.createElement("span");
    said.className = "unseen";
    said.textContent = " scored";
    node.append(said);
  }
  return node;
}

/** @param {number} chance from 0 to 1 @returns {string} never certain where it is not */
function percent(chance) {
  const rounded = Math.round(chance * 100);
  if (rounded === 100 && chance < 1) return ">99 %";
  if (rounded === 0 && chance > 0) return "<1 %";
  return `${rounded} %`;
}

/** @param {number} matches @returns {string} */
function learning(matches) {
  if (matches === 0) return "nothing learned yet: assumed rates";
  return `learned from ${matches} ${matches === 1 ? "match" : "matches"}`;
}

/** @param {any} data of a `prediction` frame; null before the first */
export function drawChances(data) {
  for (const what of ["round", "fight"]) {
    const node = /** @type {HTMLElement} */ (document.querySelector(`[data-chance="${what}"]`));
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (node.querySelector(name));
    const chances = data?.[what] ?? null;
    node.classList.toggle("missing", chances === null);
    part(".reason").textContent = chances === null ? `– ${words(data?.missing[what] ?? "no match")}` : "";
    for (const side of SIDES) {
      part(`.share.${side}`).textContent = chances === null ? "" : percent(chances[side]);
      part(`.bar .${side}`).style.flexGrow = String(chances?.[side] ?? 0);
    }
  }
  const learned = document.getElementById("learned");
  if (learned) learned.textContent = data ? learning(data.learned_matches) : "";
}
