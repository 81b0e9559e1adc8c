const EVERY = 2_000;

/**
 * `<export-progress data-api="address" data-state="running" data-second="false">` shows how far an
 * export is, and loads the page anew when there is something else to do.
 *
 * Words: `data-rows` with `{done}` and `{total}`, `data-left` with `{seconds}`.
 */
class ExportProgress extends HTMLElement {
  #timer = 0;
  /** @type {{ done: number, at: number } | undefined} */
  #first;

  connectedCallback() {
    this.#timer = window.setInterval(() => this.#look(), EVERY);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  async #look() {
    /** @type {Progress} */
    let said;
    try {
      const reply = await fetch(this.dataset.api ?? "", {
        headers: { Accept: "application/json" },
      });
      if (!reply.ok) return;
      said = await reply.json();
    } catch {
      // No line just now: the export goes on without us, and we ask again.
      return;
    }
    const second = String(said.waits_for_second);
    if (said.state !== this.dataset.state || second !== this.dataset.second) location.reload();
    else this.#show(said);
  }

  /** @param {Progress} said */
  #show({ done_rows: done, total_rows: total }) {
    const bar = this.querySelector("progress");
    const line = this.querySelector("[role=status]");
    if (bar) bar.value = done;
    const { rows = "", left = "" } = this.dataset;
    const told = [
      rows.replace("{done}", done.toLocaleString()).replace("{total}", total.toLocaleString()),
    ];
    // From what was done while we looked: it may have gone on from where another worker was.
    this.#first ??= { done, at: Date.now() };
    const rate = (done - this.#first.done) / (Date.now() - this.#first.at);
    const seconds = Math.ceil((total - done) / rate / 1000);
    if (Number.isFinite(seconds) && seconds > 0) {
      told.push(left.replace("{seconds}", seconds.toLocaleString()));
    }
    if (line) line.textContent = told.join(" · ");
  }
}

/**
 * @typedef {{ state: string, done_rows: number, total_rows: number, waits_for_second: boolean }} Progress
 */

customElements.define("export-progress", ExportProgress);
