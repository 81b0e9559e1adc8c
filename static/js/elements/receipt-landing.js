/**
 * `<receipt-landing>`: where a scanned QR leads. The digits stay behind the `#`: they are
 * neither decoded nor sent. A clerk who is signed in is led to the station, digits and all.
 *
 * `data-state`: receipt, or nothing where the address brings none.
 */
class ReceiptLanding extends HTMLElement {
  connectedCallback() {
    const digits = location.hash.slice(1);
    const whole = /^\d{150,1024}$/.test(digits);
    this.dataset.state = whole ? "receipt" : "nothing";
    if (whole && this.dataset.station) location.replace(`${this.dataset.station}#${digits}`);
    for (const piece of this.querySelectorAll("[data-part]")) {
      piece.toggleAttribute("hidden", piece.getAttribute("data-part") !== this.dataset.state);
    }
  }
}

customElements.define("receipt-landing", ReceiptLanding);
