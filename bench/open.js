/**
 * Opening a receipt as the desk does without a line: `node bench/open.js ROUNDS CALLS` prints the
 * milliseconds a call took in each round, warm, as JSON. Keys and receipt are the fixed vectors'.
 */
import { readFileSync } from "node:fs";
import { ES256, HPKE_7, publicKey } from "../static/js/token/keys.js";
import { open } from "../static/js/token/open.js";

const load = (name) =>
  JSON.parse(
    readFileSync(new URL(`../tests/vectors/token/${name}.json`, import.meta.url), "utf-8"),
  );
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const raw = (text) => Buffer.from(text, "base64url");
const pointOf = ({ x, y }) => new Uint8Array(Buffer.concat([Buffer.from([4]), raw(x), raw(y)]));

const [rounds, calls] = process.argv.slice(2).map(Number);
const [{ text, host, now, signer, to }] = load("valid").vectors;
const { open: opening, verify } = load("opening-keys");
const named = (records, kid) => records.find((record) => record.kid === kid);
const { jwk, ...said } = named(verify, signer);
const window = { nbf: said.nbf, naf: said.naf, maxAge: said.max_age };
const keys = [
  await publicKey({
    kid: bytes(signer),
    use: said.use,
    alg: ES256,
    point: pointOf(jwk),
    window,
  }),
];
const lock = named(opening, to).jwk;
const held = await crypto.subtle.importKey(
  "jwk",
  lock,
  { name: "ECDH", namedCurve: "P-256" },
  false,
  ["deriveBits"],
);
const desk = {
  host,
  now,
  keyset: { keys },
  lent: [{ kid: to, key: held, point: pointOf(lock), alg: HPKE_7 }],
};

const spent = [];
// The first round warms up and does not count.
for (let round = 0; round <= rounds; round++) {
  const start = performance.now();
  for (let call = 0; call < calls; call++) await open(text, desk);
  if (round) spent.push((performance.now() - start) / calls);
}
process.stdout.write(`${JSON.stringify(spent)}\n`);
