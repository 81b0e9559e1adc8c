import { post, Refused, Unreached } from "../lib/http.js";

const LOOK_MS = 4_000;

/**
 * `<host-ask>` makes the code a host scans, counts its minute down, and makes links. While a
 * code is shown it asks for the answer, and shows the page anew when there is one. A link is
 * shown where it is not sent by letter.
 */
class HostAsk extends HTMLElement {
  #ticking = 0;

  /** @type {number} by `performance.now()` */
  #ends = 0;

  #looked = 0;

  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("submit", this);
    // Not before: a form sent without script would put the address of a person into ours.
    for (const button of this.querySelectorAll("button")) button.disabled = false;
  }

  disconnectedCallback() {
    clearInterval(this.#ticking);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof SubmitEvent) {
      event.preventDefault();
      const mail = /** @type {HTMLInputElement | null} */ (this.querySelector("[name=mail]"));
      void this.#make({ mail: mail?.value ?? "" }, (made) => this.#link(made, mail?.value ?? ""));
    } else if (event.target instanceof Element && event.target.closest("[data-show]")) {
      void this.#make({}, (made) => this.#show(made));
    }
  }

  /**
   * @param {Record<string, string>} body
   * @param {(made: { url: string, expires_at: string }) => void} then
   */
  async #make(body, then) {
    this.#part("refused").hidden = true;
    try {
      then(await post(this.dataset.api ?? "", body));
    } catch (refusal) {
      if (!(refusal instanceof Refused || refusal instanceof Unreached)) throw refusal;
      const words = refusal instanceof Refused ? refusal.message : this.dataset.away;
      this.#part("refused").textContent = words ?? "";
      this.#part("refused").hidden = false;
    }
  }

  /** A minute by our own clock: theirs may differ. @param {{ url: string }} made */
  #show({ url }) {
    const code = this.#part("code");
    code.dataset.text = url;
    code.hidden = false;
    this.#ends = performance.now() + 60_000;
    clearInterval(this.#ticking);
    this.#ticking = window.setInterval(() => this.#tick(), 1_000);
    this.#tick();
  }

  #tick() {
    const left = Math.ceil((this.#ends - performance.now()) / 1_000);
    const words = left > 0 ? this.dataset.left?.replace("{n}", String(left)) : this.dataset.over;
    this.#part("left").textContent = words ?? "";
    if (left <= 0) this.#part("code").hidden = true;
    if (performance.now() - this.#looked > LOOK_MS) void this.#look();
  }

  /** Whether somebody answered meanwhile. */
  async #look() {
    this.#looked = performance.now();
    try {
      const reply = await fetch(this.dataset.api ?? "");
      if (!reply.ok) return;
      const { asks } = await reply.json();
      const count = asks.filter((/** @type {{ answer: string }} */ ask) => ask.answer).length;
      if (count > Number(this.dataset.count)) location.reload();
    } catch {
      // No line: the next look asks again, and the page shows what it has.
    }
  }

  /**
   * @param {{ url: string }} made
   * @param {string} to
   */
  #link({ url }, to) {
    this.#part("mailed").hidden = Boolean(url);
    this.#part("link").hidden = !url;
    if (!url) return;
    this.#part("url").textContent = url;
    const mail = /** @type {HTMLAnchorElement} */ (this.#part("mail"));
    const subject = encodeURIComponent(mail.dataset.subject ?? "");
    mail.href = `mailto:${encodeURIComponent(to)}?subject=${subject}&body=${encodeURIComponent(url)}`;
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part=${name}]`));
  }
}

customElements.define("host-ask", HostAsk);
