import { fill } from "./words.js";

/** States that take the whole page: what led to them steps aside, and their sentence is read. */
const WHOLE = new Set([
  ...["explain", "ok", "weak", "no-position", "supplement", "invalid"],
  ...["queued", "refused", "withdrawn", "sent-late"],
]);

/**
 * The place of the touch on the page. Every state is a `<template data-view="…">` of the
 * element, which holds all words; the state on show is in its `data-state`.
 */
export class Stage {
  #ticking = 0;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /**
   * @param {string} view
   * @param {{ state?: string, kind?: string, trip?: string,
   *           words?: Record<string, string | Node | undefined> }} what
   */
  show(view, { state = view, kind, trip, words = {} } = {}) {
    this.still();
    const { element } = this;
    const form = element.querySelector("form");
    const page = /** @type {HTMLTemplateElement | null} */ (
      element.querySelector(`template[data-view="${view}"]`)
    );
    const piece = page?.content.cloneNode(true);
    if (form) form.hidden = Boolean(piece);
    for (const before of element.querySelectorAll("[data-before]")) {
      before.toggleAttribute("hidden", WHOLE.has(state));
    }
    this.#place?.replaceChildren(...(piece ? [piece] : []));
    for (const other of element.querySelectorAll("[data-kind]")) {
      if (other.getAttribute("data-kind") !== kind) other.remove();
    }
    this.fill(words);
    this.#lead(trip ?? this.said("trip"));
    element.dataset.state = state;
    this.#tell(state);
  }

  /** @param {Record<string, string | Node | undefined>} words */
  fill(words) {
    if (this.#place) fill(this.#place, words);
  }

  /** @param {string} part */
  reveal(part) {
    for (const piece of this.element.querySelectorAll(`[data-part="${part}"]`)) {
      piece.removeAttribute("hidden");
    }
  }

  /** @param {string} part */
  take(part) {
    this.element.querySelector(`[data-part="${part}"]`)?.remove();
  }

  /**
   * One deed at a time repeats itself, until the next state or `still`.
   *
   * @param {number} every milliseconds
   * @param {() => void} deed
   */
  tick(every, deed) {
    this.still();
    this.#ticking = window.setInterval(deed, every);
  }

  still() {
    clearInterval(this.#ticking);
  }

  /** @param {string} name of a `data-` attribute */
  said(name) {
    return this.element.dataset[name] ?? "";
  }

  get #place() {
    return this.element.querySelector("[data-stage]");
  }

  /** @param {string} trip a touch without an order learns its trip from the answer */
  #lead(trip) {
    for (const way of this.element.querySelectorAll("a[data-to]")) {
      const page = way.getAttribute("data-to");
      way.setAttribute("href", `${this.said("trips")}${trip}/${page ? `${page}/` : ""}`);
    }
  }

  /** @param {string} state what was reached is focused and so read; what goes on is only said */
  #tell(state) {
    const { element } = this;
    const sentence = /** @type {HTMLElement | null} */ (element.querySelector("[data-sentence]"));
    const status = element.querySelector("[role=status]");
    if (WHOLE.has(state)) sentence?.focus();
    else if (state === "idle") element.querySelector("form")?.querySelector("button")?.focus();
    else status?.replaceChildren(sentence?.textContent?.trim() ?? "");
  }
}
