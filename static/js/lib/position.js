import { fix } from "./record.js";

/**
 * @typedef {import("./record.js").Fix} Fix
 * @typedef {import("./record.js").Sight} Sight
 * @typedef {typeof LIMITS} Limits
 */

/** How long to look, in milliseconds, and how well, in centimetres (ux.md §5.1). */
export const LIMITS = {
  fine_cm: 5_000,
  fine_fixes: 5,
  settle_ms: 4_000,
  usable_cm: 20_000,
  usable_ms: 8_000,
  any_ms: 12_000,
  end_ms: 20_000,
};

const MOST_FIXES = 32;
const REFUSED = 1;
const UNAVAILABLE = 2;

/**
 * A fresh look at where the phone is. Its `sight` never rejects: a touch does not wait on GPS.
 *
 * @param {{ limits?: Limits, onFix?: (best: Fix) => void, now?: () => number }} options
 * @returns {{ sight: Promise<Sight>, finish: () => void }} `finish` takes what there is
 */
export function look({ limits = LIMITS, onFix = () => {}, now = Date.now } = {}) {
  const { geolocation } = navigator;
  const { promise: sight, resolve } = settling();
  if (!geolocation) {
    resolve({ state: "unsupported", fixes: [], errors_between: 0 });
    return { sight, finish: () => {} };
  }
  /** @type {Fix[]} */
  const fixes = [];
  /** @type {ReturnType<typeof setTimeout>[]} */
  const timers = [];
  let errors_between = 0;
  let errors_since = 0;
  let why = "timeout";

  const finish = () => {
    geolocation.clearWatch(watch);
    timers.forEach(clearTimeout);
    resolve({ state: fixes.length ? "given" : why, fixes, errors_between });
  };
  const best = () => fixes.reduce((a, b) => (b.acc_cm < a.acc_cm ? b : a));
  /** @param {number} ms @param {() => boolean} enough */
  const after = (ms, enough) => timers.push(setTimeout(() => enough() && finish(), ms));

  /** @param {GeolocationPosition} seen */
  const onSeen = (seen) => {
    const one = fix(seen, now());
    if (!one) return;
    errors_between += errors_since;
    errors_since = 0;
    const settled = fixes.some(({ acc_cm }) => acc_cm <= limits.fine_cm);
    fixes.push(one);
    onFix(best());
    if (best().acc_cm <= limits.fine_cm) {
      if (!settled) after(limits.settle_ms, () => true);
      if (fixes.length >= limits.fine_fixes) finish();
    }
    if (fixes.length === MOST_FIXES || late) finish();
  };
  /** @param {GeolocationPositionError} error */
  const onError = ({ code }) => {
    if (code === REFUSED && fixes.length === 0) {
      why = "refused";
      finish();
    } else if (code === UNAVAILABLE) {
      why = "unavailable";
      errors_since += fixes.length ? 1 : 0;
      if (late && !fixes.length) finish();
    }
  };

  let late = false;
  after(limits.usable_ms, () => fixes.length > 0 && best().acc_cm <= limits.usable_cm);
  after(limits.any_ms, () => {
    late = true;
    return fixes.length > 0 || why === "unavailable";
  });
  after(limits.end_ms, () => true);
  const watch = geolocation.watchPosition(onSeen, onError, {
    enableHighAccuracy: true,
    maximumAge: 0,
  });
  return { sight, finish };
}

function settling() {
  /** @type {(sight: Sight) => void} */
  let resolve = () => {};
  /** @type {Promise<Sight>} */
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
