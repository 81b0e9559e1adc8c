import { post } from "../lib/http.js";

/**
 * `<export-wish>` wraps the `<step-up>` of an export: what is signed is said by the server, over
 * the form as it is filled in and the rows as they were shown.
 *
 *     <export-wish data-api="/api/v1/exports/statements" data-filters="{…}" data-rows="37">
 *       <step-up …> <form> … <input type="hidden" name="head"> </form> </step-up>
 *     </export-wish>
 */
class ExportWish extends HTMLElement {
  async connectedCallback() {
    await customElements.whenDefined("step-up");
    const wish = this.querySelector("step-up");
    if (wish) Object.assign(wish, { stating: this.#state.bind(this) });
  }

  /** @param {HTMLFormElement} form */
  async #state(form) {
    const typed = new FormData(form);
    const said = await post(this.dataset.api ?? "", {
      filters: JSON.parse(this.dataset.filters ?? "{}"),
      format: typed.get("format"),
      groups: ["biz", "id", ...(typed.has("exact") ? ["loc"] : [])],
      parquet: typed.has("parquet"),
      purpose: typed.get("purpose"),
      reason: typed.get("reason"),
      rows: Number(this.dataset.rows),
    });
    const head = form.elements.namedItem("head");
    if (head instanceof HTMLInputElement) head.value = String(said.statement.head);
    return said.batch_hash;
  }
}

customElements.define("export-wish", ExportWish);
