import { drawPlain } from "../lib/plain-qr.js";

/** `<code-tile data-text data-name>` is the QR of any text; drawn anew when the text changes. */
class CodeTile extends HTMLElement {
  static observedAttributes = ["data-text"];

  connectedCallback() {
    this.attributeChangedCallback();
  }

  attributeChangedCallback() {
    const { text, name } = this.dataset;
    this.replaceChildren(...(text ? [drawPlain(text, name ?? "")] : []));
  }
}

customElements.define("code-tile", CodeTile);
