/**
 * Deterministic CBOR (RFC 8949 §4.2.1) by one pass over the bytes.
 *
 * The product reads with a library, writes again and compares. This reader never writes: it
 * asks of each head whether it is the shortest, of each key whether it follows the last.
 * Numbers come as BigInt, floats as `Float`, so that 2.0 is never taken for 2.
 */

export class Malformed extends Error {}

export class Float {
  constructor(value) {
    this.value = value;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function read(bytes, { entries = 16, depth = 4 } = {}) {
  const reader = new Reader(bytes, entries);
  const item = reader.item(depth);
  if (reader.at !== bytes.length) throw new Malformed("surplus");
  return item;
}

class Reader {
  constructor(bytes, entries) {
    this.bytes = bytes;
    this.entries = entries;
    this.at = 0;
  }

  take(size) {
    if (size > this.bytes.length - this.at) throw new Malformed("cut short");
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  item(depth) {
    const [head] = this.take(1);
    const major = head >> 5;
    if (major === 7) return this.float(head);
    const size = this.size(head & 31);
    if (major === 0) return size;
    if (major === 1) return -1n - size;
    if (major === 2) return this.take(Number(size));
    if (major === 3) return this.string(Number(size));
    if (major === 6 || size > this.entries || (size > 0n && depth === 0)) {
      throw new Malformed("a tag, too wide or too deep");
    }
    return major === 4 ? this.array(size, depth - 1) : this.map(size, depth - 1);
  }

  size(low) {
    if (low < 24) return BigInt(low);
    if (low > 27) throw new Malformed("no definite length");
    const width = 1 << (low - 24);
    let size = 0n;
    for (const byte of this.take(width)) size = (size << 8n) | BigInt(byte);
    const least = width === 1 ? 24n : 1n << BigInt(4 * width);
    if (size < least) throw new Malformed("a head longer than it must be");
    return size;
  }

  string(size) {
    try {
      return utf8.decode(this.take(size));
    } catch {
      throw new Malformed("not UTF-8");
    }
  }

  float(head) {
    if (head !== 0xf9 && head !== 0xfa) throw new Malformed("a simple value or binary64");
    const content = Buffer.from(this.take(head === 0xf9 ? 2 : 4));
    if (head === 0xf9) return new Float(half(content.readUInt16BE()));
    const value = content.readFloatBE();
    if (Number.isNaN(value) || isHalf(value)) throw new Malformed("binary32 where binary16 fits");
    return new Float(value);
  }

  array(size, depth) {
    const items = [];
    while (items.length < size) items.push(this.item(depth));
    return items;
  }

  map(size, depth) {
    const items = new Map();
    let last = new Uint8Array();
    while (items.size < size) {
      const from = this.at;
      if (this.bytes[from] >> 5 > 1) throw new Malformed("a key that is no number");
      const key = this.item(depth);
      const spelt = this.bytes.subarray(from, this.at);
      if (Buffer.compare(last, spelt) >= 0) throw new Malformed("keys out of order");
      last = spelt;
      items.set(Number(key), this.item(depth));
    }
    return items;
  }
}

function half(bits) {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Whether binary16 holds *value*: a multiple of its own last place, and within its range. */
function isHalf(value) {
  const size = Math.abs(value);
  if (size === 0 || size === Number.POSITIVE_INFINITY) return true;
  if (size > 65504) return false;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  return Number.isInteger(size / 2 ** (exponent - 10));
}

// As much of a writer as is needed to say again what was signed.

export function string(content) {
  return Buffer.concat([head(3, content.length), Buffer.from(content)]);
}

export function bytes(content) {
  return Buffer.concat([head(2, content.length), content]);
}

export function array(...items) {
  return Buffer.concat([head(4, items.length), ...items]);
}

function head(major, size) {
  const top = major << 5;
  if (size < 24) return Buffer.of(top | size);
  if (size < 256) return Buffer.of(top | 24, size);
  if (size < 65536) return Buffer.of(top | 25, size >> 8, size & 255);
  throw new RangeError("longer than anything written here");
}
