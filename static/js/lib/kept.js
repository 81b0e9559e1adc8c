/**
 * One touch on its way, kept in memory and in this tab until the server has answered:
 * what was pressed, seen and signed is sent again in the same words.
 *
 * @typedef {{
 *   owner: string, id: string, kind: string, trip: string | null, at_ms: number,
 *   device: import("./record.js").Device, sight?: import("./record.js").Sight, site?: string,
 *   consent?: Record<string, string>, challenge?: { id: string, nonce: string },
 *   record?: string, proof?: Record<string, string>,
 * }} Touch
 */

const PLACE = "tripseal.touch";

/** @param {Touch} touch */
export function keep(touch) {
  sessionStorage.setItem(PLACE, JSON.stringify(touch));
}

export function forget() {
  sessionStorage.removeItem(PLACE);
}

/**
 * @param {string} owner only their own: a phone may have changed hands within one tab
 * @returns {Touch | undefined}
 */
export function kept(owner) {
  const text = sessionStorage.getItem(PLACE);
  if (!text) return undefined;
  const touch = /** @type {Touch} */ (JSON.parse(text));
  return touch.owner === owner ? touch : undefined;
}
