import { drop } from "../lib/phone.js";
import { ME } from "../lib/today.js";

/**
 * `<sign-out>` wraps its form: who signs out leaves no trips behind on this phone. What waits
 * in the outbox stays, and is seen and sent by its owner alone.
 */
class SignOut extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    event.preventDefault();
    try {
      await drop(ME);
    } finally {
      /** @type {HTMLFormElement} */ (event.target).submit();
    }
  }
}

customElements.define("sign-out", SignOut);
