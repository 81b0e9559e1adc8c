/**
 * `<share-code data-picture="address" data-name="file">` wraps the button that hands the picture
 * of a code to another program of this phone. It shows itself where the browser can do that.
 */
class ShareCode extends HTMLElement {
  connectedCallback() {
    const sample = new File([], "code.png", { type: "image/png" });
    this.hidden = !navigator.canShare?.({ files: [sample] });
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  async handleEvent() {
    const { picture = "", name = "", failed = "" } = this.dataset;
    const status = this.querySelector("[role=status]");
    try {
      const reply = await fetch(picture);
      if (!reply.ok) throw new Error(`${reply.status}`);
      const file = new File([await reply.blob()], name, { type: "image/png" });
      await navigator.share({ files: [file] });
    } catch (wrong) {
      // To choose nobody is no failure.
      const declined = wrong instanceof DOMException && wrong.name === "AbortError";
      if (status && !declined) status.textContent = failed;
    }
  }
}

customElements.define("share-code", ShareCode);
