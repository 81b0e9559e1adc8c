/**
 * Whose phone this is and where they travel these days: told by the page while a line is
 * there, and held for the page that opens without one.
 *
 * @typedef {{ uid: string, when: string, place: string, purpose: string, kind: string,
 *             from_ms: number, until_ms: number, won?: string, at?: string }} Trip
 *   *kind*: what the next touch is, empty once the trip is touched through · *won*: the sum
 *   that was expected *at* that hour
 * @typedef {{ owner: string, consent: string, consentText: string, credentials: string,
 *             trips: Trip[] }} Me
 */
import { topUp } from "./challenges.js";
import { Refused, Unreached } from "./http.js";
import { drop, held, hold } from "./phone.js";

export const ME = "me";

/** @returns {Promise<Me | undefined>} who was here last */
export const me = () => held(ME);

/**
 * Whose outbox this page shows. Somebody else's trips are forgotten: the phone changed hands.
 *
 * @param {string} owner empty on a page that was kept for the time without a line
 */
export async function whose(owner) {
  const last = (await me())?.owner ?? "";
  if (owner && last && owner !== last) await drop(ME);
  return owner || last;
}

/**
 * Fill *element* with what is known: on the server's page for the next time, on the kept page
 * from the last.
 *
 * @param {HTMLElement} element
 */
export async function here(element) {
  const told = element.dataset.along;
  if (told === undefined) {
    const { draw } = await import("./shell.js");
    return draw(element, await me());
  }
  const mine = /** @type {Me} */ (JSON.parse(told));
  await hold(ME, mine);
  // For later. Where the server is away, there will be another page.
  const { challenges = "", devices = "" } = element.dataset;
  void provide({ challenges, devices }, mine).then(() => {
    element.dataset.provided = "";
  });
}

/** @param {{ challenges: string, devices: string }} urls @param {Me} mine */
async function provide({ challenges, devices }, { owner, trips }) {
  const open = trips.filter(({ kind }) => kind).map(({ uid }) => uid);
  try {
    if (await held(`device-key ${owner}`)) {
      const { refresh } = await import("./device-key.js");
      await refresh(devices, owner);
    }
    await topUp(challenges, { owner, trips: [...open, null] });
  } catch (refusal) {
    if (!(refusal instanceof Refused || refusal instanceof Unreached)) throw refusal;
  }
}
