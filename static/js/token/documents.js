/**
 * The two signed documents a desk holds, read as strictly as a token and judged before it.
 *
 *     keyset = { 1: host, 6: iat, -65539: { 1: seq, 2: [ + record ] } }  by the root key
 *     status = { 1: host, 6: iat, -65540: { 1: seq, 2: revoked ids } }   by a status key
 *
 * @typedef {import("./keys.js").PublicKey} PublicKey
 * @typedef {{ keys: PublicKey[], seq: number | bigint, iat: number }} KeySet
 * @typedef {{ ids: Uint8Array, seq: number | bigint, iat: number }} StatusList
 * @typedef {{ host: string, now: number, leastSeq?: number | bigint }} Reader
 *   *leastSeq* is the highest this desk has ever seen
 */
import { compare, joined, read } from "./cbor.js";
import { bound, isInt } from "./cose.js";
import {
  ED25519,
  ES256,
  HPKE_3,
  HPKE_7,
  holds,
  KeysUnusable,
  MAX_AGE,
  publicKey,
  verified,
} from "./keys.js";
import { TokenRefused } from "./refused.js";

const LARGEST_KEYSET = 64 * 1024;
const LARGEST_STATUS = 16 * 1024 * 1024;
const MOST_RECORDS = 600;
const SKEW_S = 60;
const NOBODY = new Uint8Array();

const [HOST, IAT, KEYSET, STATUS] = [1, 6, -65539, -65540];
const [KTY, KID, ALG, CRV, X, Y] = [1, 2, 3, -1, -2, -3];
const [USE, NBF, NAF, AGE, WITHDRAWN] = [-65537, -65538, -65539, -65540, -65541];
/** By number alone: to an array the text "1" would be an index as well. @type {Map<unknown, string>} */
const USES = new Map([
  [1, "check-in"],
  [2, "trip"],
  [3, "status"],
  [4, "open"],
]);

/** kty and crv of an algorithm. @type {Map<unknown, [number, number]>} */
const CURVES = new Map([
  [ES256, [2, 1]],
  [HPKE_7, [2, 1]],
  [ED25519, [1, 6]],
  [HPKE_3, [1, 4]],
]);

/**
 * The keys *root* vouches for.
 *
 * @param {Uint8Array<ArrayBuffer>} document
 * @param {Reader & { root: PublicKey }} reader
 * @returns {Promise<KeySet>}
 */
export async function readKeyset(document, { root, host, now, leastSeq = 0 }) {
  const at = "keyset";
  const { payload, signer } = await signed(document, LARGEST_KEYSET, [root], at, host);
  const said = read(payload, at, { entries: MOST_RECORDS });
  const { iat, seq, content } = told(said, KEYSET, host, at);
  need(Array.isArray(content) && content.length, at);
  const keys = await records(/** @type {unknown[]} */ (content));
  judgeTime(iat, { signer, now, at });
  if (seq < leastSeq) throw new TokenRefused("stale_keys", at);
  return { keys, seq, iat: Number(iat) };
}

/**
 * The list, if a status key of *keyset* signed it inside its window.
 *
 * @param {Uint8Array<ArrayBuffer>} document
 * @param {Reader & { keyset: KeySet }} reader
 * @returns {Promise<StatusList>}
 */
export async function readStatus(document, { keyset, host, now, leastSeq = 0 }) {
  const at = "status";
  const signers = keyset.keys.filter(({ use }) => use === "status");
  const { payload, signer } = await signed(document, LARGEST_STATUS, signers, at, host);
  const { iat, seq, content } = told(read(payload, at), STATUS, host, at);
  need(content instanceof Uint8Array && content.length % 8 === 0, at);
  const ids = /** @type {Uint8Array} */ (content);
  // Sorted, or a binary search would pass over an id that is there.
  for (let here = 8; here < ids.length; here += 8)
    need(compare(ids.subarray(here - 8, here), ids.subarray(here, here + 8)) < 0, at);
  judgeTime(iat, { signer, now, at });
  if (seq < leastSeq) throw new TokenRefused("stale_status", at);
  return { ids: ids.slice(), seq, iat: Number(iat) };
}

/** @param {StatusList} list @param {Uint8Array} cti */
export function isRevoked({ ids }, cti) {
  let [low, high] = [0, ids.length / 8];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(ids.subarray(8 * middle, 8 * middle + 8), cti) < 0) low = middle + 1;
    else high = middle;
  }
  return compare(ids.subarray(8 * low, 8 * low + 8), cti) === 0;
}

/** @param {unknown} good @param {string} at */
function need(good, at) {
  if (!good) throw new TokenRefused("malformed", at);
}

/**
 * @param {Uint8Array<ArrayBuffer>} document
 * @param {number} largest
 * @param {PublicKey[]} keys
 * @param {string} at
 * @param {string} host
 */
function signed(document, largest, keys, at, host) {
  need(document.length <= largest, at);
  return verified(document, { keys, aad: () => bound(at, host, NOBODY), at });
}

/** @param {unknown} item @returns {item is number | bigint} */
const isUint = (item) => isInt(item) && /** @type {number | bigint} */ (item) >= 0;

/**
 * iat, seq and content, once shape and host are right.
 *
 * @param {unknown} said
 * @param {number} label
 * @param {string} host
 * @param {string} at
 */
function told(said, label, host, at) {
  need(said instanceof Map && said.size === 3 && said.has(label), at);
  const all = /** @type {Map<number, unknown>} */ (said);
  const [name, iat, own] = [all.get(HOST), all.get(IAT), all.get(label)];
  need(typeof name === "string" && isUint(iat), at);
  need(own instanceof Map && own.size === 2 && own.has(2), at);
  const [seq, content] = [1, 2].map((one) => /** @type {Map<number, unknown>} */ (own).get(one));
  need(isUint(seq) && seq >= 1, at);
  // What a list holds is judged after whose it is, as the order of refusals asks.
  need(label === KEYSET ? Array.isArray(content) : content instanceof Uint8Array, at);
  if (name !== host) throw new TokenRefused("wrong_host", at);
  const [when, count] = /** @type {(number | bigint)[]} */ ([iat, seq]);
  return { iat: when ?? 0, seq: count ?? 0, content };
}

/** @param {number | bigint} iat @param {{ signer: PublicKey, now: number, at: string }} how */
function judgeTime(iat, { signer, now, at }) {
  if (!holds(signer.window, iat)) throw new TokenRefused("key_not_valid", at, signer.kid);
  if (iat > now + SKEW_S) throw new TokenRefused("not_yet_valid", at, signer.kid);
}

/** @param {unknown[]} items */
async function records(items) {
  try {
    const keys = await Promise.all(items.map(record));
    need(
      keys.every(({ kid }, i) => i === 0 || String(keys[i - 1]?.kid) < kid),
      "keyset",
    );
    return keys;
  } catch (wrong) {
    if (wrong instanceof KeysUnusable) throw new TokenRefused("malformed", "keyset");
    throw wrong;
  }
}

/** @param {unknown} item @returns {Promise<PublicKey>} */
async function record(item) {
  const said = item instanceof Map ? item : new Map();
  const curve = CURVES.get(said.get(ALG));
  const use = USES.get(said.get(USE)) ?? "";
  if (!curve || !use || !isShaped(said, use, curve)) throw new KeysUnusable("not a record");
  const point = curve[0] === 2 ? joined([4], said.get(X), said.get(Y)) : said.get(X);
  const maxAge = said.get(AGE) ?? MAX_AGE;
  const window = { nbf: said.get(NBF), naf: said.get(NAF), maxAge, withdrawn: said.get(WITHDRAWN) };
  return publicKey({ kid: said.get(KID), use, alg: said.get(ALG), point, window });
}

/** @param {Map<number, unknown>} said @param {string} use @param {[number, number]} curve */
function isShaped(said, use, [kty, crv]) {
  const sized = new Map([
    [X, 32],
    [KID, 2],
  ]);
  if (kty === 2) sized.set(Y, 32);
  const times = [NBF, NAF];
  if (use === "check-in" || use === "trip") times.push(AGE);
  if (said.has(WITHDRAWN)) times.push(WITHDRAWN);
  const labels = [KTY, ALG, CRV, USE, ...sized.keys(), ...times];
  return (
    said.size === labels.length &&
    labels.every((label) => said.has(label)) &&
    said.get(KTY) === kty &&
    said.get(CRV) === crv &&
    times.every((label) => isUint(said.get(label))) &&
    [...sized].every(([label, size]) => {
      const held = said.get(label);
      return held instanceof Uint8Array && held.length === size;
    })
  );
}
