import { TokenRefused } from "../token/refused.js";
import { filled, put } from "./answer.js";
import { answerOf } from "./offline-answer.js";
import { queue, settled, waiting } from "./queue.js";
import { codeOf } from "./scan.js";
import { Refused, Unreached } from "./station-http.js";

/**
 * @typedef {import("./answer.js").Answer} Answer
 * @typedef {import("./queue.js").Waiting} Waiting
 * @typedef {(work: { text?: string, source: string }, offline?: string) => Promise<Answer>} Ask
 */

/** How often a desk without a line asks whether it is back. */
const ASK_MS = 3_000;

/**
 * The line to the server, and a desk's way without it: it judges by itself, provisionally,
 * and keeps every code until the server has judged it, too. The server's answer stands.
 */
export class Line {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #asking;
  #catching = false;

  /**
   * @param {import("./station-board.js").Board} board
   * @param {{ desk: import("./desk.js").Desk, words: import("./offline-answer.js").Words,
   *   ask: Ask }} how
   */
  constructor(board, { desk, words, ask }) {
    this.board = board;
    this.station = board.station;
    this.desk = desk;
    this.words = words;
    this.ask = ask;
  }

  get isOff() {
    return this.station.dataset.line === "off";
  }

  /** @param {"on" | "off"} line */
  turn(line) {
    this.station.dataset.line = line;
    this.rest();
    if (line === "off") this.#asking = setInterval(() => void this.catchUp(), ASK_MS);
    void this.#count();
  }

  /** Ask no more. */
  rest() {
    clearInterval(this.#asking);
  }

  /** Judged by the desk alone, and kept for the server. @param {{ text?: string, source: string }} work */
  async alone({ text = "", source }) {
    const at = Date.now();
    // A number is looked up among the server's records, and nowhere else.
    const typed = { code: "waiting", why: "number", ages: await this.desk.ages() };
    const verdict = source === "typed" ? typed : await this.desk.judge(text);
    const how = { words: this.words, language: document.documentElement.lang, at };
    const said = answerOf(verdict, how);
    const code = codeOf(text);
    const answer = said.genuine.answer;
    if (!(await queue({ text: code, source, at, verdict: verdict.code, answer })))
      return this.board.say("refused", this.station.dataset.full ?? "");
    this.board.answered(said, code);
    await this.#count();
  }

  /** Ask for fresh lists; if they come, the server judges what waited. */
  async catchUp() {
    if (this.#catching) return;
    this.#catching = true;
    try {
      const refused = await this.#refresh();
      this.station.dispatchEvent(new CustomEvent("desk", { bubbles: true, detail: { refused } }));
      if (!this.isOff) await this.#hand();
    } finally {
      this.#catching = false;
    }
  }

  /** How many wait, beside whether there is a line. */
  async #count() {
    const n = (await waiting()).length;
    const off = this.isOff ? (this.station.dataset.off ?? "") : "";
    const left = n ? filled(this.station.dataset.left ?? "", { n }) : "";
    put(this.station, "line", [off, left].filter(Boolean).join(" · "));
  }

  /** @returns {Promise<boolean>} whether lists came that do not hold */
  async #refresh() {
    const { keyset = "", status = "" } = this.station.dataset;
    try {
      await this.desk.refresh({ keyset, status });
      this.turn("on");
      return false;
    } catch (wrong) {
      if (!(wrong instanceof Unreached || wrong instanceof TokenRefused)) throw wrong;
      // Lists that do not hold are told beside their ages; the line is there all the same.
      const refused = wrong instanceof TokenRefused;
      this.turn(refused ? "on" : "off");
      return refused;
    }
  }

  async #hand() {
    // Another window of this machine may be at it already.
    await navigator.locks.request("station-queue", { ifAvailable: true }, async (lock) => {
      for (const one of lock ? await waiting() : []) if (!(await this.#handOne(one))) return;
    });
    await this.#count();
  }

  /** @param {Waiting} one @returns {Promise<boolean>} whether to go on */
  async #handOne(one) {
    try {
      const said = await this.ask(one, one.verdict);
      await settled(one.text);
      this.board.replace(this.#compared(one, said), one.text);
      return true;
    } catch (wrong) {
      if (wrong instanceof Refused) this.board.say("refused", wrong.message);
      else if (!(wrong instanceof Unreached)) throw wrong;
      if (wrong instanceof Refused && wrong.status === 400) {
        // Words of no shape: the server never takes them, and every later code would wait behind.
        await settled(one.text);
        return true;
      }
      // Still kept. Told to wait, or away again: it is asked anew, and nothing is lost.
      this.turn("off");
      return false;
    }
  }

  /** @param {Waiting} one @param {Answer} said @returns {Answer} says so where the two differ */
  #compared(one, said) {
    const other = one.verdict !== "waiting" && agreed(one.verdict) !== said.genuine.code;
    const was = { was: one.answer, is: said.genuine.answer };
    return other ? { ...said, differs: filled(this.station.dataset.differs ?? "", was) } : said;
  }
}

/** What the server calls that which a desk alone could only call provisional. @param {string} code */
const agreed = (code) => (code === "provisional" ? "genuine" : code);
