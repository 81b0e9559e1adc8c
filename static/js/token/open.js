/**
 * A scanned text opened at the desk, without the server: text → digits → HPKE → signature →
 * claims → time → withdrawn. The first failure, in this order, is the answer.
 *
 * Tokens of the default profile alone. For another one that the desk's keys know, and for
 * one sealed to a key that was not lent to this desk, it says `NotHere`: the server may know.
 *
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 * @typedef {{ kid: string, key: CryptoKey, point: Bytes }} OpeningKey  a P-256 key lent to this desk
 * @typedef {{ purpose: string, claims: import("./claims.js").CheckIn | import("./claims.js").Trip,
 *   kids: { sign: string, open: string } }} Opened
 */
import { readCheckIn, readTrip } from "./claims.js";
import { bound, header, hex, readEncrypt0, readHeader, toSeal } from "./cose.js";
import { read, unlink } from "./digits.js";
import { isRevoked } from "./documents.js";
import { unseal } from "./hpke.js";
import { HPKE_7, holds, verified } from "./keys.js";
import { NotHere, TokenRefused } from "./refused.js";

const [SHORTEST, LONGEST] = [150, 320]; // bytes of a token
const SKEW_S = 60;

/**
 * @param {string} text a link of *host*, or its digits alone
 * @param {{ host: string, now: number, keyset: { keys: import("./keys.js").PublicKey[] },
 *   lent: OpeningKey[], status?: import("./documents.js").StatusList }} desk
 * @returns {Promise<Opened>}
 */
export async function open(text, { host, now, keyset, lent, status }) {
  const token = read(unlink(text, host));
  if (token.length < SHORTEST || token.length > LONGEST)
    throw new TokenRefused("malformed", "text");
  const outer = readEncrypt0(token);
  const lock = lockOf(outer.head, lent, keyset.keys);
  const kid = bytes(lock.kid);
  const sign1 = await unseal(outer.ciphertext, {
    ek: outer.ek,
    key: lock.key,
    to: lock.point,
    aad: toSeal(outer.head, bound("seal", host, kid)),
  });
  if (!sign1) throw new TokenRefused("decrypt_failed", "outer", lock.kid);
  const keys = keyset.keys.filter(({ use }) => use === "check-in" || use === "trip");
  // The purpose comes from the key's record, never from the message.
  const aad = (/** @type {{ use: string }} */ { use }) => bound(use, host, kid);
  const { payload, signer } = await verified(sign1, { keys, aad, at: "inner" });
  const claims = signer.use === "trip" ? readTrip(payload) : readCheckIn(payload);
  judgeTime(claims, { signer, now, status });
  return { purpose: signer.use, claims, kids: { sign: signer.kid, open: lock.kid } };
}

/**
 * @param {Bytes} head
 * @param {OpeningKey[]} lent
 * @param {import("./keys.js").PublicKey[]} known
 */
function lockOf(head, lent, known) {
  const named = hex(head);
  const lock = lent.find(({ kid }) => hex(header(HPKE_7, bytes(kid))) === named);
  if (lock) return lock;
  const { kid } = readHeader(head, "outer");
  if (known.some((key) => key.header === named)) throw new NotHere("not a key of this desk");
  throw new TokenRefused("unknown_key", "outer", kid);
}

/**
 * @param {{ iat: number, cti: string }} claims
 * @param {{ signer: import("./keys.js").PublicKey, now: number,
 *   status?: import("./documents.js").StatusList }} how
 */
function judgeTime({ iat, cti }, { signer, now, status }) {
  const { window, kid } = signer;
  if (!holds(window, iat)) throw new TokenRefused("key_not_valid", "time", kid);
  if (iat > now + SKEW_S) throw new TokenRefused("not_yet_valid", "time", kid);
  if (now - iat - SKEW_S > window.maxAge) throw new TokenRefused("expired", "time", kid);
  if (status && isRevoked(status, bytes(cti))) throw new TokenRefused("revoked", "status", kid);
}

/** @param {string} hexadecimal */
const bytes = (hexadecimal) =>
  Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
