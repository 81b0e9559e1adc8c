/**
 * The two COSE layers (RFC 9052), byte by byte:
 *
 *     Encrypt0  83 · bstr { 1: alg, 4: kid } · { -4: ek } · bstr ciphertext
 *     Sign1     d2 84 · bstr { 1: alg, 4: kid } · {} · bstr payload · bstr signature
 *
 * Headers hold exactly these labels. Bytes only: who may sign what is in `keys.js`.
 */
import { array, bstr, compare, int, joined, map, read, tstr } from "./cbor.js";
import { TokenRefused } from "./refused.js";

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const WIDTHS = new Map([
  [24, 1],
  [25, 2],
  [26, 4],
]);

/**
 * What a layer is tied to without carrying it.
 *
 * @param {string} purpose
 * @param {string} host
 * @param {Uint8Array} kid
 */
export const bound = (purpose, host, kid) =>
  array(tstr("TripSeal"), int(1), tstr(purpose), tstr(host), bstr(kid));

/** @param {number} alg @param {Uint8Array} kid */
export const header = (alg, kid) => map(int(1), int(alg), int(4), bstr(kid));

/** @param {Uint8Array} protectedBytes @param {string} at */
export function readHeader(protectedBytes, at) {
  const said = read(protectedBytes, at, { depth: 1 });
  if (said instanceof Map && said.size === 2) {
    const [alg, kid] = [said.get(1), said.get(4)];
    if (isInt(alg) && kid instanceof Uint8Array && kid.length === 2) return { alg, kid: hex(kid) };
  }
  throw new TokenRefused("malformed", at);
}

/** @param {unknown} item */
export const isInt = (item) => typeof item === "number" || typeof item === "bigint";

/** @param {Uint8Array} bytes */
export const hex = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {Bytes} head @param {Bytes} aad @param {Bytes} payload */
export const toSign = (head, aad, payload) =>
  array(tstr("Signature1"), bstr(head), bstr(aad), bstr(payload));

/** @param {Bytes} head @param {Bytes} aad */
export const toSeal = (head, aad) => array(tstr("Encrypt0"), bstr(head), bstr(aad));

// Both layers have one shape, so they are cut at their byte strings and written again:
// any other shape, order, head or surplus gives other bytes than those that came.

/** @param {Bytes} message @param {string} at */
export function readSign1(message, at) {
  const cut = new Cut(message, 2);
  const said = { head: cut.next(1), payload: cut.next(0), signature: cut.next(0) };
  const { head, payload, signature } = said;
  const again = joined([0xd2, 0x84], bstr(head), [0xa0], bstr(payload), bstr(signature));
  if (compare(again, message)) throw new TokenRefused("malformed", at);
  return said;
}

/** @param {Bytes} message */
export function readEncrypt0(message) {
  const cut = new Cut(message, 1);
  const said = { head: cut.next(2), ek: cut.next(0), ciphertext: cut.next(0) };
  const { head, ek, ciphertext } = said;
  const again = joined([0x83], bstr(head), [0xa1, 0x23], bstr(ek), bstr(ciphertext));
  // 04: an uncompressed point. A compressed one would be a second spelling.
  const isEk = ek.length === 32 || (ek.length === 65 && ek[0] === 4);
  if (!isEk || compare(again, message)) throw new TokenRefused("malformed", "outer");
  return said;
}

/** Byte strings one after the other; empty where none is, which then gives other bytes. */
class Cut {
  /** @param {Bytes} message @param {number} here */
  constructor(message, here) {
    this.message = message;
    this.here = here;
  }

  /** @param {number} gap bytes between this string and the next @returns {Bytes} */
  next(gap) {
    const low = (this.message[this.here] ?? 0) & 31;
    const width = WIDTHS.get(low) ?? 0;
    const start = this.here + 1 + width;
    const wide = this.message.subarray(this.here + 1, start);
    const size = width ? wide.reduce((sum, byte) => sum * 256 + byte, 0) : low;
    this.here = start + size + gap;
    return this.message.slice(start, start + size);
  }
}
