import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { canonical, fix, record, signingChallenge } from "../../static/js/lib/record.js";

const vectors = JSON.parse(
  readFileSync(new URL("../vectors/log/canonical.json", import.meta.url), "utf8"),
);
const DEVICE = {
  automated: false,
  form: "phone",
  motion: "unknown",
  patched: false,
  utc_offset_min: 540,
};
const CHALLENGE = { id: "01936f2e-7c00-7000-8000-000000000002" };
const TOUCH = {
  id: "01936f2e-7c00-7000-8000-000000000001",
  kind: "arrive",
  trip: null,
  at_ms: 1_795_000_000_123.9,
  sight: { state: "refused", fixes: [], errors_between: 4_000 },
  device: DEVICE,
};

test("canonical text is that of the log's own vectors", () => {
  for (const { value, bytes } of vectors.accept) assert.equal(canonical(value), bytes);
});

test("a fraction has no spelling", () => {
  for (const value of [0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => canonical({ value }), RangeError);
  }
});

test("a touch has one spelling, whole and in order", () => {
  const text = record(TOUCH, CHALLENGE);
  assert.equal(
    text,
    '{"at_ms":1795000000123,"challenge":"01936f2e-7c00-7000-8000-000000000002",' +
      '"device":{"automated":false,"form":"phone","motion":"unknown","patched":false,' +
      '"utc_offset_min":540},"errors_between":1000,"fixes":[],' +
      '"id":"01936f2e-7c00-7000-8000-000000000001","kind":"arrive","mono_ms":null,' +
      '"photo_sha256":null,"repair":false,"site":null,"state":"refused","trip":null,"v":1}',
  );
  assert.equal(canonical(JSON.parse(text)), text);
});

test("how long ago the beacon was read is told where it is known", () => {
  assert.match(record(TOUCH, { ...CHALLENGE, mono_ms: 61_000 }), /"mono_ms":61000,/);
});

test("who was not located says so in the words of a refusal", () => {
  const { sight, ...unseen } = TOUCH;
  assert.equal(sight.state, "refused");
  assert.match(record(unseen, CHALLENGE), /"fixes":\[\],.*"state":"refused"/);
});

test("what is signed is framed: purpose, length, record, nonce", async () => {
  const [text, nonce] = ['{"v":1}', new Uint8Array(32).map((_, index) => index)];
  const frame = Buffer.concat([
    Buffer.from("tripseal/check-in/1\0"),
    Buffer.from([0, 0, 0, 7]),
    Buffer.from(text),
    nonce,
  ]);
  const expected = createHash("sha256").update(frame).digest("hex");
  assert.equal(Buffer.from(await signingChallenge(text, nonce)).toString("hex"), expected);
});

test("a position is rounded half away from zero, to seven decimals and centimetres", () => {
  const coords = { latitude: -35.00000005, longitude: 128.12345675, accuracy: 12.345 };
  const { lat_e7, lon_e7, acc_cm, fix_ms, seen_ms, ...rest } = fix(
    { coords, timestamp: 1_795_000_000_000.7 },
    1_795_000_000_100.2,
  );
  assert.deepEqual([lat_e7, lon_e7, acc_cm], [-350_000_001, 1_281_234_568, 1_235]);
  assert.deepEqual([fix_ms, seen_ms], [1_795_000_000_000, 1_795_000_000_100]);
  assert.deepEqual(rest, {});
});

test("a position that cannot be one on Earth is left out, and no touch is refused for it", () => {
  const good = { latitude: 35, longitude: 128, accuracy: 5 };
  for (const bad of [
    { latitude: 91 },
    { longitude: -181 },
    { accuracy: -1 },
    { accuracy: 2e7 + 1 },
    { latitude: Number.NaN },
    { longitude: undefined },
  ]) {
    assert.equal(fix({ coords: { ...good, ...bad }, timestamp: 1 }, 2), undefined);
  }
  assert.equal(fix({ coords: good, timestamp: -1 }, 2), undefined);
  const { alt_cm, altacc_cm } = fix(
    { coords: { ...good, altitude: 1e9, altitudeAccuracy: 3 }, timestamp: 1 },
    2,
  );
  assert.deepEqual([alt_cm, altacc_cm], [undefined, 300]);
});
