import { isReady, listen, waiting } from "../lib/outbox.js";
import { addressesOf, empty } from "../lib/sender.js";
import { whose } from "../lib/today.js";

const SOON_MS = 1_500;

/**
 * `<waiting-pill>` says how many touches wait on this phone, and sends them: as the page
 * opens, comes back to sight or to a line, and after the waits of the outbox.
 */
class WaitingPill extends HTMLElement {
  #owner = "";
  #next = 0;
  #soon = 0;

  /** @type {() => void} */
  #deafen = () => {};

  connectedCallback() {
    addEventListener("online", this);
    document.addEventListener("visibilitychange", this);
    this.#deafen = listen(() => this.#tell());
    void this.#begin();
  }

  disconnectedCallback() {
    removeEventListener("online", this);
    document.removeEventListener("visibilitychange", this);
    clearTimeout(this.#next);
    clearTimeout(this.#soon);
    this.#deafen();
  }

  /** @param {Event} event */
  handleEvent({ type }) {
    if (document.visibilityState === "visible") void this.#send(type === "online" ? "line" : "due");
  }

  async #begin() {
    this.#owner = await whose(this.dataset.owner ?? "");
    await this.#tell();
    await this.#send("line");
  }

  /** @param {import("../lib/sender.js").Why} why */
  async #send(why) {
    if (!this.#owner || !navigator.onLine) return;
    await empty({ owner: this.#owner, addresses: addressesOf(this), why });
    await this.#wait();
  }

  async #wait() {
    clearTimeout(this.#next);
    const due = (await waiting(this.#owner)).filter((one) => isReady(one) && !one.stuck);
    if (!due.length) return;
    const soonest = Math.min(...due.map(({ next_ms = 0 }) => next_ms));
    const left = Math.max(1_000, soonest - Date.now());
    this.#next = window.setTimeout(() => this.#send("due"), left);
  }

  async #tell() {
    const count = this.#owner ? (await waiting(this.#owner)).length : 0;
    const said = this.querySelector("a");
    if (said) said.textContent = (this.dataset.words ?? "").replace("{n}", String(count));
    this.dataset.count = String(count);
    clearTimeout(this.#soon);
    // One that is answered for at once never waited.
    if (count) this.#soon = window.setTimeout(() => this.#show(), SOON_MS);
    else this.hidden = true;
  }

  #show() {
    this.hidden = false;
  }
}

customElements.define("waiting-pill", WaitingPill);
