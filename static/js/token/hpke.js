/**
 * HPKE (RFC 9180), base mode, one message: DHKEM(P-256, HKDF-SHA256), AES-256-GCM.
 * WebCrypto alone; the private key need not be extractable.
 */
import { joined } from "./cbor.js";

/** @type {EcKeyImportParams} */
export const P256 = { name: "ECDH", namedCurve: "P-256" };

const words = (/** @type {string} */ text) => new TextEncoder().encode(text);
const KEM = joined(words("KEM"), [0x00, 0x10]);
const SUITE = joined(words("HPKE"), [0x00, 0x10, 0x00, 0x01, 0x00, 0x02]);
const VERSION = words("HPKE-v1");
const NOTHING = new Uint8Array();
// HMAC fills a key up with zeros, so these are the empty key, which WebCrypto refuses.
const NO_SALT = new Uint8Array(32);

/** @param {Uint8Array<ArrayBuffer>} key @param {Uint8Array<ArrayBuffer>} text */
async function hmac(key, text) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const held = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", held, text));
}

/**
 * @param {Uint8Array<ArrayBuffer>} salt
 * @param {Uint8Array<ArrayBuffer>} suite
 * @param {string} label
 * @param {Uint8Array} ikm
 */
const extract = (salt, suite, label, ikm) => hmac(salt, joined(VERSION, suite, words(label), ikm));

/**
 * At most one block of SHA-256, which is all that HPKE asks of it here.
 *
 * @param {Uint8Array<ArrayBuffer>} prk
 * @param {Uint8Array<ArrayBuffer>} suite
 * @param {string} label
 * @param {Uint8Array} context
 * @param {number} size
 */
async function expand(prk, suite, label, context, size) {
  const told = joined([0, size], VERSION, suite, words(label), context, [1]);
  return (await hmac(prk, told)).slice(0, size);
}

/**
 * The message, or undefined and no word about why.
 *
 * @param {Uint8Array<ArrayBuffer>} sealed
 * @param {{ ek: Uint8Array<ArrayBuffer>, key: CryptoKey, to: Uint8Array<ArrayBuffer>,
 *   aad: Uint8Array<ArrayBuffer>, info?: Uint8Array<ArrayBuffer> }} how
 *   *to* is the public half of *key*, an uncompressed point
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>}
 */
export async function unseal(sealed, { ek, key, to, aad, info = NOTHING }) {
  const agreed = await agree(ek, key);
  if (!agreed) return undefined;
  const shared = await expand(
    await extract(NO_SALT, KEM, "eae_prk", agreed),
    KEM,
    "shared_secret",
    joined(ek, to),
    32,
  );
  const noPsk = await extract(NO_SALT, SUITE, "psk_id_hash", NOTHING);
  const context = joined([0], noPsk, await extract(NO_SALT, SUITE, "info_hash", info));
  const secret = await extract(shared, SUITE, "secret", NOTHING);
  const opener = await expand(secret, SUITE, "key", context, 32);
  const iv = await expand(secret, SUITE, "base_nonce", context, 12);
  const held = await crypto.subtle.importKey("raw", opener, "AES-GCM", false, ["decrypt"]);
  const opened = await expected(
    crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: aad }, held, sealed),
  );
  return opened && new Uint8Array(opened);
}

/** @param {Uint8Array<ArrayBuffer>} ek @param {CryptoKey} key */
async function agree(ek, key) {
  const theirs = await expected(crypto.subtle.importKey("raw", ek, P256, false, []));
  if (!theirs) return undefined;
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, key, 256);
  return new Uint8Array(secret);
}

/**
 * What a stranger's bytes made fail is no fault of ours; whatever else goes wrong is.
 *
 * @template T
 * @param {Promise<T>} deed
 * @returns {Promise<T | undefined>}
 */
async function expected(deed) {
  try {
    return await deed;
  } catch (wrong) {
    const name = wrong instanceof Error ? wrong.name : "";
    if (name === "OperationError" || name === "DataError") return undefined;
    throw wrong;
  }
}
