/**
 * The vectors of the token, by a program that shares no code with the product: its own
 * CBOR, its own HPKE over WebCrypto, and a COSE library nobody here wrote.
 */

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Sign1 } from "@auth0/cose";
import { opener, verifier } from "./token/crypto.js";
import { readKeySet, readStatus } from "./token/documents.js";
import { openText } from "./token/open.js";
import { Refused } from "./token/refused.js";
import { bytesOfDigits, digitsOfBytes, heard, spoken } from "./token/text.js";

const vectors = new URL("../vectors/token/", import.meta.url);
const load = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, vectors), "utf-8"));
const hex = (text) => Uint8Array.from(Buffer.from(text, "hex"));

const files = load("opening-keys");
const DAYS_400 = 34_560_000;
const byKid = (records, more) => new Map(records.map((it) => [it.kid, { ...it, ...more(it.jwk) }]));
const verify = byKid(files.verify, (jwk) => ({ verify: verifier(jwk) }));
const open = byKid(files.open, (jwk) => ({ unseal: opener(jwk) }));
const [root] = byKid([load("root")], (jwk) => ({ verify: verifier(jwk) })).values();
const valid = load("valid").vectors;
const documents = load("documents");

/** What is said of *work*: ok, or the code it was refused with. */
async function answer(work) {
  try {
    await work();
    return "ok";
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

/** A case of attacks.json, with the documents it names read before the token. */
async function attempt({ text, host, now, keyset_hex, status_hex }) {
  const keys = keyset_hex ? await readKeySet(hex(keyset_hex), { root, host, now }) : verify;
  const held = status_hex && hex(status_hex);
  const status = held && (await readStatus(held, { keyset: keys, host, now }));
  await openText(text, { host, now, open, verify: keys, status });
}

for (const vector of valid) {
  test(`opens: ${vector.name}`, async () => {
    const { host, now } = vector;
    const said = await openText(vector.text, { host, now, open, verify });

    assert.deepEqual(said, vector.open);
    assert.equal(
      Buffer.from(bytesOfDigits(vector.text.split("#")[1])).toString("hex"),
      vector.token_hex,
    );
    assert.equal(digitsOfBytes(hex(vector.token_hex)), vector.text.split("#")[1]);
  });
}

for (const attack of load("attacks").cases) {
  test(`${attack.expect}: ${attack.name}`, async () => {
    assert.equal(await answer(() => attempt(attack)), attack.expect);
  });
}

test("every bit of a token counts", async () => {
  for (const { token_hex, host, now } of [valid[0], valid[17]]) {
    const token = hex(token_hex);
    for (let bit = 0; bit < 8 * token.length; bit += 7) {
      const flipped = Uint8Array.from(token);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      const work = () => openText(digitsOfBytes(flipped), { host, now, open, verify });
      assert.notEqual(await answer(work), "ok", `bit ${bit}`);
    }
  }
});

// The library knows ES256 and stops at the number of Ed25519.
for (const { name, signer, sign1_hex, aad_sign_hex } of valid.filter(
  (it) => it.profile === "default",
)) {
  test(`a COSE library verifies: ${name}`, async () => {
    const { jwk } = verify.get(signer);
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const key = await webcrypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
    const message = Sign1.decode(hex(sign1_hex));

    await message.verify(key, { externalAAD: hex(aad_sign_hex) });
    await assert.rejects(message.verify(key, { externalAAD: hex(`${aad_sign_hex}00`) }));
  });
}

test("the KeySet holds what the key files hold", async () => {
  const { host, keyset } = documents;
  const keys = await readKeySet(hex(keyset.hex), { root, host, now: keyset.iat });

  assert.equal(keys.size, keyset.count);
  for (const record of files.verify.filter((it) => it.use !== "status")) {
    const { jwk, max_age, nbf, naf } = keys.get(record.kid);
    assert.deepEqual(jwk, record.jwk);
    assert.deepEqual([max_age, nbf, naf], [record.max_age ?? DAYS_400, record.nbf, record.naf]);
  }
});

test("the status list holds the ids it was made of", async () => {
  const { host, keyset, status } = documents;
  const keys = await readKeySet(hex(keyset.hex), { root, host, now: status.iat });

  assert.deepEqual(
    [...(await readStatus(hex(status.hex), { keyset: keys, host, now: status.iat }))],
    status.ids,
  );
});

test("every bit of a document counts", async () => {
  const { host, keyset, status } = documents;
  for (const [document, read] of [
    [keyset.hex, (it) => readKeySet(it, { root, host, now: keyset.iat })],
    [status.hex, (it) => readStatus(it, { keyset: verify, host, now: status.iat })],
  ]) {
    const good = hex(document);
    assert.equal(await answer(() => read(good)), "ok");
    for (let bit = 0; bit < 8 * good.length; bit += 11) {
      const flipped = Uint8Array.from(good);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      assert.notEqual(await answer(() => read(flipped)), "ok", `bit ${bit}`);
    }
  }
});

test("digits and bytes are one to one", async () => {
  const { digits, refuse } = load("digits");
  for (const row of digits) {
    assert.equal(digitsOfBytes(hex(row.hex)), row.digits);
    assert.deepEqual(bytesOfDigits(row.digits), hex(row.hex));
  }
  for (const text of refuse) assert.equal(await answer(() => bytesOfDigits(text)), "malformed");
});

test("spoken codes are those of the vectors, however said", async () => {
  const { derive, read, refuse } = load("spoken");
  for (const { host, cti, code } of derive) assert.equal(spoken(host, hex(cti)), code);
  for (const { said, code } of read) assert.equal(heard(said), code);
  for (const said of refuse) assert.equal(await answer(() => heard(said)), "malformed");
});
