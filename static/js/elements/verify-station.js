import { clock, filled, put, rowOf, showBand, showLines, showReasons, won } from "../lib/answer.js";
import { post, Refused, Unreached, upload } from "../lib/station-http.js";
import { codeOf, Once } from "../lib/scan.js";
import { metres } from "../lib/words.js";

/**
 * @typedef {import("../lib/answer.js").Answer} Answer
 * @typedef {{ text?: string, file?: File, source: string, frame: number }} Work
 */

const REST_S = 3;
const MOST_FILES = 40;

/**
 * `<verify-station>`: camera, scanner, files, paste and typed numbers come in here, one
 * after the other; nothing has to be pressed between two of them.
 *
 * `data-state`: ready, checking, shown, waiting (no answer yet), refused.
 */
class VerifyStation extends HTMLElement {
  #once = new Once();

  /** @type {Work[]} */
  #queue = [];
  #working = false;
  #read = 0;

  /** @type {Answer | undefined} */
  #shown;

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
    this.dataset.state = "ready";
    this.#link();
  }

  disconnectedCallback() {
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
    else if (event.type === "change") this.#chosen(event);
    else if (event.type === "click") this.#click(event);
  }

  // --- what comes in ------------------------------------------------------------------

  /** @param {Work} work */
  #take(work) {
    const { text } = work;
    if (this.dataset.paused !== undefined) return;
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
    const frame = performance.now();
    for (const file of [...files].slice(0, MOST_FILES))
      this.#take({ file, source: "picture", frame });
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
    for (let work = this.#queue[0]; work; work = this.#queue[0]) {
      const rest = await this.#judge(work);
      // Not answered is not refused: the same words are sent again.
      if (rest) await new Promise((resume) => setTimeout(resume, rest * 1000));
      else this.#queue.shift();
    }
    this.#working = false;
  }

  /** @param {Work} work @returns {Promise<number>} seconds to wait before the same is tried again */
  async #judge(work) {
    this.dataset.state = "checking";
    performance.mark("frame", { startTime: work.frame });
    try {
      for (const said of await this.#ask(work)) this.#answered(said);
      return 0;
    } catch (wrong) {
      if (!(wrong instanceof Refused || wrong instanceof Unreached)) throw wrong;
      return this.#unanswered(wrong);
    }
  }

  /** @param {Work} work @returns {Promise<Answer[]>} */
  async #ask({ text, file, source }) {
    const { api = "", files = "", none = "" } = this.dataset;
    if (!file) return [await post(api, { text, source })];
    const { results } = await upload(files, file);
    if (!results.length) this.#say("refused", `${file.name}: ${none}`);
    return results;
  }

  /** @param {Refused | Unreached} wrong */
  #unanswered(wrong) {
    if (wrong instanceof Unreached || (wrong.later && wrong.status !== 401)) {
      this.#say("waiting", this.dataset.waiting ?? "");
      return wrong instanceof Refused && wrong.wait ? wrong.wait : REST_S;
    }
    this.#say("refused", wrong.message);
    return 0;
  }

  /** @param {Answer} said */
  #answered(said) {
    this.#show(said);
    performance.mark("verdict");
    performance.measure("scan", "frame", "verdict");
    this.#list(said);
    this.dispatchEvent(new CustomEvent("verdict", { bubbles: true, detail: said }));
    const auto = this.querySelector("[data-auto]");
    if (auto instanceof HTMLInputElement && auto.checked && addable(said)) void this.#add(said);
  }

  /** @param {Answer} said */
  async #add(said) {
    if (!said.trip) return;
    try {
      const batch = await post(this.dataset.batches ?? "", { add: [said.trip.id] });
      put(this, "batch", filled(this.dataset.batch ?? "", { n: batch.count, w: won(batch.total) }));
      if (this.#shown === said) this.#offer(undefined);
      this.#say("shown", this.dataset.added ?? "");
    } catch (wrong) {
      if (!(wrong instanceof Refused || wrong instanceof Unreached)) throw wrong;
      this.#say("refused", wrong.message || (this.dataset.waiting ?? ""));
    }
  }

  // --- what is shown ----------------------------------------------------------------------

  /** @param {Answer} said */
  #show(said) {
    this.#shown = said;
    this.#reveal("answer", true);
    for (const name of /** @type {const} */ (["genuine", "payable"])) {
      const section = this.querySelector(`[data-band="${name}"]`);
      if (section) showBand(section, said[name]);
    }
    const { check_in, earlier = [], person, trip, verdict } = said;
    this.#reveal("found", trip !== undefined);
    const [last] = earlier;
    const again = { n: earlier.length + 1, t: last ? clock(last.at) : "" };
    put(this, "earlier", last ? filled(this.dataset.earlier ?? "", again) : "");
    put(this, "who", person ? `${person.name} · ${person.department}` : "");
    put(this, "trip", trip ? `${trip.number} · ${trip.state_word}` : "");
    put(this, "when", check_in ? `${check_in.kind_word} ${clock(check_in.recorded_at)}` : "");
    put(this, "where", check_in ? this.#where(said) : "");
    put(this, "evidence", verdict?.word ?? "");
    this.#details(said);
    this.#offer(addable(said) ? trip?.id : undefined);
    this.#say("shown", `${said.genuine.answer}. ${said.payable.answer}.`);
  }

  /** @param {Answer} said */
  #where({ check_in, trip }) {
    const far = check_in?.planned_m;
    const away =
      typeof far === "number" ? filled(this.dataset.planned ?? "", { far: metres(far) }) : "";
    return [trip?.destination, check_in?.place, away].filter(Boolean).join(" · ");
  }

  /** @param {Answer} said */
  #details(said) {
    const reasons = this.querySelector("[data-reasons]");
    const lines = this.querySelector("[data-lines]");
    if (!reasons || !lines) return;
    const r = showReasons(reasons, said);
    const l = showLines(lines, said, this.dataset.total ?? "");
    put(this, "counts", filled(this.dataset.counts ?? "", { r, l }));
  }

  /** @param {string | undefined} trip the trip that may go into the batch */
  #offer(trip) {
    const form = this.querySelector("[data-add]");
    if (!(form instanceof HTMLFormElement)) return;
    form.hidden = !trip;
    const field = form.elements.namedItem("trip");
    if (field instanceof HTMLInputElement) field.value = trip ?? "";
  }

  /** @param {Answer} said */
  #list(said) {
    const row = rowOf(said);
    row.addEventListener("click", () => this.#show(said));
    const item = document.createElement("li");
    item.append(row);
    this.querySelector("[data-list]")?.prepend(item);
    this.#reveal("sitting", true);
    this.#read += 1;
    put(this, "read", filled(this.dataset.read ?? "", { n: this.#read }));
    const mark = said.trip ? said.payable.mark : said.genuine.mark;
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

/** @param {Answer} said */
const addable = ({ payable, trip }) =>
  trip !== undefined && ["payable", "zero"].includes(payable.code) && payable.cure !== "";

customElements.define("verify-station", VerifyStation);
