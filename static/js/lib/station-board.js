import { addable, offer, showAnswer } from "./answer-card.js";
import { filled, put, rowOf, won } from "./answer.js";
import { post, Refused, Unreached } from "./station-http.js";

/** @typedef {import("./answer.js").Answer} Answer */

/** What a station shows: one answer large, the rows of this sitting, what was counted. */
export class Board {
  /** Rows of codes that wait for the server. @type {Map<string, HTMLElement>} */
  #rows = new Map();
  #read = 0;

  /** The answer that is shown large. @type {Answer | undefined} */
  shown;

  /** The code it is about, if that waits or waited for the server. @type {string | undefined} */
  code;

  /** @param {HTMLElement} station holds the parts, and in its data the words */
  constructor(station) {
    this.station = station;
  }

  /** @param {Answer} said @param {string} [code] of one that waits, or waited, for the server */
  answered(said, code) {
    this.show(said, code);
    this.list(said, code);
    this.station.dispatchEvent(new CustomEvent("verdict", { bubbles: true, detail: said }));
  }

  /** @param {Answer} said @param {string} [code] */
  show(said, code) {
    this.shown = said;
    this.code = code;
    this.#reveal("answer", true);
    showAnswer(this.station, said);
    const { differs, genuine, payable } = said;
    this.say("shown", [differs, genuine.answer, payable.answer].filter(Boolean).join(". "));
  }

  clear() {
    this.shown = undefined;
    this.#reveal("answer", false);
    this.say("ready", "");
  }

  /** @param {Answer} said @param {string} [code] whose row this takes the place of */
  list(said, code) {
    const row = rowOf(said);
    row.addEventListener("click", () => this.show(said, code));
    const item = document.createElement("li");
    item.append(row);
    const earlier = code === undefined ? undefined : this.#rows.get(code);
    if (code !== undefined) this.#rows.set(code, item);
    if (earlier) earlier.replaceWith(item);
    else this.station.querySelector("[data-list]")?.prepend(item);
    this.#reveal("sitting", true);
    if (!earlier) this.#read += 1;
    put(this.station, "read", filled(this.station.dataset.read ?? "", { n: this.#read }));
    // Counted once the server has answered.
    if (!said.provisional) this.#tally(said.trip ? said.payable.mark : said.genuine.mark);
    const auto = this.station.querySelector("[data-auto]");
    if (auto instanceof HTMLInputElement && auto.checked && addable(said)) void this.add(said);
  }

  /** The server's answer to a code that waited. @param {Answer} said @param {string} code */
  replace(said, code) {
    // One that agrees takes its row quietly: the clerk may be looking at another by now.
    const quiet = !said.differs && this.shown !== undefined && this.code !== code;
    if (quiet) this.list(said, code);
    else this.answered(said, code);
    this.#rows.delete(code);
  }

  /** Into the batch. @param {Answer} said */
  async add(said) {
    if (!said.trip) return;
    const { batch: words = "", batches = "", added = "", waiting = "" } = this.station.dataset;
    try {
      const batch = await post(batches, { add: [said.trip.id] });
      put(this.station, "batch", filled(words, { n: batch.count, w: won(batch.total) }));
      if (this.shown === said) offer(this.station, undefined);
      this.say("shown", added);
    } catch (wrong) {
      if (!(wrong instanceof Refused || wrong instanceof Unreached)) throw wrong;
      this.say("refused", wrong.message || waiting);
    }
  }

  /** @param {string} state @param {string} words */
  say(state, words) {
    const trouble = state === "waiting" || state === "refused";
    this.station.dataset.state = state;
    put(this.station, "status", words);
    put(this.station, "trouble", trouble ? words : "");
    this.#reveal("trouble", trouble);
  }

  /** @param {string} mark */
  #tally(mark) {
    const count = this.station.querySelector(`[data-count="${mark}"]`);
    if (count) count.textContent = String(Number(count.textContent) + 1);
  }

  /** @param {string} name @param {boolean} seen */
  #reveal(name, seen) {
    this.station.querySelector(`[data-${name}]`)?.toggleAttribute("hidden", !seen);
    if (name === "answer")
      this.station.querySelector("[data-empty]")?.toggleAttribute("hidden", seen);
  }
}
