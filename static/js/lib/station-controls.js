import { put } from "./answer.js";

/** The keys of a station and its sources: camera, scanner, file, number. */
export class Controls {
  /** @param {import("./station-board.js").Board} board */
  constructor(board) {
    this.board = board;
    this.station = board.station;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const use = this.station.querySelector("[data-keys]");
    if (use instanceof HTMLInputElement && !use.checked) return;
    if (event.key === "F2") this.#turn();
    else if (event.key === "F8") this.#pause();
    else if (event.key === "Escape") this.board.clear();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#walk(event);
    else if (event.key === "Enter" && event.ctrlKey) this.#cure();
    else return;
    if (event.key.startsWith("F")) event.preventDefault();
  }

  #turn() {
    this.open("camera");
    const camera = this.station.querySelector("qr-scanner");
    if (camera && "toggle" in camera && typeof camera.toggle === "function") void camera.toggle();
  }

  #pause() {
    const paused = this.station.toggleAttribute("data-paused");
    this.station.querySelector("qr-scanner")?.toggleAttribute("data-paused", paused);
    put(this.station, "paused", paused ? (this.station.dataset.pausedWords ?? "") : "");
  }

  #cure() {
    const link = this.station.querySelector('[data-band="payable"] [data-part="cure"]');
    if (link instanceof HTMLAnchorElement && !link.hidden) link.click();
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    if (event.target instanceof Element && event.target.matches("input, textarea, select")) return;
    const rows = [...this.station.querySelectorAll("[data-list] button.row")];
    const here = rows.findIndex((row) => row.matches(":focus"));
    const next = rows[event.key === "ArrowDown" ? here + 1 : Math.max(0, here - 1)];
    if (!(next instanceof HTMLElement)) return;
    event.preventDefault();
    next.focus();
  }

  /** @param {Event} event */
  click({ target }) {
    if (!(target instanceof Element)) return;
    const source = target.closest("[data-source]")?.getAttribute("data-source");
    if (target.closest("[data-turn]")) this.#turn();
    else if (source) this.open(source);
  }

  /** @param {string} name camera, scanner, file or number */
  open(name) {
    for (const panel of this.station.querySelectorAll("[data-panel]"))
      panel.toggleAttribute("hidden", panel.getAttribute("data-panel") !== name);
    for (const button of this.station.querySelectorAll("[data-source]"))
      button.setAttribute("aria-pressed", String(button.getAttribute("data-source") === name));
    const node = this.station.querySelector(name === "number" ? '[name="number"]' : ".wedge");
    // Only a field or the scanner's section takes the focus: it must not rest on a button.
    if (node instanceof HTMLElement && this.station.dataset.state) node.focus();
  }

  /** @param {string} state */
  camera(state) {
    const words = state === "on" ? this.station.dataset.cameraOff : this.station.dataset.cameraOn;
    put(this.station, "turn", words ?? "");
  }
}
