import { handIn, read, saved, Unreadable } from "../lib/handed.js";
import { Refused, Unreached } from "../lib/http.js";
import { isReady, keep, listen, renamed, TAKEN, waiting } from "../lib/outbox.js";
import { addressesOf, empty, renewing } from "../lib/sender.js";
import { whose } from "../lib/today.js";
import { clock, fill } from "../lib/words.js";

/** @typedef {import("../lib/outbox.js").Touch} Touch */

const LONG_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * `<out-box>` lists what waits on this phone, as templates of the page word it: sends it now,
 * saves it as a file, and hands such a file in.
 */
class OutBox extends HTMLElement {
  #owner = "";
  #busy = false;

  /** @type {() => void} */
  #deafen = () => {};

  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("change", this);
    this.#deafen = listen(() => this.#show());
    void this.#begin();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.removeEventListener("change", this);
    this.#deafen();
  }

  /** @param {Event} event */
  async handleEvent({ type, target }) {
    if (!(target instanceof Element) || this.#busy) return;
    const act = target.closest("[data-act]")?.getAttribute("data-act");
    this.#busy = true;
    try {
      if (type === "change" && target instanceof HTMLInputElement) await this.#handIn(target);
      else if (act === "send") await this.#send();
      else if (act === "save") saved(await waiting(this.#owner));
      else if (act === "rename") await this.#rename(target.closest("[data-id]"));
    } finally {
      this.#busy = false;
    }
  }

  async #begin() {
    this.#owner = await whose(this.dataset.owner ?? "");
    await this.#show();
    this.dataset.state = "ready";
  }

  async #send() {
    this.#tell("sending");
    const outcomes = await empty({
      owner: this.#owner,
      addresses: addressesOf(this),
      why: "asked",
    });
    const sent = outcomes.filter(({ answer }) => answer).length;
    this.#tell(sent === outcomes.length && sent ? "sent" : "left");
    await this.#show();
  }

  /** The touch page signs it under its new name. @param {Element | null} row */
  async #rename(row) {
    const mine = await waiting(this.#owner);
    const double = mine.find(({ id }) => id === row?.getAttribute("data-id"));
    if (!double) return;
    if (!mine.some(({ instead }) => instead === double.id)) await keep(renamed(double));
    location.assign(this.dataset.today ?? "/");
  }

  /** @param {HTMLInputElement} field */
  async #handIn(field) {
    const [file] = field.files ?? [];
    if (!file) return;
    this.#tell("sending");
    try {
      const envelopes = await read(file);
      const mine = { owner: this.#owner, addresses: addressesOf(this) };
      const { kept, refused } = await renewing(mine, () => handIn(mine, envelopes));
      const why = refused.map(({ message }) => message).join(" ");
      this.#tell(refused.length ? "refused" : "handed", { n: kept, m: refused.length, why });
    } catch (wrong) {
      if (wrong instanceof Unreadable) this.#tell("unreadable");
      else if (wrong instanceof Unreached) this.#tell("away");
      else if (wrong instanceof Refused) this.#tell("no", { why: wrong.message });
      else throw wrong;
    } finally {
      // The same file may be chosen once more.
      field.value = "";
    }
  }

  async #show() {
    const mine = this.#owner ? await waiting(this.#owner) : [];
    this.dataset.count = String(mine.length);
    this.querySelector("[data-list]")?.replaceChildren(...mine.map((one) => this.#row(one)));
    const old = mine.some(({ at_ms }) => Date.now() - at_ms > LONG_MS);
    this.#part("empty", mine.length === 0);
    this.#part("some", mine.length > 0);
    this.#part("old", old);
    this.#part(
      "sign-in",
      mine.some(({ why }) => why?.code === "session.over"),
    );
  }

  /** @param {Touch} one */
  #row(one) {
    const page = /** @type {HTMLTemplateElement} */ (this.querySelector("template[data-row]"));
    const row = /** @type {DocumentFragment} */ (page.content.cloneNode(true));
    for (const word of row.querySelectorAll("[data-kind]")) {
      if (word.getAttribute("data-kind") !== one.kind) word.remove();
    }
    const { tries = 0, next_ms = 0, why } = one;
    const waits = tries && !one.stuck && next_ms > Date.now();
    fill(row, {
      time: moment(one.at_ms),
      size: `${Math.ceil(JSON.stringify(one).length / 1024)} KB`,
      tries: tries ? String(tries) : undefined,
      next: waits ? clock(new Date(next_ms).toJSON()) : undefined,
      why: why?.code === "no-answer" ? this.dataset.away : why?.detail || why?.code,
      unsigned: isReady(one) ? undefined : this.dataset.unsigned,
    });
    row.querySelector("li")?.setAttribute("data-id", one.id);
    if (why?.code === TAKEN) row.querySelector("[data-act=rename]")?.removeAttribute("hidden");
    row.querySelector("a")?.setAttribute("href", `${this.dataset.removal}#${one.id}`);
    return row;
  }

  /** @param {string} name @param {boolean} shown */
  #part(name, shown) {
    for (const part of this.querySelectorAll(`[data-part="${name}"]`)) {
      part.toggleAttribute("hidden", !shown);
    }
  }

  /** @param {string} words @param {Record<string, string | number>} [said] */
  #tell(words, said = {}) {
    let text = this.dataset[words] ?? "";
    for (const [name, value] of Object.entries(said)) {
      text = text.replace(`{${name}}`, String(value));
    }
    const status = this.querySelector("[role=status]");
    if (status) status.textContent = text;
    this.dataset.state = words;
  }
}

/** @param {number} at_ms */
function moment(at_ms) {
  const how = { month: "short", day: "numeric", weekday: "short", timeZone: "Asia/Seoul" };
  const day = new Intl.DateTimeFormat(
    document.documentElement.lang,
    /** @type {Intl.DateTimeFormatOptions} */ (how),
  );
  return `${day.format(at_ms)} ${clock(new Date(at_ms).toJSON())}`;
}

customElements.define("out-box", OutBox);
