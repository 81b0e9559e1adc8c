import { get, waits } from "../lib/http.js";

const EVERY_MS = 1_000;
const ENDED = new Set(["done", "failed"]);

/**
 * `<job-progress data-api data-of data-so-far>` holds a `progress` and a line of words, and
 * keeps both true while the worker works. Once the job has ended the page is asked for anew:
 * the server says what came of it, or leads on. Without script there is a link to look again.
 */
class JobProgress extends HTMLElement {
  #next = 0;

  connectedCallback() {
    this.#next = window.setTimeout(() => this.#look(), EVERY_MS);
  }

  disconnectedCallback() {
    clearTimeout(this.#next);
  }

  async #look() {
    try {
      const job = await get(this.dataset.api ?? "");
      if (ENDED.has(job.state)) {
        location.reload();
        return;
      }
      this.#show(job);
    } catch (wrong) {
      // A line that is away for a moment is asked again; whatever else it is, the page says.
      if (!waits(wrong)) {
        location.reload();
        return;
      }
    }
    this.#next = window.setTimeout(() => this.#look(), EVERY_MS);
  }

  /** @param {{ done: number, total: number }} job */
  #show({ done, total }) {
    const bar = this.querySelector("progress");
    const line = this.querySelector("[role=status]");
    if (bar && total) {
      bar.max = total;
      bar.value = done;
    }
    const words = (total ? this.dataset.of : this.dataset.soFar) ?? "";
    if (line && done) {
      line.textContent = words
        .replace("{done}", done.toLocaleString())
        .replace("{total}", total.toLocaleString());
    }
  }
}

customElements.define("job-progress", JobProgress);
