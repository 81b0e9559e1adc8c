import { decode } from "../lib/base64url.js";
import { device } from "../lib/device.js";
import { post, postForm, Refused, Unreached } from "../lib/http.js";
import { digest, photoCode, taken } from "../lib/photo.js";
import { look } from "../lib/position.js";
import { record } from "../lib/record.js";
import { sign, Unsigned } from "../lib/signature.js";
import { uuid7 } from "../lib/uuid7.js";

/** Without a yes to being located the photo stands alone: lawful, and it costs nothing. */
const NOWHERE = { state: "refused", fixes: [], errors_between: 0 };

/**
 * `<site-photo>` takes one picture with the page's camera and makes a touch of it: the code of
 * the server's challenge is drawn into the picture, and its hash into the record that is signed.
 *
 * Every state is a `[data-view]` of the page, which holds all words; the state is in `data-state`.
 */
class SitePhoto extends HTMLElement {
  /** @type {MediaStream | undefined} */
  #stream;

  /** @type {{ id: string, nonce: string } | undefined} */
  #challenge;

  /** @type {ReturnType<typeof look> | undefined} */
  #look;

  /** @type {Blob | undefined} */
  #photo;

  /** @type {{ id: string, record: string, proof: Record<string, string> } | undefined} signed */
  #envelope;

  #code = "";
  #busy = false;

  connectedCallback() {
    this.addEventListener("click", this);
    this.hidden = false;
    this.#show(this.dataset.consent === "given" ? "ready" : "explain");
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.#dark();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (!(event.target instanceof Element)) return;
    const act = event.target.closest("[data-act]")?.getAttribute("data-act");
    if (act === "agree") this.#alone(() => this.#agree());
    else if (act === "start") this.#alone(() => this.#start());
    else if (act === "take") this.#alone(() => this.#take());
    else if (act === "use") this.#alone(() => this.#use());
  }

  /** @param {() => Promise<void>} deed deaf to a second press until it is done */
  async #alone(deed) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await deed();
    } catch (refusal) {
      this.#failed(refusal);
    } finally {
      this.#busy = false;
    }
  }

  /** Their yes is on record before the browser asks for the camera. */
  async #agree() {
    const text_version = this.#said("consentText");
    await post(this.#said("consents"), { purpose: "photo", answer: "given", text_version });
    this.dataset.consent = "given";
    await this.#start();
  }

  async #start() {
    const { challenges } = await post(this.#said("challenges"), {
      trip: this.#said("trip"),
      count: 1,
    });
    this.#challenge = challenges[0];
    this.#code = await photoCode(decode(challenges[0].nonce));
    this.#photo = this.#envelope = undefined;
    if (!(await this.#light())) return;
    this.#look = this.dataset.position === "given" ? look() : undefined;
    for (const place of this.querySelectorAll("[data-code]")) place.textContent = this.#code;
    this.#show("camera");
  }

  /** Whether the camera is on. */
  async #light() {
    this.#dark();
    const video = this.#video;
    try {
      const wish = { facingMode: "environment", width: { ideal: 1600 } };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: wish });
      video.srcObject = this.#stream;
      await video.play();
      return true;
    } catch {
      this.#dark();
      this.#show("refused");
      return false;
    }
  }

  #dark() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
  }

  async #take() {
    this.#photo = await taken(this.#video, this.#code);
    this.#dark();
    const seen = this.querySelector("img");
    if (seen) {
      URL.revokeObjectURL(seen.src);
      seen.src = URL.createObjectURL(this.#photo);
    }
    this.#show("look");
  }

  /** Signed once; after a lost answer the same words and the same picture are sent again. */
  async #use() {
    if (!this.#photo || !this.#challenge) return;
    this.#envelope ??= await this.#signed(this.#photo, this.#challenge);
    this.#show("sending");
    const { id } = await post(this.#said("api"), { ...this.#envelope });
    const form = new FormData();
    form.set("file", this.#photo, "photo.jpg");
    const { verdict } = await postForm(`${this.#said("api")}/${id}/photo`, form);
    this.#show("done");
    for (const line of this.querySelectorAll("[data-verdict]")) {
      line.toggleAttribute("hidden", line.getAttribute("data-verdict") !== verdict);
    }
  }

  /**
   * @param {Blob} photo
   * @param {{ id: string, nonce: string }} challenge
   */
  async #signed(photo, challenge) {
    this.#show("signing");
    this.#look?.finish();
    const id = uuid7();
    const text = record(
      {
        id,
        kind: this.#said("kind"),
        trip: this.#said("trip"),
        at_ms: Date.now(),
        device: device(),
        sight: (await this.#look?.sight) ?? NOWHERE,
        photo_sha256: await digest(photo),
      },
      { id: challenge.id },
    );
    const credentials = this.#said("credentials").split(" ").filter(Boolean);
    const proof = await sign({ record: text, nonce: challenge.nonce, credentials });
    return { id, record: text, proof };
  }

  /** @param {unknown} refusal */
  #failed(refusal) {
    const known = refusal instanceof Refused || refusal instanceof Unreached;
    if (!known && !(refusal instanceof Unsigned)) throw refusal;
    const words = refusal instanceof Refused ? refusal.message : "";
    const code = refusal instanceof Unsigned ? "unsigned" : "unsent";
    // The picture is still here: one press sends it again.
    this.#show(this.#photo ? "look" : "ready", words || this.#said(code));
  }

  /**
   * @param {string} view
   * @param {string} [words] what went wrong
   */
  #show(view, words = "") {
    this.dataset.state = view;
    for (const one of this.querySelectorAll("[data-view]")) {
      one.toggleAttribute("hidden", one.getAttribute("data-view") !== view);
    }
    const alert = this.querySelector("[data-alert]");
    if (alert instanceof HTMLElement) {
      alert.textContent = words;
      alert.hidden = words === "";
    }
    /** @type {HTMLElement | null} */ (
      this.querySelector(`[data-view="${view}"] [data-sentence]`)
    )?.focus();
  }

  get #video() {
    const video = this.querySelector("video");
    if (!video) throw new Error("no picture to look at");
    return video;
  }

  /** @param {string} name */
  #said(name) {
    return this.dataset[name] ?? "";
  }
}

customElements.define("site-photo", SitePhoto);
