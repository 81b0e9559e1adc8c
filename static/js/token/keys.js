/**
 * Who may sign, and when. A kid is two bytes, a letter for the use and a serial, and pins
 * one algorithm. Public halves only.
 *
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 * @typedef {number | bigint} Seconds
 * @typedef {{ nbf: Seconds, naf: Seconds, maxAge: Seconds, withdrawn?: Seconds }} Window
 * @typedef {{ kid: string, use: string, alg: number, header: string, window: Window,
 *   key?: CryptoKey }} PublicKey  *key* is there for ES256 alone
 */
import { header, hex, readHeader, readSign1, toSign } from "./cose.js";
import { NotHere, TokenRefused } from "./refused.js";

export const [ES256, ED25519, HPKE_7, HPKE_3] = [-7, -19, 45, 41];
export const FOREVER = 4_102_444_800;
export const MAX_AGE = 34_560_000; // 400 days

/** @type {Record<string, { letter: number, algs: number[] }>} */
const USES = {
  "check-in": { letter: 0x43, algs: [ES256, ED25519] },
  trip: { letter: 0x54, algs: [ES256, ED25519] },
  status: { letter: 0x53, algs: [ES256] },
  open: { letter: 0x4f, algs: [HPKE_7, HPKE_3] },
  keyset: { letter: 0x52, algs: [ES256] },
};
const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
const SIGNATURE = 64;

/** The record is none: the caller says where. */
export class KeysUnusable extends Error {}

/**
 * @param {{ kid: Uint8Array, use: string, alg: number, point: Bytes, window: Window }} record
 *   *point* is `04 ‖ x ‖ y`, or the 32 bytes of the other curves
 * @returns {Promise<PublicKey>}
 */
export async function publicKey({ kid, use, alg, point, window }) {
  const known = USES[use];
  const named = kid.length === 2 && kid[0] === known?.letter && kid[1];
  if (!named || !known.algs.includes(alg) || window.naf < window.nbf)
    throw new KeysUnusable(`kid ${hex(kid)}`);
  const made = { kid: hex(kid), use, alg, header: hex(header(alg, kid)), window };
  if (alg === ES256) return { ...made, key: await imported(point, "ECDSA", ["verify"]) };
  // Of a recipient only the point is asked, so that a KeySet with a wrong one is refused.
  if (alg === HPKE_7) await imported(point, "ECDH", []);
  return made;
}

/** @param {Bytes} point @param {string} name @param {KeyUsage[]} uses */
async function imported(point, name, uses) {
  try {
    return await crypto.subtle.importKey("raw", point, { name, namedCurve: "P-256" }, true, uses);
  } catch (wrong) {
    if (wrong instanceof Error && wrong.name === "DataError")
      throw new KeysUnusable("no point of its curve");
    throw wrong;
  }
}

/** @param {Window} window @param {Seconds} iat */
export const holds = ({ nbf, naf, withdrawn }, iat) =>
  nbf <= iat && iat <= naf && (withdrawn === undefined || iat < withdrawn);

/**
 * The payload of a COSE_Sign1 and whose it is. Nothing of it exists before that.
 *
 * @param {Bytes} message
 * @param {{ keys: PublicKey[], aad: (key: PublicKey) => Bytes, at: string }} how
 */
export async function verified(message, { keys, aad, at }) {
  const { head, payload, signature } = readSign1(message, at);
  const found = hex(head);
  // One look-up answers both questions: is the kid ours, and is that its algorithm.
  const signer = keys.find((key) => key.header === found);
  if (!signer) throw new TokenRefused("unknown_key", at, readHeader(head, at).kid);
  const { kid, key } = signer;
  if (signature.length !== SIGNATURE) throw new TokenRefused("malformed", at, kid);
  if (!key) throw new NotHere("this desk checks P-256 signatures alone");
  if (BigInt(`0x${hex(signature.subarray(32))}`) > HALF_ORDER)
    throw new TokenRefused("malformed", at, kid);
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const told = toSign(head, aad(signer), payload);
  if (!(await crypto.subtle.verify(algorithm, key, signature, told)))
    throw new TokenRefused("bad_signature", at, kid);
  return { payload, signer };
}
