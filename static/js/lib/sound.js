/**
 * What the station sounds like: extras, for the words carry the news.
 *
 * @typedef {"ok" | "caution" | "stop"} News
 * @typedef {{ hz: number, ms: number, times: number }} Tone
 */

/** @type {Record<News, Tone>} */
export const TONES = {
  ok: { hz: 880, ms: 90, times: 1 },
  caution: { hz: 440, ms: 90, times: 2 },
  stop: { hz: 220, ms: 350, times: 1 },
};
const GAIN = 0.2;

/**
 * The worse of two signs decides.
 *
 * @param {string} genuine the mark of each band
 * @param {string} payable
 * @returns {News}
 */
export function newsOf(genuine, payable) {
  if (genuine === "bad" || payable === "bad") return "stop";
  return genuine === "ok" && payable === "ok" ? "ok" : "caution";
}

/**
 * @param {AudioContext} audio
 * @param {News} news
 */
export function play(audio, news) {
  const { hz, ms, times } = TONES[news];
  const long = ms / 1000;
  for (let turn = 0; turn < times; turn += 1) {
    const voice = new OscillatorNode(audio, { frequency: hz });
    const gain = new GainNode(audio, { gain: GAIN });
    voice.connect(gain).connect(audio.destination);
    const start = audio.currentTime + turn * 2 * long;
    voice.start(start);
    voice.stop(start + long);
  }
}
