import { addable, offer, showAnswer } from "../lib/answer-card.js";
import { filled, put, rowOf, won } from "../lib/answer.js";
import { deskHere } from "../lib/desk.js";
import { answerOf } from "../lib/offline-answer.js";
import { queue, settled, waiting } from "../lib/queue.js";
import { codesIn } from "../lib/reader.js";
import { codeOf, Once } from "../lib/scan.js";
import { showSheet } from "../lib/sheet.js";
import { post, Refused, Unreached, upload } from "../lib/station-http.js";
import { TokenRefused } from "../token/refused.js";

/**
 * @typedef {import("../lib/answer.js").Answer} Answer
 * @typedef {{ text?: string, file?: File, source: string, frame: number }} Work
 */

const MOST_FILES = 40;
const PDF = "application/pdf";
/** Longer nobody waits before a counter: then the desk judges by itself. */
const ANSWER_MS = 5_000;
/** How often a desk without a line asks whether it is back. */
const ASK_MS = 3_000;
/** Longer texts the server does not take: no code of anybody's. */
const LONGEST = 4_096;

/**
 * `<verify-station>`: camera, scanner, files, paste and typed numbers come in here, one
 * after the other; nothing has to be pressed between two of them.
 *
 * `data-state`: ready, checking, shown, waiting (no answer yet), refused.
 * `data-line`: on, or off while the server does not answer. Then the desk judges by itself,
 * provisionally, and keeps every code until the server has judged it, too.
 */
class VerifyStation extends HTMLElement {
  #once = new Once();
  #words = wordsOf("station-words");
  #desk = deskHere(this.#words);

  /** Rows of codes that wait for the server. @type {Map<string, HTMLElement>} */
  #rows = new Map();

  /** @type {ReturnType<typeof setInterval> | undefined} */
  #asking;
  #catching = false;

  /** @type {Work[]} */
  #queue = [];
  /** @type {string[]} names of files in which nobody found a code */
  #bare = [];
  #working = false;
  #read = 0;

  /** @type {Answer | undefined} */
  #shown;

  /** @type {string | undefined} the code it is about, if that waits or waited for the server */
  #shownCode;

  connectedCallback() {
    for (const type of [
      "code",
      "click",
      "submit",
      "change",
      "dragover",
      "dragleave",
      "drop",
      "camera",
    ])
      this.addEventListener(type, this);
    for (const type of ["keydown", "paste"]) document.addEventListener(type, this);
    for (const node of this.querySelectorAll("[data-script]"))
      node.toggleAttribute("hidden", false);
    this.#open(this.dataset.source ?? "camera");
    addEventListener("online", this);
    void this.#wake();
  }

  async #wake() {
    await this.#desk.wake();
    this.#turnLine(navigator.onLine ? "on" : "off");
    this.dataset.state = "ready";
    this.#link();
    await this.#catchUp();
  }

  disconnectedCallback() {
    removeEventListener("online", this);
    clearInterval(this.#asking);
    for (const type of ["keydown", "paste"]) document.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof CustomEvent && event.type === "code") this.#take(event.detail);
    else if (event instanceof CustomEvent && event.type === "camera")
      this.#camera(event.detail.state);
    else if (event instanceof KeyboardEvent) this.#key(event);
    else if (event instanceof ClipboardEvent) this.#paste(event);
    else if (event instanceof SubmitEvent) this.#submit(event);
    else if (event instanceof DragEvent) this.#drag(event);
    else if (event.type === "online") void this.#catchUp();
    else if (event.type === "change") this.#chosen(event);
    else if (event.type === "click") this.#click(event);
  }

  // --- what comes in ------------------------------------------------------------------

  /** @param {Work} work */
  #take(work) {
    const { text } = work;
    if (this.dataset.paused !== undefined) return;
    if (text !== undefined && text.length > LONGEST)
      return this.#say("refused", this.dataset.none ?? "");
    if (text !== undefined && !this.#once.isNew(codeOf(text), performance.now())) return;
    this.#queue.push(work);
    void this.#work();
  }

  /** A receipt's link leads here with its digits behind the "#"; no server ever saw them. */
  #link() {
    const digits = location.hash.slice(1);
    if (!/^\d{150,1024}$/.test(digits)) return;
    history.replaceState(null, "", location.pathname);
    this.#take({ text: digits, source: "link", frame: performance.now() });
  }

  /** @param {Iterable<File>} files */
  #files(files) {
    const [frame, all] = [performance.now(), [...files]];
    // All or none: half of a folder would look like the whole.
    if (all.length > MOST_FILES) return this.#say("refused", this.dataset.many ?? "");
    for (const file of all) this.#take({ file, source: "picture", frame });
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    if (event.target instanceof Element && event.target.matches("input, textarea")) return;
    const { files } = event.clipboardData ?? {};
    if (files?.length) return this.#files(files);
    const text = event.clipboardData?.getData("text").trim() ?? "";
    const source = text.includes("#") ? "link" : text.length > 20 ? "scanner" : "typed";
    if (text) this.#take({ text, source, frame: performance.now() });
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    if (form.matches("[data-add]")) {
      event.preventDefault();
      if (this.#shown?.trip) void this.#add(this.#shown);
    } else if (form.matches("[data-number]")) {
      event.preventDefault();
      const text = String(new FormData(form).get("number") ?? "").trim();
      if (text) this.#take({ text, source: "typed", frame: performance.now() });
      form.reset();
    }
  }

  /** @param {DragEvent} event */
  #drag(event) {
    const drop = this.querySelector(".file-drop");
    event.preventDefault();
    drop?.toggleAttribute("data-over", event.type === "dragover");
    if (event.type === "drop") this.#files(event.dataTransfer?.files ?? []);
  }

  /** @param {Event} event */
  #chosen({ target }) {
    if (!(target instanceof HTMLInputElement) || target.type !== "file") return;
    this.#files(target.files ?? []);
    target.value = "";
  }

  // --- one after the other --------------------------------------------------------------

  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let work = this.#queue.shift(); work; work = this.#queue.shift()) {
        for (let rest = await this.#judge(work); rest; rest = await this.#judge(work)) {
          // Told to wait: the same words are sent again.
          await new Promise((resume) => setTimeout(resume, rest * 1000));
        }
      }
      // Named at the end: the answer to the next picture would have wiped it away.
      const bare = this.#bare.splice(0).join(", ");
      if (bare) this.#say("refused", `${bare}: ${this.dataset.none ?? ""}`);
    } finally {
      // After a fault of our own the next code is judged all the same.
      this.#working = false;
    }
  }

  /** @param {Work} work @returns {Promise<number>} seconds to wait before the same is tried again */
  async #judge(work) {
    this.dataset.state = "checking";
    performance.mark("frame", { startTime: work.frame });
    try {
      if (work.file) await this.#file(work, work.file);
      else if (this.dataset.line === "off") await this.#alone(work);
      else this.#answered(await this.#ask(work));
      performance.mark("verdict");
      performance.measure("scan", "frame", "verdict");
      return 0;
    } catch (wrong) {
      if (!(wrong instanceof Refused || wrong instanceof Unreached)) throw wrong;
      return await this.#unanswered(wrong, work);
    }
  }

  /** @param {{ text?: string, source: string }} work @param {string} [offline] what the desk said */
  #ask({ text, source }, offline = "") {
    const body = offline ? { text, source, offline } : { text, source };
    return post(this.dataset.api ?? "", body, { signal: AbortSignal.timeout(ANSWER_MS) });
  }

  /**
   * Codes of a picture are read here, and each is judged alone. What this browser cannot
   * read goes to the server.
   *
   * @param {Work} work @param {File} file
   */
  async #file({ frame }, file) {
    const { files = "" } = this.dataset;
    const wasm = this.querySelector("qr-scanner")?.getAttribute("data-wasm") ?? "";
    const texts = file.type === PDF ? [] : await codesIn(file, wasm);
    for (const text of texts) this.#queue.push({ text, source: "picture", frame });
    if (texts.length) return;
    const found = await upload(files, file);
    if (found.pages.length) this.#sheet(file.name, found);
    const last = found.results.pop();
    for (const said of found.results) this.#list(said);
    if (last) this.#answered(last);
    else this.#bare.push(file.name);
  }

  /** @param {string} name @param {import("../lib/sheet.js").Found} found of a PDF */
  #sheet(name, found) {
    const { bare = "", failed = "", told = "", leftOff = "" } = this.dataset;
    const words = { none: bare, failed, sheet: told, left: leftOff };
    showSheet(this, { name, found, words }, (said) => this.#show(said));
  }

  /** @param {Refused | Unreached} wrong @param {Work} work @returns {Promise<number>} */
  async #unanswered(wrong, work) {
    if (wrong instanceof Refused && wrong.status === 429) {
      this.#say("waiting", this.dataset.waiting ?? "");
      return wrong.wait || 1;
    }
    const later = wrong instanceof Unreached || wrong.later;
    if (later && work.file) this.#say("refused", `${work.file.name}: ${this.dataset.again ?? ""}`);
    else if (later) {
      this.#turnLine("off");
      await this.#alone(work);
    }
    if (wrong.message && wrong instanceof Refused) this.#say("refused", wrong.message);
    return 0;
  }

  // --- without a line -------------------------------------------------------------------------

  /** Judged by the desk alone, and kept for the server. @param {Work} work */
  async #alone({ text = "", source }) {
    const at = Date.now();
    // A number is looked up among the server's records, and nowhere else.
    const typed = { code: "waiting", why: "number", ages: await this.#desk.ages() };
    const verdict = source === "typed" ? typed : await this.#desk.judge(text);
    const how = { words: this.#words, language: document.documentElement.lang, at };
    const said = answerOf(verdict, how);
    const code = codeOf(text);
    const answer = said.genuine.answer;
    if (!(await queue({ text: code, source, at, verdict: verdict.code, answer })))
      return this.#say("refused", this.dataset.full ?? "");
    this.#answered(said, code);
    await this.#count();
  }

  /** @param {"on" | "off"} line */
  #turnLine(line) {
    this.dataset.line = line;
    clearInterval(this.#asking);
    if (line === "off") this.#asking = setInterval(() => void this.#catchUp(), ASK_MS);
    void this.#count();
  }

  /** How many wait, beside whether there is a line. */
  async #count() {
    const n = (await waiting()).length;
    const off = this.dataset.line === "off" ? (this.dataset.off ?? "") : "";
    const left = n ? filled(this.dataset.left ?? "", { n }) : "";
    put(this, "line", [off, left].filter(Boolean).join(" · "));
  }

  /** Ask for fresh lists; if they come, the server judges what waited. Its answer stands. */
  async #catchUp() {
    if (this.#catching) return;
    this.#catching = true;
    try {
      const refused = await this.#refresh();
      this.dispatchEvent(new CustomEvent("desk", { bubbles: true, detail: { refused } }));
      if (this.dataset.line === "on") await this.#hand();
    } finally {
      this.#catching = false;
    }
  }

  /** @returns {Promise<boolean>} whether lists came that do not hold */
  async #refresh() {
    const { keyset = "", status = "" } = this.dataset;
    try {
      await this.#desk.refresh({ keyset, status });
      this.#turnLine("on");
      return false;
    } catch (wrong) {
      if (!(wrong instanceof Unreached || wrong instanceof TokenRefused)) throw wrong;
      // Lists that do not hold are told beside their ages; the line is there all the same.
      const refused = wrong instanceof TokenRefused;
      this.#turnLine(refused ? "on" : "off");
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

  /** @param {import("../lib/queue.js").Waiting} one @returns {Promise<boolean>} whether to go on */
  async #handOne(one) {
    try {
      const said = await this.#ask(one, one.verdict);
      await settled(one.text);
      this.#replaced(one, said);
      return true;
    } catch (wrong) {
      if (wrong instanceof Refused) this.#say("refused", wrong.message);
      else if (!(wrong instanceof Unreached)) throw wrong;
      if (wrong instanceof Refused && wrong.status === 400) {
        // Words of no shape: the server never takes them, and every later code would wait behind.
        await settled(one.text);
        return true;
      }
      // Still kept. Told to wait, or away again: it is asked anew, and nothing is lost.
      this.#turnLine("off");
      return false;
    }
  }

  /** @param {import("../lib/queue.js").Waiting} one @param {Answer} said */
  #replaced(one, said) {
    const other = one.verdict !== "waiting" && agreed(one.verdict) !== said.genuine.code;
    const was = { was: one.answer, is: said.genuine.answer };
    const answer = other ? { ...said, differs: filled(this.dataset.differs ?? "", was) } : said;
    // One that agrees takes its row quietly: the clerk may be looking at another by now.
    const quiet = !other && this.#shown !== undefined && this.#shownCode !== one.text;
    if (quiet) this.#list(answer, one.text);
    else this.#answered(answer, one.text);
    this.#rows.delete(one.text);
  }

  // --- answers ----------------------------------------------------------------------------------

  /** @param {Answer} said @param {string} [code] of one that waits, or waited, for the server */
  #answered(said, code) {
    this.#show(said, code);
    this.#list(said, code);
    this.dispatchEvent(new CustomEvent("verdict", { bubbles: true, detail: said }));
  }

  /** @param {Answer} said */
  async #add(said) {
    if (!said.trip) return;
    try {
      const batch = await post(this.dataset.batches ?? "", { add: [said.trip.id] });
      put(this, "batch", filled(this.dataset.batch ?? "", { n: batch.count, w: won(batch.total) }));
      if (this.#shown === said) offer(this, undefined);
      this.#say("shown", this.dataset.added ?? "");
    } catch (wrong) {
      if (!(wrong instanceof Refused || wrong instanceof Unreached)) throw wrong;
      this.#say("refused", wrong.message || (this.dataset.waiting ?? ""));
    }
  }

  // --- what is shown ----------------------------------------------------------------------

  /** @param {Answer} said @param {string} [code] */
  #show(said, code) {
    this.#shown = said;
    this.#shownCode = code;
    this.#reveal("answer", true);
    showAnswer(this, said);
    const { differs, genuine, payable } = said;
    this.#say("shown", [differs, genuine.answer, payable.answer].filter(Boolean).join(". "));
  }

  /** @param {Answer} said @param {string} [code] whose row this takes the place of */
  #list(said, code) {
    const row = rowOf(said);
    row.addEventListener("click", () => this.#show(said, code));
    const item = document.createElement("li");
    item.append(row);
    const earlier = code === undefined ? undefined : this.#rows.get(code);
    if (code !== undefined) this.#rows.set(code, item);
    if (earlier) earlier.replaceWith(item);
    else this.querySelector("[data-list]")?.prepend(item);
    this.#reveal("sitting", true);
    if (!earlier) this.#read += 1;
    put(this, "read", filled(this.dataset.read ?? "", { n: this.#read }));
    // Counted once the server has answered.
    if (!said.provisional) this.#tally(said.trip ? said.payable.mark : said.genuine.mark);
    const auto = this.querySelector("[data-auto]");
    if (auto instanceof HTMLInputElement && auto.checked && addable(said)) void this.#add(said);
  }

  /** @param {string} mark */
  #tally(mark) {
    const count = this.querySelector(`[data-count="${mark}"]`);
    if (count) count.textContent = String(Number(count.textContent) + 1);
  }

  /** @param {string} name @param {boolean} seen */
  #reveal(name, seen) {
    this.querySelector(`[data-${name}]`)?.toggleAttribute("hidden", !seen);
    if (name === "answer") this.querySelector("[data-empty]")?.toggleAttribute("hidden", seen);
  }

  /** @param {string} state @param {string} words */
  #say(state, words) {
    this.dataset.state = state;
    put(this, "status", words);
    put(this, "trouble", state === "waiting" || state === "refused" ? words : "");
    this.#reveal("trouble", state === "waiting" || state === "refused");
  }

  // --- keys and sources ---------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  #key(event) {
    const use = this.querySelector("[data-keys]");
    if (use instanceof HTMLInputElement && !use.checked) return;
    if (event.key === "F2") this.#turn();
    else if (event.key === "F8") this.#pause();
    else if (event.key === "Escape") this.#clear();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#walk(event);
    else if (event.key === "Enter" && event.ctrlKey) this.#cure();
    else return;
    if (event.key.startsWith("F")) event.preventDefault();
  }

  #turn() {
    this.#open("camera");
    const camera = this.querySelector("qr-scanner");
    if (camera && "toggle" in camera && typeof camera.toggle === "function") void camera.toggle();
  }

  #pause() {
    const paused = this.toggleAttribute("data-paused");
    this.querySelector("qr-scanner")?.toggleAttribute("data-paused", paused);
    put(this, "paused", paused ? (this.dataset.pausedWords ?? "") : "");
  }

  #clear() {
    this.#shown = undefined;
    this.#reveal("answer", false);
    this.#say("ready", "");
  }

  #cure() {
    const link = this.querySelector('[data-band="payable"] [data-part="cure"]');
    if (link instanceof HTMLAnchorElement && !link.hidden) link.click();
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    if (event.target instanceof Element && event.target.matches("input, textarea, select")) return;
    const rows = [...this.querySelectorAll("[data-list] button.row")];
    const here = rows.findIndex((row) => row.matches(":focus"));
    const next = rows[event.key === "ArrowDown" ? here + 1 : Math.max(0, here - 1)];
    if (!(next instanceof HTMLElement)) return;
    event.preventDefault();
    next.focus();
  }

  /** @param {Event} event */
  #click({ target }) {
    if (!(target instanceof Element)) return;
    const source = target.closest("[data-source]")?.getAttribute("data-source");
    if (target.closest("[data-turn]")) this.#turn();
    else if (source) this.#open(source);
  }

  /** @param {string} name camera, scanner, file or number */
  #open(name) {
    for (const panel of this.querySelectorAll("[data-panel]"))
      panel.toggleAttribute("hidden", panel.getAttribute("data-panel") !== name);
    for (const button of this.querySelectorAll("[data-source]"))
      button.setAttribute("aria-pressed", String(button.getAttribute("data-source") === name));
    const node = this.querySelector(name === "number" ? '[name="number"]' : ".wedge");
    // Only a field or the scanner's section takes the focus: it must not rest on a button.
    if (node instanceof HTMLElement && this.dataset.state) node.focus();
  }

  /** @param {string} state */
  #camera(state) {
    const words = state === "on" ? this.dataset.cameraOff : this.dataset.cameraOn;
    put(this, "turn", words ?? "");
  }
}

/** What the server calls that which a desk alone could only call provisional. @param {string} code */
const agreed = (code) => (code === "provisional" ? "genuine" : code);

/** @param {string} id @returns {any} what the page brings for its script */
function wordsOf(id) {
  return JSON.parse(document.getElementById(id)?.getAttribute("value") ?? "{}");
}

customElements.define("verify-station", VerifyStation);
