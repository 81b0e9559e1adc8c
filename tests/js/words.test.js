import assert from "node:assert/strict";
import test from "node:test";
import { modules, path } from "../../static/js/lib/qr.js";
import { uuid7 } from "../../static/js/lib/uuid7.js";
import { clock, metres, numbered, won } from "../../static/js/lib/words.js";

test("an id sorts by time and says its version", () => {
  const ids = [1, 2 ** 33, 1_795_000_000_000].map((now) => uuid7(now));
  assert.deepEqual([...ids].sort(), ids);
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assert.equal(
    ids[2].slice(0, 13).replace("-", ""),
    (1_795_000_000_000).toString(16).padStart(12, "0"),
  );
});

test("two ids of one moment differ", () => {
  assert.notEqual(uuid7(1), uuid7(1));
});

test("a receipt's code has version 11 to 13, and dark corners", () => {
  const rows = modules(`HTTPS://TRIP.EXAMPLE.KR/V#${"7".repeat(560)}`);
  assert.ok([61, 65, 69].includes(rows.length));
  assert.ok(rows.every((row) => row.length === rows.length));
  for (const [y, x] of [
    [0, 0],
    [0, rows.length - 1],
    [rows.length - 1, 0],
  ])
    assert.ok(rows[y][x]);
});

test("dark modules are drawn as runs, four modules from the edge", () => {
  assert.equal(
    path([
      [true, true, false],
      [false, false, true],
    ]),
    "M4 4h2v1h-2zM6 5h1v1h-1z",
  );
});

test("numbers, sums and distances are said as people say them", () => {
  assert.equal(numbered("7K3MQT9D2XVA"), "7K3M-QT9D-2XVA");
  assert.deepEqual([won(20_000, "ko"), won(20_000, "en")], ["20,000원", "20,000 won"]);
  assert.deepEqual([metres(35.4), metres(1_800)], ["35\u00a0m", "1.8\u00a0km"]);
  assert.equal(clock("2026-11-23T01:21:00Z"), "10:21");
});
