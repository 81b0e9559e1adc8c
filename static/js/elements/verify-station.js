import { Board } from "../lib/station-board.js";
import { Controls } from "../lib/station-controls.js";
import { deskHere } from "../lib/desk.js";
import { dropped, readable } from "../lib/folder.js";
import { codesIn } from "../lib/reader.js";
import { codeOf, Once } from "../lib/scan.js";
import { showSheet } from "../lib/sheet.js";
import { Line } from "../lib/station-line.js";
import { post, Refused, Unreached, upload } from "../lib/station-http.js";

/** @typedef {{ text?: string, file?: File, source: string, frame: number }} Work */

const MOST_FILES = 200;
const PDF = "application/pdf";
/** Longer nobody waits before a counter: then the desk judges by itself. */
const ANSWER_MS = 5_000;
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
  #board = new Board(this);
  #controls = new Controls(this.#board);
  #words = wordsOf("station-words");
  #desk = deskHere(this.#words);
  #line = new Line(this.#board, {
    desk: this.#desk,
    words: this.#words,
    ask: (work, offline) => this.#ask(work, offline),
  });

  /** @type {Work[]} */
  #queue = [];
  /** @type {string[]} names of files in which nobody found a code */
  #bare = [];
  #working = false;

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
    this.#controls.open(this.dataset.source ?? "camera");
    addEventListener("online", this);
    void this.#wake();
  }

  async #wake() {
    await this.#desk.wake();
    this.#line.turn(navigator.onLine ? "on" : "off");
    this.dataset.state = "ready";
    this.#link();
    await this.#line.catchUp();
  }

  disconnectedCallback() {
    removeEventListener("online", this);
    this.#line.rest();
    for (const type of ["keydown", "paste"]) document.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof CustomEvent && event.type === "code") this.#take(event.detail);
    else if (event instanceof CustomEvent && event.type === "camera")
      this.#controls.camera(event.detail.state);
    else if (event instanceof KeyboardEvent) this.#controls.key(event);
    else if (event instanceof ClipboardEvent) this.#paste(event);
    else if (event instanceof SubmitEvent) this.#submit(event);
    else if (event instanceof DragEvent) this.#drag(event);
    else if (event.type === "online") void this.#line.catchUp();
    else if (event.type === "change") this.#chosen(event);
    else if (event.type === "click") this.#controls.click(event);
  }

  // --- what comes in ------------------------------------------------------------------

  /** @param {Work} work */
  #take(work) {
    const { text } = work;
    if (this.dataset.paused !== undefined) return;
    if (text !== undefined && text.length > LONGEST)
      return this.#board.say("refused", this.dataset.none ?? "");
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
    if (all.length > MOST_FILES) return this.#board.say("refused", this.dataset.many ?? "");
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
      if (this.#board.shown?.trip) void this.#board.add(this.#board.shown);
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
    if (event.type === "drop" && event.dataTransfer) void this.#dropped(event.dataTransfer);
  }

  /** @param {DataTransfer} transfer */
  async #dropped(transfer) {
    const files = await dropped(transfer, MOST_FILES);
    if (files.length) this.#files(files);
    else this.#board.say("refused", this.dataset.none ?? "");
  }

  /** @param {Event} event */
  #chosen({ target }) {
    if (!(target instanceof HTMLInputElement) || target.type !== "file") return;
    const all = [...(target.files ?? [])];
    const files = target.webkitdirectory ? readable(all) : all;
    if (files.length) this.#files(files);
    else if (all.length) this.#board.say("refused", this.dataset.none ?? "");
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
      if (bare) this.#board.say("refused", `${bare}: ${this.dataset.none ?? ""}`);
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
      else if (this.#line.isOff) await this.#line.alone(work);
      else this.#board.answered(await this.#ask(work));
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
    for (const said of found.results) this.#board.list(said);
    if (last) this.#board.answered(last);
    else this.#bare.push(file.name);
  }

  /** @param {string} name @param {import("../lib/sheet.js").Found} found of a PDF */
  #sheet(name, found) {
    const { bare = "", failed = "", told = "", leftOff = "" } = this.dataset;
    const words = { none: bare, failed, sheet: told, left: leftOff };
    showSheet(this, { name, found, words }, (said) => this.#board.show(said));
  }

  /** @param {Refused | Unreached} wrong @param {Work} work @returns {Promise<number>} */
  async #unanswered(wrong, work) {
    if (wrong instanceof Refused && wrong.status === 429) {
      this.#board.say("waiting", this.dataset.waiting ?? "");
      return wrong.wait || 1;
    }
    const later = wrong instanceof Unreached || wrong.later;
    if (later && work.file)
      this.#board.say("refused", `${work.file.name}: ${this.dataset.again ?? ""}`);
    else if (later) {
      this.#line.turn("off");
      await this.#line.alone(work);
    }
    if (wrong.message && wrong instanceof Refused) this.#board.say("refused", wrong.message);
    return 0;
  }
}

/** @param {string} id @returns {any} what the page brings for its script */
function wordsOf(id) {
  return JSON.parse(document.getElementById(id)?.getAttribute("value") ?? "{}");
}

customElements.define("verify-station", VerifyStation);
