import { system } from "../lib/device.js";
import { held, hold } from "../lib/phone.js";

const REST_MS = 30 * 24 * 60 * 60 * 1000;
const TOUCHES = 2;

/**
 * `<install-card>` offers the home screen once two touches were answered for. Where the
 * browser asks itself, it is asked to; an iPhone is told how. "Later" keeps for thirty days.
 */
class InstallCard extends HTMLElement {
  /** @type {any} the browser's own question, put off until somebody presses */
  #question;

  connectedCallback() {
    addEventListener("beforeinstallprompt", this);
    document.addEventListener("kept", this);
    this.addEventListener("click", this);
    void this.#offer();
  }

  disconnectedCallback() {
    removeEventListener("beforeinstallprompt", this);
    document.removeEventListener("kept", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "kept") void this.#count();
    else if (event.type === "beforeinstallprompt") {
      event.preventDefault();
      this.#question = event;
      void this.#offer();
    } else if (event.target instanceof Element) {
      const act = event.target.closest("[data-act]")?.getAttribute("data-act");
      if (act === "install") void this.#install();
      else if (act === "later") void this.#later();
    }
  }

  async #count() {
    await hold("touches", ((await held("touches")) ?? 0) + 1);
  }

  async #offer() {
    const [touches = 0, later = 0] = await Promise.all(["touches", "install-later"].map(held));
    const way = this.#way();
    this.hidden = !way || touches < TOUCHES || Date.now() - later < REST_MS;
    if (way) this.querySelector(`[data-part=${way}]`)?.removeAttribute("hidden");
  }

  /** @returns {"android" | "iphone" | undefined} none where it is installed, or cannot be */
  #way() {
    if (matchMedia("(display-mode: standalone)").matches) return undefined;
    if (this.#question) return "android";
    return system() === "iphone" ? "iphone" : undefined;
  }

  async #install() {
    const question = this.#question;
    this.#question = undefined;
    this.hidden = true;
    await question?.prompt();
  }

  async #later() {
    this.hidden = true;
    await hold("install-later", Date.now());
  }
}

customElements.define("install-card", InstallCard);
