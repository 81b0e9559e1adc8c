import { post, Refused } from "../lib/http.js";

const KEPT = "receipt";

/**
 * `<receipt-landing>`: where a scanned QR leads. The digits stay behind the `#`: of a stranger
 * they are neither decoded nor sent. A clerk who is signed in is led to the station, digits and
 * all; anybody else who is signed in asks, in a body and never in an address, whether the receipt
 * is one of theirs. Over signing in the digits wait in this tab.
 *
 * `data-station`, `data-search`: the ways of who is signed in.
 * `data-state`: receipt, searching, other, failed, or nothing where the address brings none.
 */
class ReceiptLanding extends HTMLElement {
  #digits = "";

  connectedCallback() {
    this.#digits = location.hash.slice(1) || (sessionStorage.getItem(KEPT) ?? "");
    sessionStorage.removeItem(KEPT);
    this.addEventListener("click", this);
    if (!/^\d{150,1024}$/.test(this.#digits)) this.#show("nothing");
    else if (this.dataset.station) location.replace(`${this.dataset.station}#${this.#digits}`);
    else if (this.dataset.search) this.#search(this.dataset.search);
    else this.#show("receipt");
  }

  /** @param {Event} event */
  handleEvent(event) {
    const pressed = event.target instanceof Element ? event.target : this;
    if (pressed.closest("[data-sign-in]")) sessionStorage.setItem(KEPT, this.#digits);
    if (pressed.closest("[data-again]")) this.#search(this.dataset.search ?? "");
  }

  /** @param {string} url */
  async #search(url) {
    this.#show("searching");
    try {
      const { url: shown } = await post(url, { digits: this.#digits });
      location.replace(shown);
    } catch (wrong) {
      const refused = wrong instanceof Refused ? wrong : new Refused(0, {});
      const reason = this.querySelector("[data-reason]");
      if (reason) reason.textContent = refused.message;
      this.#show(refused.status === 404 ? "other" : "failed");
    }
  }

  /** @param {string} state */
  #show(state) {
    this.dataset.state = state;
    for (const piece of this.querySelectorAll("[data-part]")) {
      piece.toggleAttribute("hidden", piece.getAttribute("data-part") !== state);
    }
  }
}

customElements.define("receipt-landing", ReceiptLanding);
