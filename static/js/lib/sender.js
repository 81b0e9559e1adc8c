/**
 * Empties the outbox: one tab at a time, each touch in the same words until it is answered for.
 *
 * @typedef {import("./outbox.js").Touch} Touch
 * @typedef {{ api: string, consents: string, shell: string, who: string }} Addresses
 *   *api*: of batches · *who*: says who is signed in
 * @typedef {"due" | "line" | "asked"} Why  its wait is over, a line is there again, or
 *   somebody wants it now
 * @typedef {{ touch: Touch, answer?: any, refusal?: Refused | Unreached }} Outcome
 */
import { get, post, Refused, Unreached } from "./http.js";
import { forget, isReady, keep, tell, waiting } from "./outbox.js";
import { keepPromise } from "./promises.js";

const LOCK = "tripseal-outbox";
const SOON_MS = 20_000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** As many as fit into one body, were each as large as one may be. */
const TOGETHER = 12;

/**
 * Send what is due of *owner*'s; *urgent* names one that was just pressed, and goes first.
 *
 * @param {{ owner: string, addresses: Addresses, urgent?: string, why?: Why }} what
 * @returns {Promise<Outcome[]>}
 */
export function empty({ owner, addresses, urgent, why = "due" }) {
  return navigator.locks.request(LOCK, async () => {
    const mine = (await waiting(owner)).filter(isReady);
    const due = mine.filter((one) => one.id === urgent || isDue(one, why));
    due.sort((a, b) => Number(b.id === urgent) - Number(a.id === urgent));
    /** @type {Outcome[]} */
    const outcomes = [];
    for (const several of parcels(due, mine)) {
      const done = await delivered(several, addresses);
      outcomes.push(...done);
      if (done.some(({ refusal }) => refusal && endsTheRound(refusal))) break;
    }
    return outcomes;
  });
}

/**
 * A touch that was taken back while it waited goes out with its withdrawal right behind it:
 * the server leaves seconds for it.
 *
 * @param {Touch[]} due
 * @param {Touch[]} mine
 */
function parcels(due, mine) {
  const touches = due.filter(({ of }) => !of || !mine.some(({ id }) => id === of));
  const pairs = touches.map((one) => [one, ...mine.filter(({ of }) => of === one.id)]);
  /** @type {Touch[][]} */
  const parcels = [];
  for (const pair of pairs) {
    const last = parcels.at(-1);
    if (last && last.length + pair.length <= TOGETHER) last.push(...pair);
    else parcels.push(pair);
  }
  return parcels;
}

/** @param {Touch} touch @param {Why} why */
function isDue({ next_ms = 0, firm = false, stuck = false }, why) {
  if (why === "asked") return true;
  if (stuck) return false;
  const left = next_ms - Date.now();
  // A clock that was set back makes no wait longer.
  if (left <= 0 || left > LONGEST_WAIT_MS) return true;
  return why === "line" && !firm;
}

/** @param {Touch[]} several @param {Addresses} addresses @returns {Promise<Outcome[]>} */
async function delivered(several, addresses) {
  const [{ owner }] = several;
  try {
    const answers = await renewing({ owner, addresses }, () => deliver(several, addresses));
    return await Promise.all(several.map((touch, index) => settled(touch, answers[index])));
  } catch (refusal) {
    if (!(refusal instanceof Refused || refusal instanceof Unreached)) throw refusal;
    if (several.length > 1 && refusal instanceof Refused && refusal.status === 500) {
      // One of them may be at fault; it shall hold up none of the others.
      const alone = [];
      for (const touch of several) alone.push(...(await delivered([touch], addresses)));
      return alone;
    }
    return Promise.all(several.map((touch) => postponed(touch, refusal)));
  }
}

/** @param {Touch[]} several @param {Addresses} addresses @returns {Promise<any[]>} */
async function deliver(several, { api, consents }) {
  const how = { signal: AbortSignal.timeout(SOON_MS) };
  for (const touch of several) {
    if (touch.consent) await post(consents, touch.consent, how);
    delete touch.consent;
  }
  const [{ owner: person }] = several;
  return (await post(api, { person, envelopes: several.map(envelope) }, how)).answers;
}

/** @param {HTMLElement} element @returns {Addresses} */
export function addressesOf({ dataset }) {
  const { batches: api = "", consents = "", shell = "", who = "" } = dataset;
  return { api, consents, shell, who };
}

/** What is sent of a touch, and saved to a file. @param {Touch} touch */
export function envelope({ id, record, proof, challenge, of }) {
  if (of) return { withdraws: of };
  return { id, record, proof, beacon: challenge?.beacon ?? null, sent_ms: Date.now() };
}

/** @param {Touch} touch @param {any} said @returns {Promise<Outcome>} */
async function settled(touch, { status, answer, refusal }) {
  if (!answer) return postponed(touch, new Refused(status, refusal));
  // First the promise: after it the touch may be forgotten, not before.
  await keepPromise(touch.owner, answer);
  await forget(touch.id);
  tell({ news: "sent", touch, answer });
  return { touch, answer };
}

/**
 * A page that was kept for the time without a line, or stood open over a sign-in, has an old
 * token against forged requests. It gets a new one, unless somebody else is signed in by now.
 *
 * @template T
 * @param {{ owner: string, addresses: Addresses }} whose
 * @param {() => Promise<T>} deed
 */
export async function renewing({ owner, addresses: { shell, who } }, deed) {
  try {
    return await deed();
  } catch (refusal) {
    if (!(refusal instanceof Refused && refusal.code === "request.forged")) throw refusal;
    const { id } = await get(who);
    if (id !== owner) throw new Refused(401, { code: "session.over" });
    await renew(shell);
    return deed();
  }
}

/** @param {string} shell */
async function renew(shell) {
  const meta = document.querySelector("meta[name=csrf-token]");
  try {
    const page = await (await fetch(shell, { cache: "no-store" })).text();
    meta?.setAttribute("content", page.match(/name="csrf-token" content="(\w+)"/)?.[1] ?? "");
  } catch (cause) {
    throw new Unreached("no answer", { cause });
  }
}

/**
 * @param {Touch} touch
 * @param {Refused | Unreached} refusal
 * @returns {Promise<Outcome>}
 */
async function postponed(touch, refusal) {
  const tries = (touch.tries ?? 0) + 1;
  const named = refusal instanceof Refused ? refusal.wait * 1000 : 0;
  const grown = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
  // Phones that lost their line together shall not all come back in the same second.
  const wait = named || grown * (0.5 + Math.random() / 2);
  await keep({
    ...touch,
    tries,
    next_ms: Date.now() + wait,
    firm: named > 0,
    stuck: refusal instanceof Refused && !refusal.later,
    why:
      refusal instanceof Refused
        ? { code: refusal.code || String(refusal.status), detail: refusal.message }
        : { code: "no-answer", detail: "" },
  });
  return { touch, refusal };
}

/** Whether the next one would fare no better. @param {Refused | Unreached} refusal */
function endsTheRound(refusal) {
  if (refusal instanceof Unreached) return true;
  return [401, 429].includes(refusal.status) || refusal.code === "session.over";
}
