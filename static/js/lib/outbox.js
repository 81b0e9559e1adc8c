/**
 * Touches on their way. One is on the disk before its request leaves, in the very words that
 * are sent, and is taken out only once the server has answered for it.
 *
 * @typedef {{ id: string, nonce: string, beacon?: string, read?: { origin: number, at: number } }}
 *   Question  *beacon* and *read* of one that was held for the time without a line
 * @typedef {{
 *   owner: string, id: string, kind: string, trip: string | null, at_ms: number,
 *   device?: import("./record.js").Device, sight?: import("./record.js").Sight, site?: string,
 *   consent?: Record<string, string>, challenge?: Question,
 *   record?: string, proof?: Record<string, string>, of?: string,
 *   tries?: number, next_ms?: number, firm?: boolean, stuck?: boolean,
 *   why?: { code: string, detail: string }, instead?: string,
 * }} Touch
 *   *of*: the touch that a withdrawal takes back · *firm*: the server named the wait ·
 *   *stuck*: it was refused for good, and goes out again only when somebody asks for it ·
 *   *instead*: the touch it stands for under a new name, let go of once this one is signed
 */
import { phone } from "./phone.js";
import { uuid7 } from "./uuid7.js";

const CHANNEL = "tripseal-outbox";

/** @param {Touch} touch resolves once it is on the disk */
export async function keep(touch) {
  const change = (await phone()).transaction("outbox", "readwrite", { durability: "strict" });
  await change.store.put(touch);
  await change.done;
  tell({ news: "changed" });
}

/** @param {string} id */
export async function forget(id) {
  await (await phone()).delete("outbox", id);
  tell({ news: "changed" });
}

/**
 * @param {string} owner only their own
 * @returns {Promise<Touch[]>} in the order they were pressed
 */
export async function waiting(owner) {
  const all = /** @type {Touch[]} */ (await (await phone()).getAll("outbox"));
  return all.filter((one) => one.owner === owner).sort((a, b) => a.at_ms - b.at_ms);
}

/** What the server says of a name that another record has already. */
export const TAKEN = "check-in.id-reused";

/** @param {Touch} touch the same deed under a new name, to be signed anew @returns {Touch} */
export const renamed = ({ owner, id, kind, trip, at_ms, device, sight, site }) => ({
  ...{ owner, id: uuid7(), kind, trip, at_ms, device, sight, site },
  instead: id,
});

/** @param {Touch} touch whether nothing is left to do but to send it */
export const isReady = (touch) => touch.of !== undefined || touch.proof !== undefined;

/**
 * @typedef {{ news: "changed" } | { news: "sent", touch: Touch, answer: any }} News
 * @param {News} news for every page of ours that is open, this one too
 */
export function tell(news) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(news);
  channel.close();
}

/**
 * @param {(news: News) => void} deed
 * @returns {() => void} ends it
 */
export function listen(deed) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", ({ data }) => deed(data));
  return () => channel.close();
}
