import { forget, waiting } from "../lib/outbox.js";
import { clock, fill } from "../lib/words.js";

const WORDS = new Set(["삭제", "delete"]);

/**
 * `<outbox-removal>` throws one waiting touch away, which the address names behind its `#`,
 * once the word was typed. Nobody can bring it back.
 */
class OutboxRemoval extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this);
    void this.#show();
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    event.preventDefault();
    const field = this.querySelector("input");
    if (!field) return;
    const said = WORDS.has(field.value.trim().toLowerCase());
    field.setAttribute("aria-invalid", String(!said));
    this.querySelector("[data-part=wrong]")?.toggleAttribute("hidden", said);
    if (!said) return field.focus();
    await forget(this.#id);
    location.assign(this.dataset.outbox ?? "/");
  }

  async #show() {
    const all = await waiting(this.dataset.owner ?? "");
    const one = all.find(({ id }) => id === this.#id);
    this.querySelector("form")?.toggleAttribute("hidden", !one);
    this.querySelector("[data-part=none]")?.toggleAttribute("hidden", Boolean(one));
    if (one) fill(this, { time: clock(new Date(one.at_ms).toJSON()) });
    for (const word of this.querySelectorAll("[data-kind]")) {
      if (word.getAttribute("data-kind") !== one?.kind) word.remove();
    }
    this.dataset.state = "ready";
  }

  get #id() {
    return location.hash.slice(1);
  }
}

customElements.define("outbox-removal", OutboxRemoval);
