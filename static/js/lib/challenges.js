/**
 * The server's questions: a live one at the touch, or one held for the time without a line.
 * Each is good for one touch; one that was handed out stays here as taken, for the server
 * counts it as waiting until it is answered.
 *
 * @typedef {import("./outbox.js").Question} Question
 * @typedef {Question & { owner: string, trip: string | null, until: number, came: number,
 *                        taken: boolean }} Held
 */
import { post, waits } from "./http.js";
import { held, phone } from "./phone.js";

const SOON_MS = 6_000;
/** Of one trip, and spare ones for a touch without an order. */
const MOST = 5;
const SPARE = 2;
const TRIPS = 5;
const FRESH_MS = 10 * 60_000;

/**
 * @param {string} url
 * @param {{ owner: string, trip: string | null }} whose
 * @returns {Promise<Question>}
 */
export async function question(url, { owner, trip }) {
  try {
    const how = { signal: AbortSignal.timeout(SOON_MS) };
    const said = await post(url, { trip, count: 1, device: await deviceOf(owner) }, how);
    return questions(said)[0];
  } catch (refusal) {
    const found = waits(refusal) ? await take(owner, trip) : undefined;
    if (!found) throw refusal;
    return found;
  }
}

/** @param {{ challenges: any[], beacon: string }} said */
function questions({ challenges, beacon }) {
  const read = { origin: performance.timeOrigin, at: performance.now() };
  return challenges.map(({ id, nonce }) => ({ id, nonce, beacon, read }));
}

/**
 * One that is held: two tabs never sign the same one.
 *
 * @param {string} owner
 * @param {string | null} trip
 * @returns {Promise<Question | undefined>}
 */
async function take(owner, trip) {
  const change = (await phone()).transaction("challenges", "readwrite");
  const all = /** @type {Held[]} */ (await change.store.getAll());
  const fit = all.filter((one) => isFree(one, owner, trip) || isFree(one, owner, null));
  // Spare ones last; else any of them, for another browser of theirs may hold the same.
  fit.sort((a, b) => Number(a.trip === null) - Number(b.trip === null) || Math.random() - 0.5);
  const [one] = fit;
  if (one) await change.store.put({ ...one, taken: true });
  await change.done;
  return one && { id: one.id, nonce: one.nonce, beacon: one.beacon, read: one.read };
}

/** @param {Question} question nothing was signed with it after all */
export async function giveBack({ id }) {
  const change = (await phone()).transaction("challenges", "readwrite");
  const one = await change.store.get(id);
  if (one) await change.store.put({ ...one, taken: false });
  await change.done;
}

/**
 * Hold enough for the trips near, and throw away what is over. A beacon that is new says more.
 *
 * @param {string} url
 * @param {{ owner: string, trips: (string | null)[] }} whose
 */
export async function topUp(url, { owner, trips }) {
  const all = await swept();
  const device = await deviceOf(owner);
  for (const trip of trips.slice(0, TRIPS)) {
    const count = trip ? MOST : SPARE;
    const mine = all.filter((one) => isFree(one, owner, trip));
    if (mine.length >= count - 1 && mine.every((one) => Date.now() - one.came < FRESH_MS)) continue;
    const said = await post(url, { trip, count, held: true, device });
    await put(said, { owner, trip });
  }
}

/** @param {any} said @param {{ owner: string, trip: string | null }} whose */
async function put(said, whose) {
  const change = (await phone()).transaction("challenges", "readwrite");
  const came = Date.now();
  for (const [index, one] of questions(said).entries()) {
    const { issued_ms, life_s } = said.challenges[index];
    const known = await change.store.get(one.id);
    const until = issued_ms + life_s * 1000;
    await change.store.put({ ...one, ...whose, until, came, taken: known?.taken ?? false });
  }
  await change.done;
}

/** @returns {Promise<Held[]>} */
async function swept() {
  const change = (await phone()).transaction("challenges", "readwrite");
  const all = /** @type {Held[]} */ (await change.store.getAll());
  const over = all.filter(({ until }) => until < Date.now());
  await Promise.all(over.map(({ id }) => change.store.delete(id)));
  await change.done;
  return all.filter((one) => !over.includes(one));
}

/** @param {Held} one @param {string} owner @param {string | null} trip */
const isFree = (one, owner, trip) =>
  one.owner === owner && one.trip === trip && !one.taken && one.until > Date.now();

/** @param {string} owner @returns {Promise<string | null>} the browser's own key, by its id */
async function deviceOf(owner) {
  const key = await held(`device-key ${owner}`);
  return key?.state === "live" ? key.device : null;
}

/**
 * How long ago the beacon was read, by the clock that is never set: known to the page that
 * read it alone.
 *
 * @param {Question} question
 */
export function dated({ id, read }) {
  const runs = read?.origin === performance.timeOrigin;
  return { id, mono_ms: read && runs ? Math.floor(performance.now() - read.at) : null };
}
