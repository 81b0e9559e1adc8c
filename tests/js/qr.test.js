import assert from "node:assert/strict";
import { test } from "node:test";
import { modules, path } from "../../static/js/lib/qr.js";

const text = (digits) =>
  `HTTPS://TRIP.EXAMPLE.KR/V#${"90817263544536271".repeat(50).slice(0, digits)}`;

/** What a pen that follows the path leaves behind. */
function drawn(said, side) {
  const rows = Array.from({ length: side }, () => Array(side).fill(false));
  let [x, y] = [0, 0];
  for (const [, pen, dx, dy, length] of said.matchAll(/([Mm])(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    [x, y] = pen === "m" ? [x + Number(dx), y + Number(dy)] : [Number(dx), Number(dy)];
    rows[y - 4].fill(true, x - 4, x - 4 + Number(length));
  }
  return rows;
}

for (const [digits, version] of [
  [365, 11],
  [625, 12],
  [741, 13],
]) {
  test(`the path of ${digits} digits draws every module of version ${version}, in 16 KB`, () => {
    const rows = modules(text(digits));

    assert.equal(rows.length, 17 + 4 * version);
    assert.deepEqual(drawn(path(rows), rows.length), rows);
    assert.ok(path(rows).length <= 16_384);
  });
}
