/**
 * What a desk says by itself, in the shape of the server's answer.
 *
 * @typedef {import("./answer.js").Answer} Answer
 * @typedef {import("./answer.js").Band} Band
 * @typedef {{ genuine: Record<string, Band>, payable: Band, why: Record<string, string>,
 *   foreign: string, ages: string, never: string, unknown: string, kinds: string[],
 *   trip: string }} Words  what the page brings, all in the reader's language
 */
import { filled } from "./answer.js";

const UNITS = /** @type {const} */ ([
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
]);

/** @param {number} seconds @param {string} language @returns {string} "3시간 전", "5 days ago" */
export function ago(seconds, language) {
  const say = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const [unit, size] = UNITS.find(([, long]) => seconds >= long) ?? ["minute", 60];
  return say.format(-Math.floor(seconds / size), unit);
}

/** @param {import("./desk.js").Ages} ages @param {Words} words @param {string} language */
export function aged({ keys, status }, words, language) {
  const say = (/** @type {number | undefined} */ age) =>
    age === undefined ? words.never : ago(age, language);
  return filled(words.ages, { k: say(keys), s: say(status) });
}

/**
 * @param {import("./desk.js").Verdict} verdict
 * @param {{ words: Words, language: string, at: number }} how
 * @returns {Answer}
 */
export function answerOf(verdict, { words, language, at }) {
  const { code, why, claims, number = "", unknown, ages } = verdict;
  const band = /** @type {Band} */ (words.genuine[code] ?? words.genuine.waiting);
  const age = aged(ages, words, language);
  const doubt = unknown ? words.unknown : "";
  const reason = [words.why[why], doubt, age].filter(Boolean).join(" · ");
  const answer = why === "wrong_host" ? words.foreign : band.answer;
  /** @type {Answer} */
  const said = {
    at: new Date(at).toISOString(),
    provisional: true,
    genuine: { ...band, answer, reason },
    payable: words.payable,
  };
  if (claims) {
    const kind = "kind" in claims ? (words.kinds[claims.kind] ?? "") : words.trip;
    const recorded = new Date(claims.iat * 1000).toISOString();
    said.read = { trip: claims.trip, number, kind_word: kind, recorded_at: recorded };
  }
  return said;
}
