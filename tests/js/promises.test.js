import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { stands } from "../../static/js/lib/promises.js";

const vectors = new URL("../vectors/log/proofs.json", import.meta.url);
const { inclusion } = JSON.parse(readFileSync(vectors, "utf-8"));
const ORIGIN = "tripseal.example.go.kr/log";

const hex = (base64) => Buffer.from(base64, "base64").toString("hex");
const file = ({ index, size, root, proof }) =>
  ["c2sp.org/tlog-proof@v1", `index ${index}`, ...proof, "", ORIGIN, size, root, "", "— x y"].join(
    "\n",
  );

test("a leaf stands where each published proof says", async () => {
  assert.ok(inclusion.length > 20);
  for (const one of inclusion) {
    const found = await stands(hex(one.leaf_hash), file(one));
    assert.deepEqual(found, { place: one.index + 1, size: one.size });
  }
});

const [some] = inclusion.filter(({ size, proof }) => size > 200 && proof.length > 4);
const zeros = Buffer.alloc(32).toString("base64");
const refused = {
  "another leaf": [{}, hex(zeros)],
  "another place": [{ index: some.index ^ 1 }],
  "a place behind the end": [{ index: some.size }],
  "another root": [{ root: zeros }],
  "a hash too many": [{ proof: [...some.proof, zeros] }],
  "a hash too few": [{ proof: some.proof.slice(1) }],
  "another hash": [{ proof: [zeros, ...some.proof.slice(1)] }],
  "no base64": [{ proof: ["?", ...some.proof.slice(1)] }],
  "a size of nothing": [{ size: 0 }],
  "a size with a zero in front": [{ size: `0${some.size}` }],
};

for (const [name, [change, leaf = hex(some.leaf_hash)]] of Object.entries(refused)) {
  test(`a proof with ${name} shows nothing`, async () => {
    assert.equal(await stands(leaf, file({ ...some, ...change })), undefined);
  });
}

test("noise shows nothing", async () => {
  for (const noise of ["", "\n\n", "c2sp.org/tlog-proof@v1\nindex 0\n\n", "<html></html>"]) {
    assert.equal(await stands(hex(some.leaf_hash), noise), undefined);
  }
});
