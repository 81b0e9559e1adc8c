import { post, Refused } from "../lib/http.js";
import { able, Declined, prove } from "../lib/webauthn.js";

/**
 * `<step-up>` wraps the form of a deed that needs a fresh passkey signature over exactly what
 * the form is about.
 *
 *     <step-up data-action="settle" data-batch-hash="…" data-api="/api/v1/step-ups" data-…words>
 *       <form method="post"> <input type="hidden" name="step_up"> <button>…</button> </form>
 *       <p role="status" data-step-up-status></p>
 *     </step-up>
 *
 * On submit it asks the server for a question about `data-action` and `data-batch-hash`
 * (base64url), lets a passkey answer, writes `{"id", "proof"}` as JSON into `step_up`, fires a
 * bubbling, cancelable `step-up` event with `detail.answer`, and submits the form unless that
 * event was prevented. Where the batch is known only once the form is filled in, whoever wraps it
 * sets `stating`. Without script the form goes as it is and the server asks for the passkey.
 *
 * Words, from `accounts/step_up_words.html`: `data-asking`, `data-declined`, `data-none`,
 * `data-unable`, `data-failed`.
 */
class StepUp extends HTMLElement {
  #busy = false;

  /** @type {((form: HTMLFormElement) => Promise<string>) | undefined} the hash to sign */
  stating;

  connectedCallback() {
    this.addEventListener("submit", this);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
  }

  /** @param {SubmitEvent} event */
  async handleEvent(event) {
    event.preventDefault();
    if (this.#busy || !(event.target instanceof HTMLFormElement)) return;
    this.#busy = true;
    try {
      const answer = await this.#ask(event.target);
      if (answer) this.#hand(event.target, event.submitter, answer);
    } catch (wrong) {
      this.#say(wrong instanceof Declined ? "declined" : "failed", wrong);
    } finally {
      this.#busy = false;
    }
  }

  /** @param {HTMLFormElement} form */
  async #ask(form) {
    if (!able()) return this.#say("unable");
    this.#say("asking");
    const question = await post(this.dataset.api ?? "", {
      action: this.dataset.action,
      batch_hash: this.stating ? await this.stating(form) : this.dataset.batchHash,
    });
    // An empty list would let any passkey of the site answer, and the server would refuse it.
    if (question.credential_ids.length === 0) return this.#say("none");
    return { id: question.id, proof: await prove(question) };
  }

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement | null} submitter
   * @param {{ id: string, proof: Record<string, string> }} answer
   */
  #hand(form, submitter, answer) {
    const field = form.elements.namedItem("step_up");
    if (field instanceof HTMLInputElement) field.value = JSON.stringify(answer);
    const said = new CustomEvent("step-up", {
      bubbles: true,
      cancelable: true,
      detail: { answer },
    });
    if (!this.dispatchEvent(said)) return;
    // A second way out of submit: it must not come back here.
    this.removeEventListener("submit", this);
    form.requestSubmit(submitter);
    this.addEventListener("submit", this);
  }

  /**
   * @param {"asking" | "declined" | "none" | "unable" | "failed"} state
   * @param {unknown} [wrong]
   */
  #say(state, wrong) {
    this.dataset.state = state;
    const status = this.querySelector("[data-step-up-status]");
    const told = wrong instanceof Refused ? wrong.message : "";
    if (status) status.textContent = told || (this.dataset[state] ?? "");
  }
}

customElements.define("step-up", StepUp);
