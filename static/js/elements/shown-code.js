import { post, Refused, Unreached } from "../lib/http.js";
import { counted } from "../lib/minute.js";

const SHOWN_S = 60;

/**
 * `<shown-code data-api>` shows a code of one minute, counts it down and makes a new one whenever
 * its button is pressed; the first as soon as the page is open. The screen stays awake meanwhile.
 */
class ShownCode extends HTMLElement {
  /** @type {() => void} */
  #still = () => {};

  /** @type {WakeLockSentinel | undefined} */
  #lit;

  connectedCallback() {
    this.addEventListener("click", this);
    for (const button of this.querySelectorAll("button")) button.disabled = false;
    void this.#make();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.#still();
    void this.#lit?.release();
  }

  /** @param {Event} event */
  handleEvent({ target }) {
    if (target instanceof Element && target.closest("[data-show]")) void this.#make();
  }

  async #make() {
    const refused = this.#part("refused");
    refused.hidden = true;
    try {
      const { text } = await post(this.dataset.api ?? "", {});
      this.#show(text);
    } catch (refusal) {
      if (!(refusal instanceof Refused || refusal instanceof Unreached)) throw refusal;
      refused.textContent =
        (refusal instanceof Refused ? refusal.message : this.dataset.away) ?? "";
      refused.hidden = false;
    }
  }

  /** @param {string} text */
  async #show(text) {
    const code = this.#part("code");
    code.dataset.text = text;
    code.hidden = false;
    this.querySelector("[role=status]")?.replaceChildren();
    this.#still();
    this.#still = counted(SHOWN_S, (left) => this.#tell(left));
    // A browser that refuses (a low battery) shows the code all the same.
    this.#lit ??= await navigator.wakeLock?.request("screen").catch(() => undefined);
  }

  /** @param {number} left */
  #tell(left) {
    const words = this.dataset.left?.replace("{n}", String(left));
    this.#part("left").textContent = left > 0 ? (words ?? "") : "";
    if (left > 0) return;
    this.#still();
    this.#part("code").hidden = true;
    this.querySelector("[role=status]")?.replaceChildren(this.dataset.over ?? "");
    void this.#lit?.release();
    this.#lit = undefined;
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part=${name}]`));
  }
}

customElements.define("shown-code", ShownCode);
