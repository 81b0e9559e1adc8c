/** What two readers in JavaScript say to the cases of a file: `node bent.js FILE`. */
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import * as desk from "../../static/js/token/documents.js";
import { ED25519, ES256, FOREVER, HPKE_3, HPKE_7, publicKey } from "../../static/js/token/keys.js";
import { open as openAtDesk } from "../../static/js/token/open.js";
import { NotHere, TokenRefused } from "../../static/js/token/refused.js";
import { opener, verifier } from "./token/crypto.js";
import { readKeySet, readStatus } from "./token/documents.js";
import { openText } from "./token/open.js";
import { Refused } from "./token/refused.js";

const load = (name) =>
  JSON.parse(readFileSync(new URL(`../vectors/token/${name}.json`, import.meta.url), "utf-8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const { host, now, cases } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const files = load("opening-keys");

// --- the independent one ---

const byKid = (records, more) => new Map(records.map((it) => [it.kid, { ...it, ...more(it.jwk) }]));
const verify = byKid(files.verify, (jwk) => ({ verify: verifier(jwk) }));
const unseal = byKid(files.open, (jwk) => ({ unseal: opener(jwk) }));
const [trusted] = byKid([load("root")], (jwk) => ({ verify: verifier(jwk) })).values();

const INDEPENDENT = {
  token: ({ text }) => openText(text, { host, now, open: unseal, verify }),
  keyset: ({ hex }) => readKeySet(bytes(hex), { root: trusted, host, now }),
  status: ({ hex }) => readStatus(bytes(hex), { keyset: verify, host, now }),
};

// --- the desk's ---

const ALGS = { ES256, Ed25519: ED25519, "HPKE-7": HPKE_7, "HPKE-3": HPKE_3 };
const raw = (text) => Buffer.from(text ?? "", "base64url");
const pointOf = ({ crv, x, y }) =>
  new Uint8Array(Buffer.concat([Buffer.from(crv === "P-256" ? [4] : []), raw(x), raw(y)]));

function recordOf({ kid, use, alg, jwk, nbf = 0, naf = FOREVER, max_age = 34_560_000, withdrawn }) {
  const window = { nbf, naf, maxAge: max_age, withdrawn };
  return publicKey({ kid: bytes(kid), use, alg: ALGS[alg], point: pointOf(jwk), window });
}

async function lentOf({ kid, jwk }) {
  const kind = { name: "ECDH", namedCurve: "P-256" };
  const key = await webcrypto.subtle.importKey("jwk", jwk, kind, false, ["deriveBits"]);
  return { kid, key, point: pointOf(jwk) };
}

const root = await recordOf(load("root"));
const keyset = { keys: await Promise.all([...files.verify, ...files.open].map(recordOf)) };
const lent = await Promise.all(files.open.filter(({ alg }) => alg === "HPKE-7").map(lentOf));

const DESK = {
  token: ({ text }) => openAtDesk(text, { host, now, keyset, lent }),
  keyset: ({ hex }) => desk.readKeyset(bytes(hex), { root, host, now }),
  status: ({ hex }) => desk.readStatus(bytes(hex), { keyset, host, now }),
};

async function said(deed) {
  try {
    await deed();
    return "ok";
  } catch (wrong) {
    if (wrong instanceof TokenRefused || wrong instanceof Refused) return wrong.code;
    if (wrong instanceof NotHere) return "not here";
    return `${wrong.name}: ${wrong.message}`;
  }
}

const answers = [];
for (const one of cases)
  answers.push({
    desk: await said(() => DESK[one.kind](one)),
    independent: await said(() => INDEPENDENT[one.kind](one)),
  });
process.stdout.write(JSON.stringify(answers));
