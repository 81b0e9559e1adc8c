import { reader } from "../lib/reader.js";

/** Between two looks: a hand moves slower, and the machine keeps its breath. */
const REST_MS = 60;

/** @type {import("../../vendor/zxing-wasm/reader.js").ReaderOptions} */
const OPTIONS = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 4 };

/**
 * `<qr-scanner>` looks through the camera for codes and fires `code` with
 * `{ text, source: "camera", frame }`, again and again while one is in view.
 *
 * `data-wasm` is the address of the reader's own code; without it the reader would ask
 * a foreign server. Words: `data-off`, `data-starting`, `data-refused`.
 */
class QrScanner extends HTMLElement {
  /** @type {MediaStream | undefined} */
  #stream;

  #canvas = document.createElement("canvas");

  connectedCallback() {
    this.hidden = false;
    this.#show("off");
  }

  disconnectedCallback() {
    this.stop();
  }

  toggle() {
    return this.#stream ? this.stop() : this.start();
  }

  async start() {
    if (this.#stream) return;
    this.#show("starting");
    try {
      const wish = { facingMode: "environment", width: { ideal: 1280 } };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: wish });
      const video = this.#video;
      video.srcObject = this.#stream;
      await video.play();
      const eyes = await reader(this.dataset.wasm ?? "");
      this.#show("on");
      this.#watch(eyes, this.#stream);
    } catch {
      this.#end();
      this.#show("refused");
    }
  }

  stop() {
    this.#end();
    this.#show("off");
  }

  get #video() {
    const video = this.querySelector("video");
    if (!video) throw new Error("no picture to look at");
    return video;
  }

  /**
   * @param {import("../lib/reader.js").Reader} eyes
   * @param {MediaStream} stream
   */
  async #watch(eyes, stream) {
    while (this.#stream === stream) {
      const frame = performance.now();
      const picture = this.dataset.paused === undefined ? this.#picture() : undefined;
      const found = picture ? await eyes.readBarcodes(picture, OPTIONS) : [];
      for (const { isValid, text } of found) if (isValid) this.#tell(text, frame);
      await new Promise((resume) => setTimeout(resume, REST_MS));
    }
  }

  #picture() {
    const video = this.#video;
    const { videoWidth: width, videoHeight: height } = video;
    if (!width || document.hidden) return undefined;
    Object.assign(this.#canvas, { width, height });
    const pen = this.#canvas.getContext("2d", { willReadFrequently: true });
    pen?.drawImage(video, 0, 0);
    return pen?.getImageData(0, 0, width, height);
  }

  /**
   * @param {string} text
   * @param {number} frame
   */
  #tell(text, frame) {
    const detail = { text, source: "camera", frame };
    this.dispatchEvent(new CustomEvent("code", { bubbles: true, detail }));
  }

  #end() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
  }

  /** @param {"off" | "starting" | "on" | "refused"} state */
  #show(state) {
    this.dataset.state = state;
    const words = this.querySelector(".camera__words");
    const aim = this.querySelector(".camera__aim");
    if (words) words.textContent = this.dataset[state] ?? "";
    if (aim instanceof HTMLElement) aim.hidden = state !== "on";
    this.dispatchEvent(new CustomEvent("camera", { bubbles: true, detail: { state } }));
  }
}

customElements.define("qr-scanner", QrScanner);
