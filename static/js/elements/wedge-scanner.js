import { Wedge } from "../lib/scan.js";

/** From so many characters on, the line says that a scanner is typing. */
const SAID_FROM = 40;

/** Fewer may be somebody's fingers; more are a scanner, whose keys must press nothing. */
const SWALLOWED_FROM = 4;

/** Fields that take letters. On a ticked box a scan must not be lost. */
const WRITTEN_IN = "input:not([type=checkbox], [type=radio], [type=file]), textarea, select";

/**
 * `<wedge-scanner>` hears a scanner that types like a keyboard. It is no field, so the
 * Korean input method stays out; it listens wherever no field has the focus.
 *
 * Fires `code` with `{ text, source: "scanner" }`. Words: `data-counting` with `{n}`.
 */
class WedgeScanner extends HTMLElement {
  #wedge = new Wedge();

  connectedCallback() {
    document.addEventListener("keydown", this, { capture: true });
    this.dataset.state = "ready";
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this, { capture: true });
  }

  /** @param {KeyboardEvent} event */
  handleEvent(event) {
    if (this.dataset.state === "paused" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isEditable(event.target)) return this.#wedge.clear();
    const collected = this.#wedge.count;
    // By the clock of the key itself: a busy page hears the keys of one scan in fits and starts.
    const texts = this.#wedge.press(event, event.timeStamp);
    if (collected >= SWALLOWED_FROM) event.preventDefault();
    this.#say(this.#wedge.count);
    for (const text of texts ?? []) {
      const detail = { text, source: "scanner", frame: performance.now() };
      this.dispatchEvent(new CustomEvent("code", { bubbles: true, detail }));
    }
  }

  /** @param {number} count */
  #say(count) {
    this.dataset.state = count >= SAID_FROM ? "typing" : "ready";
    const line = this.querySelector("[data-line]");
    const said = (this.dataset.counting ?? "").replace("{n}", String(count));
    if (line) line.textContent = count >= SAID_FROM ? said : (this.dataset.ready ?? "");
  }
}

/** @param {EventTarget | null} target */
function isEditable(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches(WRITTEN_IN);
}

customElements.define("wedge-scanner", WedgeScanner);
