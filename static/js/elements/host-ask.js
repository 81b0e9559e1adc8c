import { post, Refused, Unreached } from "../lib/http.js";
import { counted } from "../lib/minute.js";

const LOOK_MS = 4_000;
const SHOWN_S = 60;

/**
 * `<host-ask>` makes the code a host scans, counts its minute down, and makes links. While a
 * code is shown it asks for the answer, and shows the page anew when there is one. A link is
 * shown where it is not sent by letter.
 */
class HostAsk extends HTMLElement {
  /** @type {() => void} */
  #still = () => {};

  #looked = 0;

  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("submit", this);
    // Not before: a form sent without script would put the address of a person into ours.
    for (const button of this.querySelectorAll("button")) button.disabled = false;
  }

  disconnectedCallback() {
    this.#still();
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

  /** @param {{ url: string }} made */
  #show({ url }) {
    const code = this.#part("code");
    code.dataset.text = url;
    code.hidden = false;
    this.#still();
    this.#still = counted(SHOWN_S, (left) => this.#tick(left));
  }

  /** @param {number} left seconds; an answer may come after them, too */
  #tick(left) {
    // Not read aloud second by second; that it is over is said once.
    const words = this.dataset.left?.replace("{n}", String(left));
    this.#part("left").textContent = left > 0 ? (words ?? "") : "";
    const over = left > 0 ? "" : (this.dataset.over ?? "");
    if (this.#part("over").textContent !== over) this.#part("over").textContent = over;
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
