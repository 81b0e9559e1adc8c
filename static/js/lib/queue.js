/**
 * Codes that wait for the server. A text is taken out only once it was answered for.
 *
 * @typedef {{ text: string, source: string, at: number, verdict: string, answer: string }} Waiting
 *   *verdict* and *answer*: what the desk said by itself, as a code and in words
 */
import { store } from "./store.js";

/** More than a desk reads in days; a list without an end would fill the machine. */
const MOST = 1_000;

/** @param {Waiting} one @returns {Promise<boolean>} whether there was room; the same text is kept once */
export async function queue(one) {
  const change = (await store()).transaction("queue", "readwrite");
  const known = await change.store.get(one.text);
  const room = known !== undefined || (await change.store.count()) < MOST;
  if (room && !known) await change.store.put(one);
  await change.done;
  return room;
}

/** @returns {Promise<Waiting[]>} in the order they were read */
export async function waiting() {
  const all = /** @type {Waiting[]} */ (await (await store()).getAll("queue"));
  return all.sort((a, b) => a.at - b.at);
}

/** @param {string} text */
export const settled = async (text) => (await store()).delete("queue", text);
