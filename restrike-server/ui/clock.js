// @ts-check
/**
 * The match clock between two ticks. The wire says the floor of the remaining time once a second, so what is
 * left at that moment is up to 0.999 s more.
 */

const FLOOR_REST = 999;

/** @param {string | null} text `mm:ss` @returns {number | null} seconds */
export function seconds(text) {
  const parts = /^(\d+):(\d+)$/.exec(text ?? "");
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : null;
}

/** @param {number} total seconds @returns {string} `m:ss` */
export function format(total) {
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`;
}

export class LocalClock {
  /** @type {string | null} */
  #said = null;
  #running = false;
  /** When it will be over, by `performance.now()`. */
  #end = 0;

  /** @param {string | null} said @param {boolean} running @param {number} now */
  set(said, running, now) {
    const left = seconds(said);
    // The same value again (a point came, a clock started at once) says nothing new about the second's fraction.
    if (left !== null && running && (said !== this.#said || !this.#running)) {
      this.#end = now + left * 1000 + FLOOR_REST;
    }
    this.#said = said;
    this.#running = running;
  }

  /** @param {number} now @returns {string} as a scoreboard shows it */
  show(now) {
    const said = seconds(this.#said);
    if (said === null) return "–:––";
    if (!this.#running) return format(said);
    const left = Math.floor((this.#end - now) / 1000);
    // Never ahead of the last tick by more than a lost one or two: the sender may be gone.
    return format(Math.max(0, Math.min(said, Math.max(left, said - 3))));
  }
}
