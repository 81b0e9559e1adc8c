/**
 * The touch of a page that opened without a line: the trip that is meant, drawn from what
 * this phone holds, and the act that comes next, with what waits in the outbox counted in.
 *
 * @typedef {import("./today.js").Me} Me
 * @typedef {import("./today.js").Trip} Trip
 */
import { waiting } from "./outbox.js";
import { clock, fill } from "./words.js";

const SOON_MS = 2 * 60 * 60 * 1000;
const OVER_MS = 2 * 24 * 60 * 60 * 1000;

/**
 * @param {HTMLElement} element
 * @param {Me | undefined} me
 */
export async function draw(element, me) {
  if (!me) {
    element.querySelector("[data-nobody]")?.removeAttribute("hidden");
    return;
  }
  const { owner, consent, consentText, credentials } = me;
  Object.assign(element.dataset, { owner, consent, consentText, credentials });
  const pressed = await waiting(owner);
  const near = nearest(me.trips.map((trip) => ({ ...trip, kind: next(trip, pressed) })));
  const choose = (/** @type {Trip | undefined} */ trip) => {
    show(element, trip);
    chips(element, near, trip, choose);
  };
  choose(near[0]);
}

/**
 * What the next touch is, where *pressed* waits to be sent.
 *
 * @param {Trip} trip
 * @param {import("./outbox.js").Touch[]} pressed
 */
export function next({ uid, kind }, pressed) {
  const back = new Set(pressed.map(({ of }) => of));
  const kinds = pressed.filter((one) => one.trip === uid && !back.has(one.id)).map((it) => it.kind);
  if (!kind || kinds.includes("return")) return "";
  return kinds.length ? "return" : kind;
}

/**
 * As the server has it: under way, soon, later, past; those touched through come last.
 *
 * @param {Trip[]} trips
 * @param {number} now
 */
export function nearest(trips, now = Date.now()) {
  const rank = (/** @type {Trip} */ { kind, from_ms, until_ms }) => {
    if (kind === "return") return 0;
    if (!kind) return 4;
    if (from_ms - SOON_MS <= now && now <= until_ms) return 1;
    return from_ms > now ? 2 : 3;
  };
  const away = (/** @type {Trip} */ { from_ms }) => Math.abs(from_ms - now);
  return trips
    .filter(({ until_ms }) => until_ms > now - OVER_MS)
    .sort((a, b) => rank(a) - rank(b) || away(a) - away(b));
}

/** @param {HTMLElement} element @param {Trip | undefined} trip */
function show(element, trip) {
  element.dataset.trip = trip?.uid ?? "";
  const card = piece(element, trip ? "card" : "no-card");
  fill(card, {
    when: trip?.when,
    place: trip?.place,
    purpose: trip?.purpose,
    won: trip?.won,
    at: trip?.at && clock(trip.at),
  });
  const order = ["order", "arrive", "return"];
  const done = trip ? order.indexOf(trip.kind || "order") : 0;
  for (const [index, step] of card.querySelectorAll("[data-step]").entries()) {
    const passed = trip?.kind === "" || index < done;
    step.classList.toggle("is-done", passed);
    if (index === done && trip?.kind) step.setAttribute("aria-current", "step");
  }
  element.querySelector("[data-card]")?.replaceChildren(card);
  const kind = trip ? trip.kind : "arrive";
  const form = element.querySelector("form");
  form?.replaceChildren(piece(element, kind ? `touch-${trip ? kind : "no-order"}` : "touched"));
  if (form) form.hidden = false;
}

/**
 * @param {HTMLElement} element
 * @param {Trip[]} trips
 * @param {Trip | undefined} chosen
 * @param {(trip: Trip) => void} choose
 */
function chips(element, trips, chosen, choose) {
  const line = /** @type {HTMLElement | null} */ (element.querySelector("[data-chips]"));
  if (!line) return;
  line.hidden = trips.length < 2;
  line.replaceChildren(
    ...trips.map((trip) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "chip";
      chip.textContent = trip.place;
      if (trip === chosen) chip.setAttribute("aria-current", "true");
      chip.addEventListener("click", () => choose(trip));
      return chip;
    }),
  );
}

/** @param {HTMLElement} element @param {string} name */
function piece(element, name) {
  const page = /** @type {HTMLTemplateElement} */ (
    element.querySelector(`template[data-piece="${name}"]`)
  );
  return /** @type {DocumentFragment} */ (page.content.cloneNode(true));
}
