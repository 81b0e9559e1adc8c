import assert from "node:assert/strict";
import test from "node:test";
import { nearest, next } from "../../static/js/lib/shell.js";

const HOUR = 60 * 60 * 1000;
const NOW = 1_795_000_000_000;

function trip(uid, { kind = "arrive", from = 0, until = 4 } = {}) {
  return { uid, kind, from_ms: NOW + from * HOUR, until_ms: NOW + until * HOUR };
}

test("the trip that is meant comes first: under way, soon, later, past, touched through", () => {
  const trips = [
    trip("through", { kind: "" }),
    trip("past", { from: -9, until: -5 }),
    trip("later", { from: 9, until: 12 }),
    trip("soon", { from: 1.9, until: 5 }),
    trip("under way", { kind: "return", from: -30, until: -1 }),
  ];
  const order = nearest(trips, NOW).map(({ uid }) => uid);
  assert.deepEqual(order, ["under way", "soon", "later", "past", "through"]);
});

test("two hours before it begins a trip is meant, and not a second earlier", () => {
  const [just, early] = [trip("just", { from: 2 }), trip("early", { from: 2.0003 })];
  const past = trip("past", { from: -1.5, until: -0.5 });
  assert.equal(nearest([past, just], NOW)[0].uid, "just");
  const later = trip("later", { from: 2.0002 });
  assert.deepEqual(
    nearest([early, later], NOW).map(({ uid }) => uid),
    ["later", "early"],
  );
});

test("a trip that was over two days ago is not shown", () => {
  assert.deepEqual(nearest([trip("old", { from: -60, until: -48.1 })], NOW), []);
  assert.equal(nearest([trip("old", { from: -60, until: -47.9 })], NOW).length, 1);
});

test("what waits to be sent is counted in, unless it was taken back", () => {
  const here = trip("here");
  const arrived = { id: "1", kind: "arrive", trip: "here" };
  assert.equal(next(here, []), "arrive");
  assert.equal(next(here, [{ ...arrived, trip: "elsewhere" }]), "arrive");
  assert.equal(next(here, [arrived]), "return");
  assert.equal(next(here, [arrived, { id: "2", kind: "withdrawal", of: "1" }]), "arrive");
  assert.equal(next(here, [arrived, { id: "3", kind: "return", trip: "here" }]), "");
});

test("a trip that was touched through stays so", () => {
  assert.equal(next(trip("here", { kind: "" }), []), "");
});
