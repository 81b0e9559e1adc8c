/** The number of a receipt as people say it: twelve letters from its id (token.md §6). */
import { joined } from "./cbor.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const text = new TextEncoder();

/**
 * @param {string} host
 * @param {Uint8Array<ArrayBuffer>} cti
 * @returns {Promise<string>} like `2JC8PN28H6W3`
 */
export async function spoken(host, cti) {
  const start = joined(text.encode(`TripSeal spoken 1\0${host}\0`), cti);
  for (let turn = 0; turn < 256; turn += 1) {
    const hash = await crypto.subtle.digest("SHA-256", joined(start, Uint8Array.of(turn)));
    const number = new DataView(hash).getBigUint64(0) >> 9n;
    const check = ALPHABET[Number(number % 37n)];
    // The other five of the 37 check symbols are ones nobody can say.
    if (check) return letters(number) + check;
  }
  throw new Error("no code in 256 draws");
}

/** @param {bigint} number of 55 bits */
function letters(number) {
  return Array.from({ length: 11 }, (_, at) => {
    return ALPHABET[Number((number >> BigInt(50 - 5 * at)) & 31n)];
  }).join("");
}
