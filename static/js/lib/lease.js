/**
 * Opening keys on loan to this desk. They come wrapped for the desk's own key, which was made
 * here, lies in IndexedDB and cannot be taken out; what is unwrapped cannot be taken out either.
 *
 *     context  "TripSeal lease 1" 00 host 00 · kid · until, 8 bytes · point of the desk, 65
 *     key      HKDF-SHA256 of ECDH(ephemeral, desk), no salt, info = context
 *     sealed   AES-256-GCM of the PKCS#8 private half, aad = context
 *
 * @typedef {{ kid: string, public: string, ek: string, nonce: string, sealed: string }} Lent
 * @typedef {{ id: string, host: string, until: number, keys: Lent[] }} Lease
 */
import { joined } from "../token/cbor.js";
import { P256 } from "../token/hpke.js";
import { decode } from "./base64url.js";
import { drop, held, hold } from "./store.js";

const NAME = new TextEncoder().encode("TripSeal lease 1\0");
const DEED = new TextEncoder().encode("tripseal/desk-lease/1\0");

/** @returns {Promise<CryptoKeyPair>} the desk's own, made at its first use */
async function pair() {
  const known = await held("pair");
  if (known) return known;
  const made = await crypto.subtle.generateKey(P256, false, ["deriveKey"]);
  await hold("pair", made);
  return made;
}

/** @returns {Promise<Uint8Array<ArrayBuffer>>} `04 ‖ x ‖ y` of the desk's key */
export async function point() {
  return new Uint8Array(await crypto.subtle.exportKey("raw", (await pair()).publicKey));
}

/** What a passkey signs to borrow: this very desk. */
export async function deed() {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(DEED, await point())));
}

/** @param {Lease} lease */
export const take = (lease) => hold("lease", lease);

/**
 * The lease that holds at *now*; one that is over is thrown away together with the desk's key.
 *
 * @param {number} now seconds
 * @returns {Promise<Lease | undefined>}
 */
export async function standing(now) {
  const lease = await held("lease");
  if (!lease || now <= lease.until) return lease;
  await drop("lease");
  await drop("pair");
  return undefined;
}

/** @param {Lease} lease @returns {Promise<import("../token/open.js").OpeningKey[]>} */
export async function unwrapped({ host, until, keys }) {
  const { privateKey } = await pair();
  const desk = await point();
  const unwrap = async (/** @type {Lent} */ { kid, public: whose, ek, nonce, sealed }) => {
    const [head, id] = [new TextEncoder().encode(`${host}\0`), hexadecimal(kid)];
    const context = joined(NAME, head, id, seconds(until), desk);
    const key = await crypto.subtle.unwrapKey(
      "pkcs8",
      decode(sealed),
      await derived(privateKey, decode(ek), context),
      { name: "AES-GCM", iv: decode(nonce), additionalData: context },
      P256,
      false,
      ["deriveBits"],
    );
    return { kid, key, point: decode(whose) };
  };
  return Promise.all(keys.map(unwrap));
}

/**
 * @param {CryptoKey} mine
 * @param {Uint8Array<ArrayBuffer>} ek
 * @param {Uint8Array<ArrayBuffer>} info
 */
async function derived(mine, ek, info) {
  const theirs = await crypto.subtle.importKey("raw", ek, P256, false, []);
  const agreement = { name: "ECDH", public: theirs };
  const shared = await crypto.subtle.deriveKey(agreement, mine, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  const into = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(how, shared, into, false, ["unwrapKey"]);
}

/** @param {string} text */
const hexadecimal = (text) =>
  Uint8Array.from(text.match(/../g) ?? [], (two) => Number.parseInt(two, 16));

/** @param {number} moment @returns {Uint8Array<ArrayBuffer>} eight bytes, the greatest first */
function seconds(moment) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(moment));
  return bytes;
}
