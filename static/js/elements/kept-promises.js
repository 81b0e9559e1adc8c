import { judged, promises } from "../lib/promises.js";
import { whose } from "../lib/today.js";
import { clock, fill } from "../lib/words.js";

/** @typedef {import("../lib/promises.js").Promised} Promised */

const MOST = 100;

/**
 * `<kept-promises>` lists what the log has promised for the touches of this phone, asks the log
 * for each now, and says in a sentence whether it was kept.
 */
class KeptPromises extends HTMLElement {
  connectedCallback() {
    void this.#show();
  }

  async #show() {
    const owner = await whose(this.dataset.owner ?? "");
    const mine = owner ? (await promises(owner)).slice(0, MOST) : [];
    this.#part("empty", mine.length === 0);
    const list = this.querySelector("[data-list]");
    const pairs = mine.map((one) => ({ one, row: this.#row(one) }));
    list?.replaceChildren(...pairs.map(({ row }) => row));
    let broken = 0;
    for (const { one, row } of pairs) {
      const state = await judged(one, this.dataset.proofs ?? "");
      broken += Number(state === "broken");
      this.#say(row, one, state);
      this.#part("broken", broken > 0);
    }
    this.dataset.state = broken ? "broken" : "ready";
  }

  /** @param {Promised} one */
  #row(one) {
    const page = /** @type {HTMLTemplateElement} */ (this.querySelector("template[data-row]"));
    const row = /** @type {HTMLElement} */ (page.content.firstElementChild?.cloneNode(true));
    for (const word of row.querySelectorAll("[data-kind]")) {
      if (word.getAttribute("data-kind") !== one.kind) word.remove();
    }
    fill(row, { time: moment(one.at) });
    const link = row.querySelector("a");
    link?.setAttribute(
      "href",
      URL.createObjectURL(new Blob([one.receipt], { type: "text/plain" })),
    );
    link?.setAttribute("download", `log-receipt-${one.leaf.slice(0, 12)}.txt`);
    return row;
  }

  /** @param {HTMLElement} row @param {Promised} one @param {string} state */
  #say(row, one, state) {
    row.dataset.state = state;
    for (const word of row.querySelectorAll("[data-when]")) {
      word.toggleAttribute("hidden", word.getAttribute("data-when") !== state);
    }
    const place = one.place?.toLocaleString("en");
    fill(row, { place, size: one.size?.toLocaleString("en"), by: clock(one.by) });
  }

  /** @param {string} name @param {boolean} shown */
  #part(name, shown) {
    this.querySelector(`[data-part="${name}"]`)?.toggleAttribute("hidden", !shown);
  }
}

/** @param {string} at */
function moment(at) {
  const how = { month: "short", day: "numeric", weekday: "short", timeZone: "Asia/Seoul" };
  const day = new Intl.DateTimeFormat(
    document.documentElement.lang,
    /** @type {Intl.DateTimeFormatOptions} */ (how),
  );
  return `${day.format(new Date(at))} ${clock(at)}`;
}

customElements.define("kept-promises", KeptPromises);
