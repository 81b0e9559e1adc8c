/** Opening a token: the order of the specification, step by step. */

import * as cbor from "./cbor.js";
import { readCheckIn, readTrip } from "./claims.js";
import { need, Refused } from "./refused.js";
import { ALGS, bound, header, strict, verified } from "./sign1.js";
import { bytesOfText, spoken } from "./text.js";

/** *desk* is { host, now, open, verify, status }: keys by kid, revoked ids as a set. */
export async function openText(text, desk) {
  const token = bytesOfText(text, desk.host);
  need(token.length >= 150 && token.length <= 320, "malformed", "text");
  const { key, sign1 } = await unsealed(token, desk);
  const aad = (signer) => bound(signer.use, desk.host, key.kid);
  const signers = new Map(
    [...desk.verify].filter(([, it]) => ["check-in", "trip"].includes(it.use)),
  );
  const { payload, key: signer } = await verified(sign1, { keys: signers, aad, at: "inner" });
  const claims = signer.use === "trip" ? readTrip(payload) : readCheckIn(payload);
  judge(claims, signer, desk);
  const kids = { sign: signer.kid, open: key.kid };
  const code = spoken(desk.host, Buffer.from(claims.cti, "hex"));
  return { purpose: signer.use, claims, kids, spoken: code };
}

async function unsealed(token, desk) {
  const parts = strict("outer", () => cbor.read(token, { depth: 2 }));
  need(Array.isArray(parts) && parts.length === 3, "malformed", "outer");
  const [outer, unprotected, sealed] = parts;
  need(outer instanceof Uint8Array && sealed instanceof Uint8Array, "malformed", "outer");
  const ek = unprotected instanceof Map && unprotected.size === 1 ? unprotected.get(-4) : undefined;
  need(ek instanceof Uint8Array, "malformed", "outer");
  need(ek.length === 32 || (ek.length === 65 && ek[0] === 4), "malformed", "outer");
  const { alg, kid } = header(outer, "outer");
  const key = desk.open.get(kid);
  need(key !== undefined && ALGS[key.alg] === alg, "unknown_key", "outer");
  const aad = [outer, bound("seal", desk.host, kid)].map(cbor.bytes);
  try {
    const sign1 = await key.unseal(sealed, ek, cbor.array(cbor.string("Encrypt0"), ...aad));
    return { key, sign1 };
  } catch {
    throw new Refused("decrypt_failed", "outer");
  }
}

function judge({ iat, cti }, signer, { now, status }) {
  const early = iat < signer.nbf || iat > signer.naf || iat >= (signer.withdrawn ?? Infinity);
  need(!early, "key_not_valid", "time");
  need(iat <= now + 60, "not_yet_valid", "time");
  need(now <= iat + signer.max_age + 60, "expired", "time");
  need(!status?.has(cti), "revoked", "status");
}
