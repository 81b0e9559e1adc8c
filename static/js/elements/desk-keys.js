import { encode } from "../lib/base64url.js";
import { filled, put } from "../lib/answer.js";
import { deskHere } from "../lib/desk.js";
import { post, Refused, Unreached } from "../lib/http.js";
import { deed, point, take } from "../lib/lease.js";
import { aged } from "../lib/offline-answer.js";

/**
 * `<desk-keys>` shows how old the desk's lists are and until when keys are on loan, and
 * borrows keys: inside it stands the `<step-up>` whose passkey signs for this very desk.
 *
 * `data-api` takes the wish. Words: `data-lent` with `{t}`, `data-none`, `data-estranged`,
 * `data-refused`, `data-failed`.
 */
class DeskKeys extends HTMLElement {
  #words = JSON.parse(document.getElementById("station-words")?.getAttribute("value") ?? "{}");
  #desk = deskHere(this.#words);

  connectedCallback() {
    this.hidden = false;
    this.addEventListener("step-up", this);
    document.addEventListener("desk", this);
    void this.#ready();
  }

  disconnectedCallback() {
    document.removeEventListener("desk", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (!(event instanceof CustomEvent)) return;
    if (event.type === "desk") return void this.#fresh(event.detail.refused);
    event.preventDefault();
    void this.#borrow(event);
  }

  /** @param {boolean} refused whether the lists that came do not hold */
  async #fresh(refused) {
    put(this, "refused", refused ? (this.dataset.refused ?? "") : "");
    await this.#show();
  }

  async #ready() {
    const wish = this.querySelector("step-up");
    if (wish instanceof HTMLElement) wish.dataset.batchHash = encode(await deed());
    await this.#show();
  }

  /** @param {CustomEvent} event */
  async #borrow({ target, detail }) {
    const form = target instanceof Element ? target.querySelector("form") : null;
    const desk = String(new FormData(form ?? undefined).get("desk") ?? "").trim();
    try {
      const wish = { desk, point: encode(await point()), step_up: detail.answer };
      await take(await post(this.dataset.api ?? "", wish));
      await this.#desk.adopt();
      this.#say("");
      await this.#show();
    } catch (wrong) {
      if (!(wrong instanceof Refused || wrong instanceof Unreached)) throw wrong;
      this.#say(wrong.message || (this.dataset.failed ?? ""));
    }
  }

  /** @param {string} words */
  #say(words) {
    const status = this.querySelector("[data-step-up-status]");
    if (status) status.textContent = words;
  }

  async #show() {
    const language = document.documentElement.lang;
    put(this, "ages", aged(await this.#desk.ages(), this.#words, language));
    const until = await this.#desk.borrow();
    const style = /** @type {const} */ ({ dateStyle: "medium", timeStyle: "short" });
    const say = new Intl.DateTimeFormat(language, { ...style, timeZone: "Asia/Seoul" });
    const t = say.format(until * 1000);
    const { lent = "", none = "", estranged = "" } = this.dataset;
    put(this, "lease", until ? filled(lent, { t }) : none);
    put(this, "estranged", (await this.#desk.isEstranged()) ? estranged : "");
    this.dataset.state = until ? "lent" : "none";
  }
}

customElements.define("desk-keys", DeskKeys);
