import { heldCode, holdCode } from "../lib/held-code.js";
import { post, Refused, Unreached } from "../lib/http.js";

const TAG = /^e=[0-9A-Fa-f]{32}&c=[0-9A-Fa-f]{16}$/;

/**
 * `<tag-landing>` reads what a tag wrote behind the `#`, takes it out of the address, and holds
 * it: through a sign-in, and for the touch. With `data-api` it is added to a touch by a press.
 */
class TagLanding extends HTMLElement {
  connectedCallback() {
    // The next tag may open in the same tab.
    addEventListener("hashchange", () => location.reload());
    const said = location.hash.slice(1);
    if (TAG.test(said)) holdCode(said);
    history.replaceState(null, "", location.pathname);
    // A way on is there once what was read is held, and not before.
    if (heldCode()?.startsWith("e=")) this.querySelector("[data-ready]")?.removeAttribute("hidden");
    else this.#show("nothing");
    this.addEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button = event.target instanceof Element && event.target.closest("[data-go]");
    if (button instanceof HTMLButtonElement) this.#add(button);
  }

  /** @param {HTMLButtonElement} button */
  async #add(button) {
    const { api, next } = this.dataset;
    const text = heldCode();
    if (!api || !text || button.disabled) return;
    button.disabled = true;
    try {
      await post(api, { kind: "site-code", text });
      sessionStorage.removeItem("tripseal.site");
      location.assign(next ?? "/");
    } catch (refusal) {
      if (!(refusal instanceof Refused || refusal instanceof Unreached)) throw refusal;
      const words = refusal instanceof Refused ? refusal.message : this.dataset.away;
      this.querySelector("[data-part=refused]")?.replaceChildren(words ?? "");
      this.#show("refused");
      button.disabled = false;
    }
  }

  /** @param {string} part */
  #show(part) {
    this.querySelector(`[data-part=${part}]`)?.removeAttribute("hidden");
    if (part !== "nothing") return;
    for (const one of this.querySelectorAll("[data-part=words], [data-ready]")) one.remove();
  }
}

customElements.define("tag-landing", TagLanding);
