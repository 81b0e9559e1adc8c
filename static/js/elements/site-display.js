import { drawPlain } from "../lib/plain-qr.js";
import { clock } from "../lib/words.js";

const STEP_MS = 30_000;
const TICK_MS = 250;
/** After a failure: soon enough for a lobby, not so soon that a crowd of screens hurts. */
const AGAIN_MS = 3_000;

/**
 * `<site-display>` shows the present code of one site. Its token comes once, behind the `#`,
 * and stays in this browser. Without an answer the last code is struck out, never shown on.
 */
class SiteDisplay extends HTMLElement {
  #token = "";

  /** @type {number} when the next code is due, by `performance.now()` */
  #due = 0;

  /** @type {number} the server's clock less ours, in milliseconds */
  #ahead = 0;

  #asking = false;

  connectedCallback() {
    const place = `tripseal.display.${this.dataset.site}`;
    // A new address in the same tab is another screen.
    addEventListener("hashchange", () => location.reload());
    const said = location.hash.slice(1);
    if (said) localStorage.setItem(place, said);
    history.replaceState(null, "", location.pathname);
    this.#token = localStorage.getItem(place) ?? "";
    // A screen that sleeps shows nothing; a browser that refuses may have its own setting.
    void navigator.wakeLock?.request("screen").catch(() => undefined);
    setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  #tick() {
    const left = this.#due - performance.now();
    if (left <= 0) void this.#ask();
    this.#part("clock").textContent = clock(new Date(Date.now() + this.#ahead).toJSON());
    if (this.dataset.state !== "shown") return;
    if (left < -AGAIN_MS) this.#lost("lost");
    this.#part("seconds").textContent = String(Math.max(0, Math.ceil(left / 1000)));
    this.style.setProperty("--left", String(Math.max(0, (100 * left) / STEP_MS)));
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const reply = await fetch(this.dataset.api ?? "", {
        headers: { "X-Display-Token": this.#token },
        signal: AbortSignal.timeout(AGAIN_MS),
      });
      if (reply.ok) this.#show(await reply.json());
      else this.#lost(reply.status === 404 ? "unknown" : "lost");
    } catch {
      this.#lost("lost");
    } finally {
      this.#asking = false;
    }
  }

  /** @param {{ place: string, name: string, digits: string, text: string, left_ms: number, now_ms: number }} code */
  #show(code) {
    this.#due = performance.now() + code.left_ms;
    this.#ahead = code.now_ms - Date.now();
    this.#part("place").textContent = `${code.place} · ${code.name}`;
    this.#part("place").lang = "ko";
    this.#part("code").textContent = `${code.digits.slice(0, 4)} ${code.digits.slice(4)}`;
    this.#part("qr").replaceChildren(drawPlain(code.text, this.dataset.qrName ?? ""));
    this.dataset.state = "shown";
    this.#reveal("qr", "left");
  }

  /** @param {"lost" | "unknown"} why */
  #lost(why) {
    this.#due = performance.now() + AGAIN_MS;
    this.#part("qr").replaceChildren();
    if (why === "unknown") this.#part("code").replaceChildren();
    this.dataset.state = why;
    this.#reveal(why);
  }

  /** @param {string[]} shown of the parts that come and go */
  #reveal(...shown) {
    for (const name of ["qr", "left", "lost", "unknown"]) {
      this.#part(name).hidden = !shown.includes(name);
    }
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part=${name}]`));
  }
}

customElements.define("site-display", SiteDisplay);
