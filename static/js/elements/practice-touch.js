import { locate } from "../lib/locating.js";
import { Stage } from "../lib/stage.js";
import { metres } from "../lib/words.js";

/**
 * `<practice-touch>` goes the way of a touch and leaves nothing: no challenge is asked for, no
 * record is made, and what was measured is forgotten with the page.
 */
class PracticeTouch extends HTMLElement {
  #stage = new Stage(this);

  /** @type {(() => void) | undefined} */
  #finish;

  #stopped = false;

  connectedCallback() {
    this.addEventListener("submit", this);
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
    this.removeEventListener("click", this);
    this.#stage.still();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "submit") {
      event.preventDefault();
      void this.#press();
    } else if (event.target instanceof Element) {
      const act = event.target.closest("[data-act]")?.getAttribute("data-act");
      if (act === "finish") this.#finish?.();
      else if (act === "stop") this.#stop();
    }
  }

  async #press() {
    this.#stopped = false;
    const best = this.dataset.located === "yes" ? await this.#look() : undefined;
    if (this.#stopped) return;
    const { drawPlain } = await import("../lib/plain-qr.js");
    this.#stage.show("ok", {
      words: {
        accuracy: best === undefined ? undefined : metres(best / 100),
        qr: drawPlain(this.#stage.said("code"), this.#stage.said("qrName")),
      },
    });
  }

  /** @returns {Promise<number | undefined>} how well it was found, in cm */
  async #look() {
    this.#stage.show("locating");
    const { sight, finish } = locate(this.#stage);
    this.#finish = finish;
    const { fixes } = await sight;
    return fixes.length ? Math.min(...fixes.map(({ acc_cm }) => acc_cm)) : undefined;
  }

  #stop() {
    this.#stopped = true;
    this.#finish?.();
    this.#stage.show("idle");
  }
}

customElements.define("practice-touch", PracticeTouch);
