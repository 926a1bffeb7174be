// @ts-check
/**
 * The connection to the live feed. It goes on where it broke: each frame's `seq` is remembered, and a server
 * that still has what came after it sends just that.
 *
 * @typedef {{ v: number, type: string, ring: string | null, seq: number, data: any }} Frame
 */

/** After a broken connection, in ms; the last one is repeated. */
const PAUSES = [250, 500, 1000, 2000, 5000];

export class Feed {
  /** @type {string | null} */
  #epoch = null;
  /** @type {number | null} */
  #seq = null;
  #failures = 0;
  /** @type {(frame: Frame) => void} */
  #onFrame;
  /** @type {(state: "connecting" | "live" | "lost") => void} */
  #onState;

  /**
   * @param {(frame: Frame) => void} onFrame
   * @param {(state: "connecting" | "live" | "lost") => void} onState
   */
  constructor(onFrame, onState) {
    this.#onFrame = onFrame;
    this.#onState = onState;
  }

  open() {
    const url = new URL("ws/v1", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("topics", "events,state,hits,prediction");
    if (this.#epoch !== null && this.#seq !== null) {
      url.searchParams.set("epoch", this.#epoch);
      url.searchParams.set("since", String(this.#seq));
    }
    const socket = new WebSocket(url);
    socket.onmessage = (message) => this.#take(JSON.parse(message.data));
    socket.onclose = () => {
      this.#onState("lost");
      const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)];
      this.#failures += 1;
      setTimeout(() => this.open(), pause);
    };
  }

  /** @param {Frame} frame */
  #take(frame) {
    if (frame.v !== 1) return;
    if (frame.type === "hello") {
      this.#epoch = frame.data.epoch;
      this.#failures = 0;
      this.#onState("live");
    }
    this.#seq = frame.seq;
    this.#onFrame(frame);
  }
}
