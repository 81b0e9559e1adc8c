import { post, Refused } from "../lib/http.js";
import { able, Declined, offersInField, prove } from "../lib/webauthn.js";

/**
 * `<passkey-sign-in>` wraps the form that signs in by passkey: one press, or the offer inside the
 * number field (`autocomplete="username webauthn"`) where the browser has it. It is hidden in
 * HTML and shows itself, for without script or passkeys there is nothing to press.
 *
 * `data-api` gives the question; `data-declined`, `data-failed` are its words.
 */
class PasskeySignIn extends HTMLElement {
  /** @type {AbortController | undefined} */
  #offer;

  connectedCallback() {
    if (!able()) return;
    this.hidden = false;
    this.addEventListener("submit", this);
    this.#offerInField();
  }

  disconnectedCallback() {
    this.#offer?.abort();
    this.removeEventListener("submit", this);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    event.preventDefault();
    // Of two questions to one browser the older fails: the offer gives way to the press.
    this.#offer?.abort();
    try {
      this.#send(await prove(await this.#question()));
    } catch (wrong) {
      this.#say(wrong);
    }
  }

  async #offerInField() {
    if (!(await offersInField())) return;
    this.#offer = new AbortController();
    const { signal } = this.#offer;
    try {
      this.#send(await prove(await this.#question(), { mediation: "conditional", signal }));
    } catch {
      // Nobody asked for the offer, so nobody is told that it was not taken.
    }
  }

  #question() {
    return post(this.dataset.api ?? "", {});
  }

  /** @param {Record<string, string>} proof */
  #send(proof) {
    const form = this.querySelector("form");
    const field = form?.elements.namedItem("proof");
    if (field instanceof HTMLInputElement) field.value = JSON.stringify(proof);
    form?.submit();
  }

  /** @param {unknown} wrong */
  #say(wrong) {
    const status = this.querySelector("[role=status]");
    const { declined, failed } = this.dataset;
    const told = wrong instanceof Refused ? wrong.message : "";
    const words = wrong instanceof Declined ? declined : told || failed;
    if (status) status.textContent = words ?? "";
  }
}

customElements.define("passkey-sign-in", PasskeySignIn);
