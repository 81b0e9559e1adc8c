/** The two suites by WebCrypto alone: ECDSA, Ed25519, and HPKE (RFC 9180) in base mode. */

import { webcrypto } from "node:crypto";

const { subtle } = webcrypto;

const P256 = { kem: 0x0010, aead: 2, keySize: 32, curve: { name: "ECDH", namedCurve: "P-256" } };
const X25519 = { kem: 0x0020, aead: 1, keySize: 16, curve: { name: "X25519" } };

export function verifier(jwk) {
  const ed = jwk.crv === "Ed25519";
  const imported = ed ? { name: "Ed25519" } : { name: "ECDSA", namedCurve: "P-256" };
  const used = ed ? imported : { name: "ECDSA", hash: "SHA-256" };
  return async (message, signature) => {
    const key = await subtle.importKey("jwk", jwk, imported, false, ["verify"]);
    return subtle.verify(used, key, signature, message);
  };
}

/** Whether the public *jwk* lies on its curve, as far as WebCrypto looks. */
export async function isKey(jwk, use) {
  const signs = use !== "open";
  const curve = { "P-256": signs ? "ECDSA" : "ECDH", Ed25519: "Ed25519", X25519: "X25519" };
  const how = { name: curve[jwk.crv], namedCurve: "P-256" };
  try {
    await subtle.importKey("jwk", jwk, how, true, signs ? ["verify"] : []);
    return true;
  } catch {
    return false;
  }
}

/** What opens a message to the private *jwk*. It rejects, and says no more. */
export function opener(jwk) {
  const suite = jwk.kty === "EC" ? P256 : X25519;
  const mine = subtle.importKey("jwk", jwk, suite.curve, false, ["deriveBits"]);
  const x = Buffer.from(jwk.x, "base64url");
  const to = jwk.y ? Buffer.concat([Buffer.of(4), x, Buffer.from(jwk.y, "base64url")]) : x;
  return async (sealed, ek, aad) => {
    const theirs = await subtle.importKey("raw", ek, suite.curve, false, []);
    const agreed = await subtle.deriveBits({ ...suite.curve, public: theirs }, await mine, 256);
    const { key, nonce } = await schedule(suite, Buffer.from(agreed), ek, to);
    const aes = await subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
    const how = { name: "AES-GCM", iv: nonce, additionalData: aad };
    return new Uint8Array(await subtle.decrypt(how, aes, sealed));
  };
}

async function schedule(suite, agreed, ek, to) {
  const kem = Buffer.concat([Buffer.from("KEM"), short(suite.kem)]);
  const whole = Buffer.concat([Buffer.from("HPKE"), short(suite.kem), short(1), short(suite.aead)]);
  const none = Buffer.alloc(0);
  const prk = await extract(none, kem, "eae_prk", agreed);
  const shared = await expand(prk, kem, "shared_secret", Buffer.concat([ek, to]), 32);
  const noPsk = await extract(none, whole, "psk_id_hash", none);
  const noInfo = await extract(none, whole, "info_hash", none);
  const context = Buffer.concat([Buffer.of(0), noPsk, noInfo]);
  const secret = await extract(shared, whole, "secret", none);
  return {
    key: await expand(secret, whole, "key", context, suite.keySize),
    nonce: await expand(secret, whole, "base_nonce", context, 12),
  };
}

function extract(salt, suite, label, ikm) {
  return hmac(salt, Buffer.concat([Buffer.from("HPKE-v1"), suite, Buffer.from(label), ikm]));
}

async function expand(prk, suite, label, info, size) {
  const labelled = [short(size), Buffer.from("HPKE-v1"), suite, Buffer.from(label), info];
  const block = await hmac(prk, Buffer.concat([...labelled, Buffer.of(1)]));
  return block.subarray(0, size);
}

async function hmac(key, message) {
  // WebCrypto takes no empty key. HMAC fills up with zeros, so one zero is the same key.
  const raw = key.length ? key : Buffer.of(0);
  const how = { name: "HMAC", hash: "SHA-256" };
  const imported = await subtle.importKey("raw", raw, how, false, ["sign"]);
  return Buffer.from(await subtle.sign("HMAC", imported, message));
}

const short = (number) => Buffer.of(number >> 8, number & 255);
