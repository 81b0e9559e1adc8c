/**
 * Texts of scanned codes: how a keyboard scanner spells them, and which were just read.
 *
 * @typedef {{ key: string, code: string, shiftKey: boolean }} Key
 */

/** A person types slower than this; a scanner in keyboard clothing never. */
const GAP_MS = 120;

/** Shorter than this is no code of anybody's, only a few quick keys. */
const SHORTEST = 12;

/** @type {Record<string, [plain: string, shifted: string]>} */
const SIGNS = {
  Backquote: ["`", "~"],
  Backslash: ["\\", "|"],
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
  Comma: [",", "<"],
  Equal: ["=", "+"],
  Minus: ["-", "_"],
  NumpadAdd: ["+", "+"],
  NumpadDecimal: [".", "."],
  NumpadDivide: ["/", "/"],
  NumpadMultiply: ["*", "*"],
  NumpadSubtract: ["-", "-"],
  Period: [".", ">"],
  Quote: ["'", '"'],
  Semicolon: [";", ":"],
  Slash: ["/", "?"],
  Space: [" ", " "],
};
const ABOVE_DIGITS = ")!@#$%^&*(";

/**
 * The letter a key stands for on a plain keyboard; none for Shift and its like. While an
 * input method composes, `key` is Hangul or "Process", and only the physical key tells.
 *
 * @param {Key} pressed
 * @returns {string | undefined}
 */
export function letterOf({ key, code, shiftKey }) {
  if (/^[ -~]$/.test(key)) return key;
  if (key !== "Process" && !/^\p{Script=Hangul}$/u.test(key)) return undefined;
  const [, kind, name = ""] = /^(Key|Digit|Numpad)([A-Z]|[0-9])$/.exec(code) ?? [];
  if (kind === "Key") return shiftKey ? name : name.toLowerCase();
  if (kind === "Digit") return shiftKey ? ABOVE_DIGITS[Number(name)] : name;
  if (kind === "Numpad") return name;
  return SIGNS[code]?.[shiftKey ? 1 : 0];
}

/** So many digits are a receipt's, whatever came before them. */
const FEWEST = 150;
const WHOLE = new RegExp(`#(\\d{${FEWEST},})`, "g");
const BARE = new RegExp(`(?:^|\\D)(\\d{${FEWEST},})$`);

/**
 * What of a typed text matters: the digits after the last "#", so that neither the
 * layout nor Caps Lock does harm, or where even that sign was lost to an input method, the
 * digits at the end. A text without them is passed on as it is.
 *
 * @param {string} text
 * @returns {string}
 */
export function codeOf(text) {
  const said = text.trim();
  return /#(\d+)$/.exec(said)?.[1] ?? BARE.exec(said)?.[1] ?? said;
}

/** Of a scanner that put no Enter between two codes: both. @param {string} text @returns {string[]} */
export function codesOf(text) {
  const found = [...text.matchAll(WHOLE)].map(([, digits]) => digits ?? "");
  return found.length > 1 ? found : [codeOf(text)];
}

/** Collects the keys of one scan. Keys that come too slowly are somebody's fingers. */
export class Wedge {
  #text = "";
  #last = Number.NEGATIVE_INFINITY;

  /** @returns {number} characters so far */
  get count() {
    return this.#text.length;
  }

  /**
   * @param {Key} pressed
   * @param {number} now milliseconds
   * @returns {string[] | undefined} the codes, once Enter or Tab ends them
   */
  press(pressed, now) {
    if (now - this.#last > GAP_MS) this.#text = "";
    if (pressed.key === "Enter" || pressed.key === "Tab") return this.#end();
    const letter = letterOf(pressed);
    if (letter === undefined) return undefined;
    this.#last = now;
    this.#text += letter;
    return undefined;
  }

  clear() {
    this.#text = "";
  }

  #end() {
    const text = this.#text;
    this.#text = "";
    return text.length < SHORTEST ? undefined : codesOf(text);
  }
}

/** One code stays one while it is in view, and for 3 s after. */
export class Once {
  #rest = 3_000;

  /** @type {Map<string, number>} */
  #seen = new Map();

  /**
   * @param {string} text
   * @param {number} now milliseconds
   */
  isNew(text, now) {
    for (const [known, at] of this.#seen) if (now - at > this.#rest) this.#seen.delete(known);
    const fresh = !this.#seen.has(text);
    this.#seen.set(text, now);
    return fresh;
  }
}
