import { holdCode } from "../lib/held-code.js";
import { post, Refused, Unreached } from "../lib/http.js";

/** What a screen, a printed sign or a tag may say; anything else in view is none of ours. */
const OURS = /^(TS[CP]1\.[A-Z2-7]{42,64}|e=[0-9A-Fa-f]{32}&c=[0-9A-Fa-f]{16})$/;
const DIGITS = /^\d{4} ?\d{4}$/;

/**
 * `<site-code>` wraps a camera and a form for the eight digits. With `data-api` the code is
 * added to a touch that was made; without it the code is held for the touch of `data-next`.
 */
class SiteCode extends HTMLElement {
  #busy = false;

  connectedCallback() {
    this.addEventListener("code", this);
    this.addEventListener("submit", this);
    this.addEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "code") {
      const { text } = /** @type {CustomEvent} */ (event).detail;
      if (OURS.test(text)) this.#send(text);
    } else if (event.type === "submit") {
      const field = /** @type {HTMLInputElement | null} */ (this.querySelector("[name=text]"));
      const text = field?.value.trim() ?? "";
      // What is no code is said by the server, in its words.
      if (!this.dataset.api && !DIGITS.test(text)) return;
      event.preventDefault();
      this.#send(text);
    } else if (event.target instanceof Element && event.target.closest("[data-turn]")) {
      this.#camera?.toggle();
    }
  }

  get #camera() {
    return /** @type {any} */ (this.querySelector("qr-scanner"));
  }

  /** @param {string} text */
  async #send(text) {
    if (this.#busy) return;
    this.#busy = true;
    const { api, next } = this.dataset;
    this.#say(this.dataset.sending);
    try {
      if (api) await post(api, { kind: "site-code", text });
      else holdCode(text);
      this.#say(this.dataset.done);
      this.#camera?.stop();
      location.assign(next ?? "/");
    } catch (refusal) {
      if (!(refusal instanceof Refused || refusal instanceof Unreached)) throw refusal;
      this.#refused(refusal instanceof Refused ? refusal.message : this.dataset.away);
      this.#busy = false;
    }
  }

  /** @param {string | undefined} words */
  #say(words) {
    this.querySelector("[role=status]")?.replaceChildren(words ?? "");
  }

  /** The camera stops: the same wrong code in view would be sent again and again. @param {string} [words] */
  #refused(words) {
    this.#camera?.stop();
    const place = this.querySelector("[data-part=refused]");
    place?.replaceChildren(words ?? "");
    place?.removeAttribute("hidden");
    this.#say("");
  }
}

customElements.define("site-code", SiteCode);
