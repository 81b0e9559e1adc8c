import { LIMITS, look } from "./position.js";
import { metres } from "./words.js";

const MAY_FINISH_MS = 3_000;

/**
 * A look at where the phone is, while the stage tells how it goes.
 *
 * @param {import("./stage.js").Stage} stage
 * @returns {{ sight: Promise<import("./record.js").Sight>, finish: () => void }}
 *   `finish` takes what there is
 */
export function locate(stage) {
  const limits = limitsOf(stage.element.dataset);
  // The screen staying lit is a kindness only: a phone may refuse it.
  const lit = navigator.wakeLock?.request("screen").catch(() => undefined);
  const { sight, finish } = look({
    limits,
    onFix: ({ acc_cm }) => stage.fill({ accuracy: metres(acc_cm / 100) }),
  });
  const since = performance.now();
  stage.tick(200, () => {
    const passed = performance.now() - since;
    const ring = /** @type {SVGElement | null} */ (stage.element.querySelector(".touch__ring"));
    ring?.style.setProperty("--done", String(Math.min(1, passed / limits.any_ms)));
    if (passed > MAY_FINISH_MS) stage.reveal("finish");
  });
  const seen = sight.finally(async () => {
    stage.still();
    (await lit)?.release();
  });
  return { sight: seen, finish };
}

/** @param {DOMStringMap} given deadlines of the page, where it gives any: `any_ms` is `data-any-ms` */
function limitsOf(given) {
  const own = Object.keys(LIMITS)
    .map((name) => [name, given[camel(name)]])
    .filter(([, ms]) => ms !== undefined)
    .map(([name, ms]) => [name, Number(ms)]);
  return { ...LIMITS, ...Object.fromEntries(own) };
}

/** @param {string} name */
function camel(name) {
  return name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
