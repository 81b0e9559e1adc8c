import { post, Refused } from "../lib/http.js";
import { able, Declined, make } from "../lib/webauthn.js";

/**
 * `<passkey-enrol>` wraps the form with the device's name: a press makes a passkey on this device
 * and hands it to the server, then the page goes on to `data-next`.
 *
 * `data-options` and `data-api` are the two addresses; `data-asking`, `data-declined`,
 * `data-unable`, `data-failed` and `data-waiting` its words.
 */
class PasskeyEnrol extends HTMLElement {
  #busy = false;

  connectedCallback() {
    this.addEventListener("submit", this);
    if (!able()) this.#say("unable");
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    event.preventDefault();
    if (this.#busy || !able()) return;
    this.#busy = true;
    this.#say("asking");
    try {
      const device = await this.#enrol(new FormData(/** @type {HTMLFormElement} */ (event.target)));
      if (device.state === "waiting") this.#say("waiting");
      else globalThis.location.assign(this.dataset.next ?? "/");
    } catch (wrong) {
      this.#say(wrong instanceof Declined ? "declined" : "failed", wrong);
    } finally {
      this.#busy = false;
    }
  }

  /** @param {FormData} said */
  async #enrol(said) {
    const options = await post(this.dataset.options ?? "", {});
    const credential = await make(options);
    return post(this.dataset.api ?? "", { name: String(said.get("name") ?? ""), ...credential });
  }

  /**
   * @param {"asking" | "declined" | "unable" | "failed" | "waiting"} state
   * @param {unknown} [wrong]
   */
  #say(state, wrong) {
    this.dataset.state = state;
    const status = this.querySelector("[role=status]");
    const told = wrong instanceof Refused ? wrong.message : "";
    if (status) status.textContent = told || (this.dataset[state] ?? "");
  }
}

customElements.define("passkey-enrol", PasskeyEnrol);
