/**
 * The server's answer to a touch, as the stage shows it: the state it led to, the words for
 * its gaps and the parts to reveal. Loaded when a touch is on its way, with what draws the code.
 */
import { system } from "./device.js";
import { draw } from "./qr.js";
import { clock, metres, numbered, won } from "./words.js";

const BUZZ = { ok: [60], weak: [40, 60, 40], supplement: [40, 60, 40], invalid: [200] };
const WEAK_CM = 20_000;

/**
 * @param {import("./stage.js").Stage} stage
 * @param {any} answer
 * @param {import("./record.js").Sight | undefined} sight what the touch saw of its place
 */
export function showResult(stage, answer, sight) {
  // Without a consent in force the server left the position out: then none was kept.
  const kept = answer.position === "left-out" ? [] : (sight?.fixes ?? []);
  const best = Math.min(...kept.map(({ acc_cm }) => acc_cm));
  const state = stateOf(answer, best);
  const { total } = answer.expected;
  stage.show(state, {
    kind: answer.kind,
    trip: answer.trip,
    words: {
      accuracy: Number.isFinite(best) ? metres(best / 100) : undefined,
      number: answer.token ? numbered(answer.token.spoken) : undefined,
      missing: lines(answer.missing, korean()),
      // The last of its words is the nearest: "…, 성산구 용호동".
      place: answer.place?.split(" ").at(-1),
      qr: answer.verdict === "INVALID" || !answer.token ? undefined : codeOf(stage, answer),
      reasons: lines(answer.reasons, korean()),
      time: clock(answer.recorded_at),
      won: total === null ? undefined : won(total, document.documentElement.lang),
    },
  });
  for (const part of partsOf(answer, sight)) stage.reveal(part);
  inOrder(stage.element, answer.missing);
  for (const how of stage.element.querySelectorAll("details[data-how]")) {
    how.toggleAttribute("open", how.getAttribute("data-how") === system());
  }
  buzz(BUZZ[/** @type {keyof typeof BUZZ} */ (state)] ?? BUZZ.ok);
}

/**
 * What had waited was sent: how many, and the receipt of the last.
 *
 * @param {import("./stage.js").Stage} stage
 * @param {any} answer
 * @param {{ count: number, touch: import("./outbox.js").Touch }} what
 */
export function showLate(stage, answer, { count, touch }) {
  const whole = answer.verdict !== "INVALID" && touch.of === undefined && Boolean(answer.token);
  stage.show("sent-late", {
    kind: answer.kind,
    trip: answer.trip,
    words: {
      count: String(count),
      number: whole ? numbered(answer.token.spoken) : undefined,
      qr: whole ? codeOf(stage, answer) : undefined,
      reasons: whole || touch.of ? undefined : lines(answer.reasons, korean()),
      between: between(answer),
      pressed: answer.claimed_at ? undefined : clock(new Date(touch.at_ms).toJSON()),
    },
  });
  stage.reveal(touch.of ? "withdrawn" : answer.verdict);
}

/**
 * @param {import("./stage.js").Stage} stage
 * @param {{ token: { text: string, spoken: string } }} answer
 */
function codeOf(stage, { token: { text, spoken } }) {
  return draw(text, `${stage.said("qrName")} ${numbered(spoken)}`);
}

/**
 * @param {any} answer
 * @param {number} best_cm of the position it brought; without end where it brought none
 */
function stateOf({ verdict }, best_cm) {
  if (verdict === "INVALID") return "invalid";
  if (!Number.isFinite(best_cm)) return "no-position";
  if (best_cm > WEAK_CM) return "weak";
  return verdict === "SUPPLEMENT" ? "supplement" : "ok";
}

/**
 * @param {any} answer
 * @param {import("./record.js").Sight | undefined} sight
 * @returns {string[]}
 */
function partsOf({ verdict, missing, expected, position }, sight) {
  const parts = [verdict, ...missing.map((/** @type {{ code: string }} */ { code }) => code)];
  if (expected.total === null) parts.push("no-sum");
  if (position === "left-out") parts.push("why-left-out");
  if (sight && sight.state !== "given") parts.push(`why-${sight.state}`);
  return parts;
}

/**
 * @param {{ why_ko: string, why_en: string }[]} said
 * @param {boolean} korean
 */
function lines(said, korean) {
  const list = document.createDocumentFragment();
  for (const { why_ko, why_en } of said) {
    const line = document.createElement("li");
    line.textContent = korean ? why_ko : why_en;
    list.append(line);
  }
  return said.length ? list : undefined;
}

/**
 * The ways to one more item, the cheapest for this touch first; what was not named stays last.
 *
 * @param {HTMLElement} element
 * @param {{ code: string }[]} missing
 */
function inOrder(element, missing) {
  const named = missing.map(({ code }) => code);
  for (const list of element.querySelectorAll(".ways")) {
    const place = (/** @type {Element} */ way) => {
      const codes = (way.getAttribute("data-for") ?? "").split(" ");
      const found = named.findIndex((code) => codes.includes(code));
      return found < 0 ? named.length : found;
    };
    list.append(...[...list.children].sort((a, b) => place(a) - place(b)));
  }
}

/** When it was pressed: by the phone within bounds, or between bounds where that is all we know. */
function between(/** @type {any} */ { earliest_at, claimed_at, recorded_at }) {
  if (claimed_at || !earliest_at) return clock(claimed_at ?? recorded_at);
  return `${clock(earliest_at)}–${clock(recorded_at)}`;
}

const korean = () => document.documentElement.lang.startsWith("ko");

/** @param {number[]} pattern a page that nobody touched yet, after a reload, may not */
function buzz(pattern) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}
