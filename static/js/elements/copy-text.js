/**
 * `<copy-text data-of="id">` wraps the button that copies the words of another piece of the
 * page. It shows itself where the browser lets a page write there.
 *
 * `data-done` is said in the button once it is done.
 */
class CopyText extends HTMLElement {
  connectedCallback() {
    this.hidden = !navigator.clipboard;
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  async handleEvent() {
    const text = document.getElementById(this.dataset.of ?? "")?.textContent ?? "";
    await navigator.clipboard.writeText(text.trim());
    this.querySelector("[data-words]")?.replaceChildren(this.dataset.done ?? "");
  }
}

customElements.define("copy-text", CopyText);
