import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Float, read } from "../../static/js/token/cbor.js";
import { isRevoked, readKeyset, readStatus } from "../../static/js/token/documents.js";
import { ED25519, ES256, FOREVER, HPKE_3, HPKE_7, publicKey } from "../../static/js/token/keys.js";
import { open } from "../../static/js/token/open.js";
import { NotHere, TokenRefused } from "../../static/js/token/refused.js";
import { spoken } from "../../static/js/token/spoken.js";

const load = (name) =>
  JSON.parse(readFileSync(new URL(`../vectors/token/${name}.json`, import.meta.url), "utf-8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const ALGS = { ES256, Ed25519: ED25519, "HPKE-7": HPKE_7, "HPKE-3": HPKE_3 };
const ES = { name: "ECDH", namedCurve: "P-256" };

const VALID = load("valid").vectors;
const ATTACKS = load("attacks").cases;
const DOCUMENTS = load("documents");
const OPENING = load("opening-keys");
const HOST = "trip.example.kr";
const [SAMPLE] = VALID;
const NOW = SAMPLE.now;

const pointOf = ({ crv, x, y }) =>
  new Uint8Array(
    Buffer.concat([
      Buffer.from(crv === "P-256" ? [4] : []),
      Buffer.from(x, "base64url"),
      Buffer.from(y ?? "", "base64url"),
    ]),
  );

function recordOf({ kid, use, alg, jwk, nbf = 0, naf = FOREVER, max_age = 34_560_000, withdrawn }) {
  const window = { nbf, naf, maxAge: max_age, withdrawn };
  return publicKey({ kid: bytes(kid), use, alg: ALGS[alg], point: pointOf(jwk), window });
}

async function lentOf({ kid, jwk }) {
  const key = await crypto.subtle.importKey("jwk", jwk, ES, false, ["deriveBits"]);
  return { kid, key, point: pointOf(jwk) };
}

const ROOT = await recordOf(load("root"));
const KEYSET = { keys: await Promise.all([...OPENING.verify, ...OPENING.open].map(recordOf)) };
const LENT = await Promise.all(OPENING.open.filter(({ alg }) => alg === "HPKE-7").map(lentOf));

/** What the desk answers to *text*: "ok", a code, or "not here". */
async function answer(text, { host = HOST, now = NOW, keyset_hex, status_hex, lent = LENT } = {}) {
  try {
    const keyset = keyset_hex
      ? await readKeyset(bytes(keyset_hex), { root: ROOT, host, now })
      : KEYSET;
    const status = status_hex
      ? await readStatus(bytes(status_hex), { keyset, host, now })
      : undefined;
    await open(text, { host, now, keyset, lent, status });
    return "ok";
  } catch (wrong) {
    if (wrong instanceof TokenRefused) return wrong.code;
    if (wrong instanceof NotHere) return "not here";
    throw wrong;
  }
}

for (const { name, host, now, text, open: said, profile } of VALID) {
  if (profile !== "default") continue;
  test(`${name}: opens to what was sealed`, async () => {
    const opened = await open(text, { host, now, keyset: KEYSET, lent: LENT });
    const { purpose, claims, kids } = said;
    assert.deepEqual(opened, { purpose, claims, kids });
  });
}

for (const attack of ATTACKS) {
  const { name, text, expect } = attack;
  if (name.startsWith("compact")) continue;
  test(`${name}: ${expect}`, async () => {
    assert.equal(await answer(text, attack), expect);
  });
}

test("a token of the other profile is left to the server, never refused", async () => {
  const compact = VALID.filter(({ profile }) => profile === "compact");
  assert.equal(compact.length, 4);
  for (const { text, host, now } of compact)
    assert.equal(await answer(text, { host, now }), "not here");
});

test("a token sealed to a key that was not lent is left to the server", async () => {
  assert.equal(await answer(SAMPLE.text, { lent: [] }), "not here");
  assert.equal(await answer(SAMPLE.text), "ok");
});

test("a token with any one bit flipped is refused", async () => {
  const token = bytes(SAMPLE.token_hex);
  for (let bit = 0; bit < 8 * token.length; bit += 1) {
    const flipped = token.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    const said = await answer(digitsOf(flipped));
    assert.ok(said !== "ok" && said !== "not here", `bit ${bit}: ${said}`);
  }
});

function digitsOf(token) {
  const widths = [0, 3, 5, 8, 10, 13, 15, 17];
  const groups = [];
  for (let at = 0; at < token.length; at += 7) {
    const part = token.slice(at, at + 7);
    const number = part.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    groups.push(String(number).padStart(widths[part.length], "0"));
  }
  return groups.join("");
}

test("digits written here are those of the vectors", () => {
  assert.equal(digitsOf(bytes(SAMPLE.token_hex)), SAMPLE.text.split("#")[1]);
});

// --- the two documents ------------------------------------------------------------------------

const keysetOf = (document = bytes(DOCUMENTS.keyset.hex), more = {}) =>
  readKeyset(document, { root: ROOT, host: HOST, now: NOW, ...more });
const statusOf = (document = bytes(DOCUMENTS.status.hex), more = {}) =>
  readStatus(document, { keyset: KEYSET, host: HOST, now: NOW, ...more });
const refusal = (code, at) => (wrong) =>
  wrong instanceof TokenRefused && wrong.code === code && wrong.at === at;

test("the keyset of the vectors reads, with its withdrawal", async () => {
  const { keys, seq, iat } = await keysetOf();
  assert.deepEqual([keys.length, seq, iat], [10, 7, DOCUMENTS.keyset.iat]);
  assert.equal(keys.find(({ kid }) => kid === "4304").window.withdrawn, 1_793_404_800);
  const held = { keys, seq, iat };
  assert.ok(await open(SAMPLE.text, { host: HOST, now: NOW, keyset: held, lent: LENT }));
});

test("the status list of the vectors reads, and holds what it holds", async () => {
  const list = await statusOf();
  assert.equal(list.seq, 41);
  for (const id of DOCUMENTS.status.ids) assert.ok(isRevoked(list, bytes(id)), id);
  for (const id of ["0000000000000000", "0000000000000002", "00000000000000c3"])
    assert.ok(!isRevoked(list, bytes(id)), id);
});

test("a document with any one byte changed is refused", async () => {
  for (const [name, reader] of [
    ["keyset", keysetOf],
    ["status", statusOf],
  ]) {
    const document = bytes(DOCUMENTS[name].hex);
    for (let at = 0; at < document.length; at += 3) {
      const changed = document.slice();
      changed[at] ^= 1;
      await assert.rejects(() => reader(changed), TokenRefused);
    }
  }
});

test("a document older than one seen before is stale", async () => {
  assert.equal((await keysetOf(undefined, { leastSeq: 7 })).seq, 7);
  await assert.rejects(() => keysetOf(undefined, { leastSeq: 8 }), refusal("stale_keys", "keyset"));
  await assert.rejects(
    () => statusOf(undefined, { leastSeq: 42 }),
    refusal("stale_status", "status"),
  );
});

test("a document from tomorrow is refused, one a minute ahead is not", async () => {
  const { iat } = DOCUMENTS.keyset;
  assert.equal((await keysetOf(undefined, { now: iat - 60 })).iat, iat);
  const early = () => keysetOf(undefined, { now: iat - 61 });
  await assert.rejects(early, refusal("not_yet_valid", "keyset"));
});

test("a document for another host, or by another key, is refused", async () => {
  const other = () => keysetOf(undefined, { host: "other.kr" });
  await assert.rejects(other, refusal("bad_signature", "keyset"));
  const stranger = await recordOf({ ...load("root"), jwk: OPENING.verify[0].jwk });
  await assert.rejects(
    () => keysetOf(undefined, { root: stranger }),
    refusal("bad_signature", "keyset"),
  );
  const none = () => statusOf(undefined, { keyset: { keys: [] } });
  await assert.rejects(none, refusal("unknown_key", "status"));
});

// --- CBOR has one spelling ----------------------------------------------------------------------

const SECOND_SPELLINGS = [
  ..."|1801|190001|1a00000001|1b0000000000000001|5801ff|42ff|9f01ff|5f41aaff".split("|"),
  ..."f4|f6|f7|f0|fb3ff0000000000000|fa3f800000|fa33800000|f97e00|f97c00|c001|d81c01|1c".split("|"),
  ..."a201010102|a202010102|a1616101|a1410101|a1f9000001|0101|61ff|81818181818100".split("|"),
  ..."a1a001|a18001|9bffffffffffffffff|5bffffffffffffffff|ff".split("|"),
  `91${"00".repeat(17)}`,
];

for (const spelling of SECOND_SPELLINGS) {
  test(`"${spelling}" is malformed`, () => {
    const data = bytes(spelling);
    assert.throws(() => read(data, "claims"), refusal("malformed", "claims"));
  });
}

test("numbers, floats and their widths are told apart", () => {
  const value = (hex) => read(bytes(hex), "claims");
  assert.deepEqual(["17", "1818", "20", "3a00010000"].map(value), [23, 24, -1, -65_537]);
  assert.equal(value("1bffffffffffffffff"), 18_446_744_073_709_551_615n);
  assert.equal(value("3bffffffffffffffff"), -18_446_744_073_709_551_616n);
  assert.deepEqual(value("f94000"), new Float(2));
  assert.deepEqual(value("f90001"), new Float(2 ** -24));
  assert.deepEqual(value("fa33000000"), new Float(2 ** -25));
  assert.deepEqual(value("fa4216cccd"), new Float(Math.fround(37.7)));
});

test("a megabyte of nests is refused at its fifth level", () => {
  const nest = new Uint8Array(1_000_000).fill(0x81);
  assert.throws(() => read(nest, "claims"), refusal("malformed", "claims"));
});

test("the number of a receipt is the one the server says", async () => {
  for (const { host, cti, code } of load("spoken").derive)
    assert.equal(await spoken(host, bytes(cti)), code.replaceAll("-", ""));
});
