import { heldCode } from "../lib/held-code.js";

const TICK_MS = 500;

/** `<held-code>` says, while there is one, that a code of the place waits for the touch. */
class HeldCode extends HTMLElement {
  #ticking = 0;

  connectedCallback() {
    this.#ticking = window.setInterval(() => this.#look(), TICK_MS);
    this.#look();
  }

  disconnectedCallback() {
    clearInterval(this.#ticking);
  }

  #look() {
    this.hidden = heldCode() === undefined;
  }
}

customElements.define("held-code", HeldCode);
