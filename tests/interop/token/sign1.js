/** COSE_Sign1 with our two labels, and who may have signed it. */

import * as cbor from "./cbor.js";
import { need, Refused } from "./refused.js";

export const ALGS = { ES256: -7, Ed25519: -19, "HPKE-7": 45, "HPKE-3": 41 };
const HALF = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

export function bound(purpose, host, kid) {
  const version = Buffer.of(1);
  const said = [cbor.string("TripSeal"), version, cbor.string(purpose), cbor.string(host)];
  return cbor.array(...said, cbor.bytes(Buffer.from(kid, "hex")));
}

/** Whatever *read* gives; the reader's complaint is told as a refusal. */
export function strict(at, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof cbor.Malformed) throw new Refused("malformed", at);
    throw error;
  }
}

export function header(bytes, at) {
  const said = strict(at, () => cbor.read(bytes, { depth: 1 }));
  need(hasLabels(said, [1, 4]), "malformed", at);
  const [alg, kid] = [said.get(1), said.get(4)];
  need(typeof alg === "bigint" && isBytes(kid, 2), "malformed", at);
  return { alg: Number(alg), kid: Buffer.from(kid).toString("hex") };
}

/** The payload and its signer, once the signature held. *keys* is a map from kid. */
export async function verified(message, { keys, aad, at }) {
  need(message[0] === 0xd2, "malformed", at);
  const parts = strict(at, () => cbor.read(message.subarray(1), { depth: 1 }));
  need(Array.isArray(parts) && parts.length === 4, "malformed", at);
  const [outer, unprotected, payload, signature] = parts;
  need(
    [outer, payload, signature].every((part) => part instanceof Uint8Array),
    "malformed",
    at,
  );
  need(hasLabels(unprotected, []), "malformed", at);
  const { alg, kid } = header(outer, at);
  const key = keys.get(kid);
  need(key !== undefined && ALGS[key.alg] === alg, "unknown_key", at);
  need(signature.length === 64 && (key.alg !== "ES256" || isLow(signature)), "malformed", at);
  const signed = cbor.array(
    cbor.string("Signature1"),
    ...[outer, aad(key), payload].map(cbor.bytes),
  );
  need(await key.verify(signed, signature), "bad_signature", at);
  return { payload, key };
}

const isLow = (signature) =>
  BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`) <= HALF;

export const isBytes = (item, size) => item instanceof Uint8Array && item.length === size;

export function hasLabels(item, labels) {
  return item instanceof Map && item.size === labels.length && labels.every((it) => item.has(it));
}
