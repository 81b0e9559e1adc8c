/**
 * `<large-code data-of="id">` wraps a button and the `<dialog>` it opens: the code of the page,
 * as large as the short side of the screen. While it is open the screen stays awake.
 */
class LargeCode extends HTMLElement {
  /** @type {WakeLockSentinel | undefined} */
  #lit;

  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", this);
    this.#dialog?.addEventListener("close", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.#dialog?.removeEventListener("close", this);
    this.#dark();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "close") this.#dark();
    else if (event.target instanceof Element && event.target.closest("[data-open]")) this.#open();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  async #open() {
    const drawn = document.getElementById(this.dataset.of ?? "")?.querySelector("svg");
    const dialog = this.#dialog;
    if (!drawn || !dialog) return;
    dialog.querySelector("[data-slot=code]")?.replaceChildren(drawn.cloneNode(true));
    dialog.showModal();
    // A browser that refuses (a low battery) shows the code all the same.
    this.#lit = await navigator.wakeLock?.request("screen").catch(() => undefined);
    if (!dialog.open) this.#dark();
  }

  #dark() {
    void this.#lit?.release();
    this.#lit = undefined;
  }
}

customElements.define("large-code", LargeCode);
