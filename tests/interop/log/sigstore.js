/**
 * A reader of our log that shares no code with the product: heads and inclusion by
 * `@sigstore/verify` (Apache-2.0), as it reads its own logs.
 *
 *     node sigstore.js FOLDER ORIGIN KEY-ID SPKI
 *
 * FOLDER holds checkpoint, leaves and proofs as main.go reads them; key id and key are those
 * of one signer, in base64. It says what it checked, or why it refused.
 */
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import log from "@sigstore/verify/dist/tlog/index.js";

const [folder, origin, id, spki] = process.argv.slice(2);
const text = (name) => readFileSync(`${folder}/${name}`, "utf-8");
const rows = (name) =>
  text(name)
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
const bytes = (word) => Buffer.from(word, "base64");

const logID = bytes(id);
const key = { key: bytes(spki), format: "der", type: "spki" };
const known = [{ baseURL: `https://${origin}`, logID, publicKey: createPublicKey(key) }];
const envelope = text("checkpoint");
const leaves = new Map(rows("leaves").map(([index, entry]) => [index, bytes(entry)]));

let found = 0;
for (const [logIndex, , ...hashes] of rows("proofs")) {
  const inclusionProof = { logIndex, hashes: hashes.map(bytes), checkpoint: { envelope } };
  const canonicalizedBody = leaves.get(logIndex);
  try {
    log.verifyTLogInclusion({ logId: { keyId: logID }, canonicalizedBody, inclusionProof }, known);
  } catch (refusal) {
    if (refusal.code !== "TLOG_INCLUSION_PROOF_ERROR") throw refusal;
    console.log(`${logIndex}: ${refusal.message}`);
    process.exit(1);
  }
  found += 1;
}
console.log(`${found} leaves`);
