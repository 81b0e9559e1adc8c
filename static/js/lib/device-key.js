/**
 * This browser's own key, for where no passkey answers: ECDSA P-256, made here, and it cannot
 * be taken out. One a person; a browser may delete it, and then another is enrolled.
 *
 * @typedef {{ device: string, id: string, state: string, pair: CryptoKeyPair }} Key
 *   *device* and *id*: what the server calls the device, and what a proof calls the key
 */
import { decode, encode } from "./base64url.js";
import { get } from "./http.js";
import { drop, held, hold } from "./phone.js";
import { signingChallenge } from "./record.js";

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const SIGN = { name: "ECDSA", hash: "SHA-256" };

/** This browser keeps no keys: lockdown, private windows, some builds. */
export class Unkept extends Error {}

/** @param {string} owner */
const place = (owner) => `device-key ${owner}`;

/** @param {string} owner @returns {Promise<Key | undefined>} in whatever state */
export const known = (owner) => held(place(owner));

/** @param {string} owner @returns {Promise<Key | undefined>} one that signs */
export async function enrolled(owner) {
  const key = await known(owner);
  return key?.state === "live" ? key : undefined;
}

/**
 * @param {string} owner
 * @param {{ record: string, nonce: string }} what
 * @returns {Promise<Record<string, string> | undefined>} none where no key is enrolled
 */
export async function signed(owner, { record, nonce }) {
  const key = await enrolled(owner);
  if (!key) return undefined;
  const said = await signingChallenge(record, decode(nonce));
  const signature = await crypto.subtle.sign(SIGN, key.pair.privateKey, said);
  return { kind: "device_key", key_id: key.id, signature: encode(signature) };
}

/**
 * A new pair that was written, read again and has signed; `Unkept` where it does not hold.
 *
 * @returns {Promise<CryptoKeyPair>}
 */
export async function tried() {
  const probe = crypto.getRandomValues(new Uint8Array(32));
  try {
    const made = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
    await hold("device-key-test", made);
    const pair = /** @type {CryptoKeyPair} */ (await held("device-key-test"));
    await drop("device-key-test");
    const signature = await crypto.subtle.sign(SIGN, pair.privateKey, probe);
    if (await crypto.subtle.verify(SIGN, pair.publicKey, signature, probe)) return pair;
  } catch (cause) {
    throw new Unkept("no key can be kept", { cause });
  }
  throw new Unkept("the key does not sign");
}

/** @param {string} owner @param {Key} key */
export const keepKey = (owner, key) => hold(place(owner), key);

/** @param {CryptoKeyPair} pair @returns {Promise<ArrayBuffer>} as SPKI */
export const publicHalf = ({ publicKey }) => crypto.subtle.exportKey("spki", publicKey);

/** @param {CryptoKey} key @param {Uint8Array<ArrayBuffer>} said */
export const sign = async (key, said) => encode(await crypto.subtle.sign(SIGN, key, said));

/**
 * Learn from the server whether the key signs by now, or no longer.
 *
 * @param {string} url of my devices
 * @param {string} owner
 */
export async function refresh(url, owner) {
  const key = await known(owner);
  if (!key) return;
  const mine = await get(url);
  const found = mine.find((/** @type {{ id: string }} */ { id }) => id === key.device);
  await keepKey(owner, { ...key, state: found?.state ?? "revoked" });
}
