/** `<print-page>` wraps the button that prints this page. Without script nothing is there to press. */
class PrintPage extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  handleEvent() {
    print();
  }
}

customElements.define("print-page", PrintPage);
