import { decode, encode } from "../lib/base64url.js";
import { post, Refused, Unreached } from "../lib/http.js";

/**
 * `<push-notices>` has this browser show notices, or no more. `data-key` is whom the browser
 * takes them from; one that took them from an older key subscribes anew, without a question.
 *
 * `data-state`: none, first, denied, on, off, failed, away; each with its words in `data-*`.
 */
class PushNotices extends HTMLElement {
  #busy = false;

  connectedCallback() {
    this.addEventListener("click", this);
    void this.#look();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    const button = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    if (!button || this.#busy) return;
    this.#busy = true;
    await this.#tried(() => (button.matches("[data-act=on]") ? this.#on() : this.#off()));
    this.#busy = false;
  }

  async #look() {
    if (!("serviceWorker" in navigator && "PushManager" in window)) return this.#show("none");
    const worker = await navigator.serviceWorker.getRegistration(this.dataset.scope);
    if (!worker) return this.#show("first");
    if (Notification.permission === "denied") return this.#show("denied");
    const held = await worker.pushManager.getSubscription();
    if (!held) return this.#show("off");
    // Told again each time: the server may have forgotten it, or somebody else have signed in.
    await this.#tried(() => this.#on());
  }

  async #on() {
    const worker = await navigator.serviceWorker.getRegistration(this.dataset.scope);
    if (!worker) return this.#show("first");
    if ((await Notification.requestPermission()) !== "granted") return this.#show("denied");
    const key = this.dataset.key ?? "";
    const held = await worker.pushManager.getSubscription();
    const older = held?.options.applicationServerKey;
    if (held && older && encode(new Uint8Array(older)) !== key) await held.unsubscribe();
    const how = { userVisibleOnly: true, applicationServerKey: decode(key) };
    const taken = await worker.pushManager.subscribe(how);
    const { endpoint, keys } = taken.toJSON();
    await post(this.dataset.api ?? "", { endpoint, keys });
    this.#show("on");
  }

  async #off() {
    const worker = await navigator.serviceWorker.getRegistration(this.dataset.scope);
    await (await worker?.pushManager.getSubscription())?.unsubscribe();
    await post(this.dataset.end ?? "", {});
    this.#show("off");
  }

  /** @param {() => Promise<void>} deed */
  async #tried(deed) {
    try {
      await deed();
    } catch (fault) {
      if (fault instanceof Unreached) this.#show("away");
      else if (fault instanceof Refused) this.#show("failed", fault.message);
      // What a browser throws where the service of its maker is away, or blocked.
      else if (fault instanceof DOMException) this.#show("failed");
      else throw fault;
    }
  }

  /** @param {string} state @param {string} [words] */
  #show(state, words = this.dataset[state]) {
    this.dataset.state = state;
    const status = this.querySelector("[role=status]");
    if (status) status.textContent = words ?? "";
    const may = { on: ["off", "failed", "away"], off: ["on", "away"] };
    for (const [act, states] of Object.entries(may)) {
      const button = /** @type {HTMLElement | null} */ (this.querySelector(`[data-act=${act}]`));
      if (button) button.hidden = !states.includes(state);
    }
  }
}

customElements.define("push-notices", PushNotices);
