/**
 * Deterministic CBOR (RFC 8949 §4.2.1), and nothing beside it: one spelling for one value.
 *
 * Whole numbers come as numbers (as bigint beyond 2^53), floats as `Float`, so that 2.0 is
 * never taken for 2; byte strings as Uint8Array, maps as Map with whole numbers as keys.
 */
import { TokenRefused } from "./refused.js";

const ENTRIES = 16; // of one array or map in a token
const DEPTH = 4; // the outermost item stands at 0

const [UINT, NINT, BYTES, TEXT, ARRAY, MAP] = [0, 1, 2, 3, 4, 5];
const [BINARY16, BINARY32] = [0xf9, 0xfa];

/** Told inside this file alone: the caller hears where it was. */
class Bad extends Error {}

/** A number that was written as a float. */
export class Float {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
  }
}

/**
 * The one item *data* is, or `malformed`.
 *
 * @param {Uint8Array} data
 * @param {string} at where it stands, for the refusal
 * @param {{ entries?: number, depth?: number }} [bounds]
 * @returns {unknown}
 */
export function read(data, at, { entries = ENTRIES, depth = DEPTH } = {}) {
  const reader = new Reader(data, entries);
  try {
    const item = reader.item(depth);
    if (reader.here === data.length) return item;
  } catch (wrong) {
    if (!(wrong instanceof Bad || wrong instanceof RangeError)) throw wrong;
  }
  throw new TokenRefused("malformed", at);
}

class Reader {
  here = 0;

  /** @param {Uint8Array} data @param {number} entries */
  constructor(data, entries) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.entries = entries;
  }

  /** @param {number} depth how many levels may still follow @returns {unknown} */
  item(depth) {
    const head = this.view.getUint8(this.here);
    const major = head >> 5;
    this.here += 1;
    if (major > MAP) return this.#float(head);
    const size = this.#size(head & 31);
    if (major === UINT) return size;
    if (major === NINT) return typeof size === "bigint" ? -1n - size : -1 - size;
    if (typeof size === "bigint") throw new Bad();
    if (major === BYTES) return this.#cut(size);
    if (major === TEXT) return text(this.#cut(size));
    if (size > this.entries || (size && !depth)) throw new Bad();
    if (major === ARRAY) return Array.from({ length: size }, () => this.item(depth - 1));
    return this.#map(size, depth - 1);
  }

  /** @param {number} low @returns {number | bigint} in the shortest head that holds it */
  #size(low) {
    if (low < 24) return low;
    if (low > 27) throw new Bad();
    const width = 1 << (low - 24);
    const big = width === 8 ? this.view.getBigUint64(this.here) : BigInt(this.#uint(width));
    this.here += width;
    const least = width === 1 ? 24n : 1n << BigInt(4 * width);
    if (big < least) throw new Bad();
    return big > BigInt(Number.MAX_SAFE_INTEGER) ? big : Number(big);
  }

  /** @param {number} width 1, 2 or 4 */
  #uint(width) {
    if (width === 1) return this.view.getUint8(this.here);
    return width === 2 ? this.view.getUint16(this.here) : this.view.getUint32(this.here);
  }

  /** @param {number} size */
  #cut(size) {
    const end = this.here + size;
    if (end > this.data.length) throw new Bad();
    const cut = this.data.subarray(this.here, end);
    this.here = end;
    return cut;
  }

  /** @param {number} head @returns {Float} in the shorter width that keeps it; no other simple value */
  #float(head) {
    if (head === BINARY16) {
      const value = half(this.view.getUint16(this.here));
      this.here += 2;
      if (Number.isFinite(value)) return new Float(value);
    } else if (head === BINARY32) {
      const value = this.view.getFloat32(this.here);
      this.here += 4;
      if (Number.isFinite(value) && !fitsHalf(value)) return new Float(value);
    }
    throw new Bad();
  }

  /** @param {number} size @param {number} depth */
  #map(size, depth) {
    /** @type {Map<number | bigint, unknown>} */
    const map = new Map();
    let last;
    for (let entry = 0; entry < size; entry += 1) {
      const start = this.here;
      // A key is a whole number, and each comes after the one before: none stands twice.
      if (this.view.getUint8(start) >> 5 > NINT) throw new Bad();
      const key = /** @type {number | bigint} */ (this.item(depth));
      const spelt = this.data.subarray(start, this.here);
      if (last && compare(last, spelt) >= 0) throw new Bad();
      last = spelt;
      map.set(key, this.item(depth));
    }
    return map;
  }
}

/** @param {number} bits of a binary16 */
function half(bits) {
  const [sign, power, rest] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (power === 31) return rest ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (power ? 2 ** (power - 15) * (1 + rest / 1024) : 2 ** -14 * (rest / 1024));
}

/** @param {number} value a binary32 */
function fitsHalf(value) {
  const size = Math.abs(value);
  if (size > 65_504) return false;
  // The least step of a binary16 near *size*: below 2^-14 it stays the same.
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(size || 1))) - 10);
  return Number.isInteger(size / step);
}

/** @param {Uint8Array} bytes */
function text(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (wrong) {
    if (wrong instanceof TypeError) throw new Bad();
    throw wrong;
  }
}

/** @param {Uint8Array} a @param {Uint8Array} b @returns {number} below, at or above 0 */
export function compare(a, b) {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const apart = Number(a[i]) - Number(b[i]);
    if (apart) return apart;
  }
  return a.length - b.length;
}

// --- writing: only what the layers around a token need -------------------------------------

/** @param {...(Uint8Array | ArrayBuffer | number[])} parts @returns {Uint8Array<ArrayBuffer>} */
export function joined(...parts) {
  const bytes = parts.map((part) => new Uint8Array(part));
  const whole = new Uint8Array(bytes.reduce((size, part) => size + part.length, 0));
  let here = 0;
  for (const part of bytes) {
    whole.set(part, here);
    here += part.length;
  }
  return whole;
}

/** @param {number} major @param {number} size */
function head(major, size) {
  const top = major << 5;
  if (size < 24) return [top | size];
  if (size < 0x100) return [top | 24, size];
  if (size < 0x1_0000) return [top | 25, size >> 8, size & 255];
  return [top | 26, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
}

/** @param {number} number a whole one within 32 bits */
export const int = (number) =>
  new Uint8Array(number < 0 ? head(NINT, -1 - number) : head(UINT, number));

/** @param {Uint8Array} content */
export const bstr = (content) => joined(head(BYTES, content.length), content);

/** @param {string} words */
export function tstr(words) {
  const content = new TextEncoder().encode(words);
  return joined(head(TEXT, content.length), content);
}

/** @param {...Uint8Array} items each written already */
export const array = (...items) => joined(head(ARRAY, items.length), ...items);

/** @param {...Uint8Array} items keys and values in turn, each written already, keys ascending */
export const map = (...items) => joined(head(MAP, items.length / 2), ...items);
