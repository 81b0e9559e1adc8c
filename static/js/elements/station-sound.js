import { newsOf, play } from "../lib/sound.js";

const KEPT = "station-muted";

/**
 * `<station-sound>` holds the button that switches the sound on and off. Browsers let a
 * page sound only after a press; whether it was muted is kept on this machine.
 *
 * Words: `data-on`, `data-off` (what a press will do).
 */
class StationSound extends HTMLElement {
  /** @type {AudioContext | undefined} */
  #audio;

  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", this);
    document.addEventListener("verdict", this);
    this.#show(localStorage.getItem(KEPT) === "no" ? "asked" : "muted");
    document.addEventListener("click", this.#wake, { once: true });
  }

  disconnectedCallback() {
    document.removeEventListener("verdict", this);
    document.removeEventListener("click", this.#wake);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "click") this.#turn();
    else if (event instanceof CustomEvent && this.#audio && this.dataset.state === "on")
      play(this.#audio, newsOf(event.detail.genuine.mark, event.detail.payable.mark));
  }

  // It was on before: the first press anywhere may bring it back.
  #wake = () => {
    if (this.dataset.state === "asked") this.#turn();
  };

  #turn() {
    const on = this.dataset.state !== "on";
    if (on) this.#audio ??= new AudioContext();
    localStorage.setItem(KEPT, on ? "no" : "yes");
    this.#show(on ? "on" : "muted");
  }

  /** @param {"on" | "muted" | "asked"} state */
  #show(state) {
    this.dataset.state = state;
    const button = this.querySelector("button");
    const words = this.querySelector("[data-words]");
    button?.setAttribute("aria-pressed", String(state === "on"));
    if (words) words.textContent = (state === "on" ? this.dataset.off : this.dataset.on) ?? "";
  }
}

customElements.define("station-sound", StationSound);
