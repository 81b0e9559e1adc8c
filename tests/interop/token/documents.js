/** The signed documents: which keys a host has, and which check-ins it took back. */

import * as cbor from "./cbor.js";
import { isKey, verifier } from "./crypto.js";
import { need } from "./refused.js";
import { ALGS, bound, hasLabels, isBytes, strict, verified } from "./sign1.js";

const USES = new Map([
  [1n, "check-in"],
  [2n, "trip"],
  [3n, "status"],
  [4n, "open"],
]);
const LETTERS = { "check-in": 0x43, trip: 0x54, status: 0x53, open: 0x4f };
const CURVES = { ES256: [2, 1], "HPKE-7": [2, 1], Ed25519: [1, 6], "HPKE-3": [1, 4] };
const FOR_USE = { "check-in": ["ES256", "Ed25519"], status: ["ES256"], open: ["HPKE-7", "HPKE-3"] };
const NAMES = new Map(Object.entries(ALGS).map(([name, number]) => [BigInt(number), name]));

/** The records of a KeySet by kid; signing keys can `verify`. */
export async function readKeySet(document, { root, host, now }) {
  const signers = new Map([[root.kid, root]]);
  const { said, key } = await opened(document, { signers, use: "keyset", host });
  const list = content(said, -65539, host, "keyset");
  need(Array.isArray(list) && list.length > 0, "malformed", "keyset");
  const records = list.map(readRecord);
  const kids = records.map((record) => record.kid);
  need(
    kids.every((kid, i) => i === 0 || kids[i - 1] < kid),
    "malformed",
    "keyset",
  );
  for (const { jwk, use } of records) need(await isKey(jwk, use), "malformed", "keyset");
  judge(said, key, now, "keyset");
  return new Map(records.map((record) => [record.kid, record]));
}

/** The revoked ids, as a set of hexadecimal texts. */
export async function readStatus(document, { keyset, host, now }) {
  const signers = new Map([...keyset].filter(([, key]) => key.use === "status"));
  const { said, key } = await opened(document, { signers, use: "status", host });
  const ids = content(said, -65540, host, "status");
  need(ids instanceof Uint8Array && ids.length % 8 === 0, "malformed", "status");
  const told = Buffer.from(ids).toString("hex").match(/.{16}/g) ?? [];
  need(
    told.every((id, i) => i === 0 || told[i - 1] < id),
    "malformed",
    "status",
  );
  judge(said, key, now, "status");
  return new Set(told);
}

async function opened(document, { signers, use, host }) {
  const aad = () => bound(use, host, "");
  const { payload, key } = await verified(document, { keys: signers, aad, at: use });
  const said = strict(use, () => cbor.read(payload, { entries: use === "keyset" ? 600 : 16 }));
  return { said, key };
}

function content(said, label, host, at) {
  const own = said instanceof Map ? said.get(label) : undefined;
  need(hasLabels(said, [1, 6, label]) && hasLabels(own, [1, 2]), "malformed", at);
  need(typeof said.get(1) === "string" && isUint(said.get(6)), "malformed", at);
  need(isUint(own.get(1)) && own.get(1) > 0n, "malformed", at);
  need(said.get(1) === host, "wrong_host", at);
  return own.get(2);
}

function judge(said, signer, now, at) {
  const iat = Number(said.get(6));
  need(iat >= signer.nbf && iat <= signer.naf, "key_not_valid", at);
  need(iat <= now + 60, "not_yet_valid", at);
}

function readRecord(record) {
  const ask = (good) => need(good, "malformed", "keyset");
  ask(record instanceof Map);
  const [use, alg] = [USES.get(record.get(-65537)), NAMES.get(record.get(3))];
  ask(use !== undefined && (FOR_USE[use] ?? FOR_USE["check-in"]).includes(alg));
  const signsTokens = use === "check-in" || use === "trip";
  const [kty, crv] = CURVES[alg];
  const labels = [1, 2, 3, -1, -2, -65537, -65538, -65539];
  if (kty === 2) labels.push(-3);
  if (signsTokens) labels.push(-65540);
  if (record.has(-65541)) labels.push(-65541);
  ask(hasLabels(record, labels));
  ask(record.get(1) === BigInt(kty) && record.get(-1) === BigInt(crv));
  ask(isBytes(record.get(2), 2) && record.get(2)[0] === LETTERS[use] && record.get(2)[1] > 0);
  ask([-2, -3].every((axis) => !labels.includes(axis) || isBytes(record.get(axis), 32)));
  ask(
    [-65538, -65539, -65540, -65541].every((it) => !labels.includes(it) || isUint(record.get(it))),
  );
  const jwk = jwkOf(record, kty, alg);
  const [nbf, naf, max_age, withdrawn] = [-65538, -65539, -65540, -65541].map((it) =>
    record.has(it) ? Number(record.get(it)) : undefined,
  );
  ask(nbf <= naf);
  const kid = Buffer.from(record.get(2)).toString("hex");
  const key = { kid, use, alg, jwk, nbf, naf, max_age, withdrawn };
  return use === "open" ? key : { ...key, verify: verifier(jwk) };
}

function jwkOf(record, kty, alg) {
  const x = Buffer.from(record.get(-2)).toString("base64url");
  if (kty === 1) return { kty: "OKP", crv: alg === "Ed25519" ? "Ed25519" : "X25519", x };
  return { kty: "EC", crv: "P-256", x, y: Buffer.from(record.get(-3)).toString("base64url") };
}

const isUint = (item) => typeof item === "bigint" && item >= 0n;
