import assert from "node:assert/strict";
import test from "node:test";
import { LIMITS, look } from "../../static/js/lib/position.js";

/** A sky that says what it is told to; time passes by the mock's own hand. */
function sky(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const watch = {};
  const geolocation = {
    watchPosition: (seen, failed) => {
      Object.assign(watch, { seen, failed });
      return 7;
    },
    clearWatch: (id) => {
      watch.cleared = id;
    },
  };
  Object.defineProperty(globalThis, "navigator", {
    value: { geolocation },
    configurable: true,
  });
  return {
    watch,
    fix: (accuracy) =>
      watch.seen({ coords: { latitude: 35.1, longitude: 128.2, accuracy }, timestamp: 1_000 }),
    fail: (code) => watch.failed({ code }),
    later: (ms) => t.mock.timers.tick(ms),
  };
}

test("five fine fixes are enough at once", async (t) => {
  const here = sky(t);
  const { sight } = look();
  for (let n = 0; n < 5; n++) here.fix(12);
  const { state, fixes } = await sight;
  assert.deepEqual([state, fixes.length, here.watch.cleared], ["given", 5, 7]);
});

test("one fine fix is settled four seconds later", async (t) => {
  const here = sky(t);
  const { sight } = look();
  here.fix(30);
  here.later(LIMITS.settle_ms);
  assert.equal((await sight).fixes.length, 1);
});

test("after eight seconds the best of 200 m or better is taken", async (t) => {
  const here = sky(t);
  const { sight } = look();
  here.fix(180);
  here.later(LIMITS.usable_ms);
  assert.equal((await sight).fixes[0].acc_cm, 18_000);
});

test("a rough position is waited on until twelve seconds, then taken as it is", async (t) => {
  const here = sky(t);
  let settled = false;
  const { sight } = look();
  sight.then(() => {
    settled = true;
  });
  here.fix(2_500);
  here.later(LIMITS.usable_ms);
  await Promise.resolve();
  assert.equal(settled, false);
  here.later(LIMITS.any_ms - LIMITS.usable_ms);
  assert.equal((await sight).state, "given");
});

test("a no is taken at once", async (t) => {
  const here = sky(t);
  const { sight } = look();
  here.fail(1);
  assert.deepEqual(await sight, { state: "refused", fixes: [], errors_between: 0 });
});

test("nothing at all ends as timeout, never later than twenty seconds", async (t) => {
  const here = sky(t);
  const { sight } = look();
  here.later(LIMITS.end_ms);
  assert.equal((await sight).state, "timeout");
});

test("an unavailable position ends at twelve seconds", async (t) => {
  const here = sky(t);
  const { sight } = look();
  here.fail(2);
  here.later(LIMITS.any_ms);
  assert.equal((await sight).state, "unavailable");
});

test("errors count only where fixes stand on both sides of them", async (t) => {
  const here = sky(t);
  const { sight, finish } = look();
  here.fail(2);
  here.fix(90);
  here.fail(2);
  here.fix(80);
  here.fail(2);
  finish();
  assert.equal((await sight).errors_between, 1);
});

test("a browser without positions says so", async () => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  assert.equal((await look().sight).state, "unsupported");
});
