import { decode, encode } from "../lib/base64url.js";
import { keepKey, known, publicHalf, refresh, sign, tried, Unkept } from "../lib/device-key.js";
import { post, Refused, Unreached } from "../lib/http.js";

const DEED = new TextEncoder().encode("tripseal/device-key/1\0");

/**
 * `<device-key>` makes a key of this browser's own, for where no passkey can answer: tried
 * (written, read again, signed with) before the server hears of it.
 *
 * `data-options` and `data-api` are the two addresses; `data-live`, `data-waiting`,
 * `data-unkept`, `data-failed`, `data-away` and `data-making` its words.
 */
class DeviceKey extends HTMLElement {
  #busy = false;

  connectedCallback() {
    this.addEventListener("submit", this);
    void this.#look();
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    event.preventDefault();
    if (this.#busy) return;
    this.#busy = true;
    this.#say("making");
    try {
      await this.#enrol(new FormData(/** @type {HTMLFormElement} */ (event.target)));
      await this.#look();
    } catch (wrong) {
      if (wrong instanceof Unkept) this.#say("unkept");
      else if (wrong instanceof Unreached) this.#say("away");
      else if (wrong instanceof Refused) this.#say("failed", wrong.message);
      else throw wrong;
    } finally {
      this.#busy = false;
    }
  }

  /** @param {FormData} said */
  async #enrol(said) {
    const pair = await tried();
    const { challenge } = await post(this.dataset.options ?? "", {});
    const asked = new Uint8Array([...DEED, ...decode(challenge)]);
    const made = await post(this.dataset.api ?? "", {
      kind: "device_key",
      name: String(said.get("name") ?? ""),
      public_key: encode(await publicHalf(pair)),
      signature: await sign(pair.privateKey, asked),
      replaces: (await known(this.#owner))?.device ?? null,
    });
    const { id: device, key_id: id, state } = made;
    await keepKey(this.#owner, { device, id, state, pair });
  }

  async #look() {
    try {
      await refresh(this.dataset.api ?? "", this.#owner);
    } catch (away) {
      if (!(away instanceof Refused || away instanceof Unreached)) throw away;
    }
    const { state = "none" } = (await known(this.#owner)) ?? {};
    const held = state === "live" || state === "waiting";
    this.querySelector("form")?.toggleAttribute("hidden", held);
    this.#say(held ? state : "none");
  }

  /** @param {string} state @param {string} [told] in the server's words */
  #say(state, told) {
    this.dataset.state = state;
    const status = this.querySelector("[role=status]");
    if (status) status.textContent = told || (this.dataset[state] ?? "");
  }

  get #owner() {
    return this.dataset.owner ?? "";
  }
}

customElements.define("device-key", DeviceKey);
