/**
 * What a touch says, as the text that is signed: canonical JSON of whole numbers
 * (evidence.md §2). A value that does not fit is left out, so that a touch is never
 * refused for a bad position.
 *
 * @typedef {{
 *   acc_cm: number, alt_cm?: number, altacc_cm?: number,
 *   fix_ms: number, lat_e7: number, lon_e7: number, seen_ms: number,
 * }} Fix
 * @typedef {{
 *   automated: boolean, form: string, motion: string, patched: boolean,
 *   utc_offset_min: number | null,
 * }} Device
 * @typedef {{ state: string, fixes: Fix[], errors_between: number }} Sight
 */

const LATEST_MS = 4_102_444_800_000;
const FARTHEST_CM = 2_000_000_000;

/**
 * Keys sorted, no spaces, whole numbers only.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError("whole numbers only");
  }
  return JSON.stringify(value);
}

/**
 * One position of the browser, or none where it cannot be one on Earth.
 *
 * @param {{ coords: Partial<GeolocationCoordinates>, timestamp: number }} seen
 * @param {number} seen_ms when it reached the page
 * @returns {Fix | undefined}
 */
export function fix({ coords, timestamp }, seen_ms) {
  const lat_e7 = whole(coords.latitude, 1e7, -900_000_000, 900_000_000);
  const lon_e7 = whole(coords.longitude, 1e7, -1_800_000_000, 1_800_000_000);
  const acc_cm = whole(coords.accuracy, 100, 0, FARTHEST_CM);
  const fix_ms = instant(timestamp);
  if (lat_e7 === undefined || lon_e7 === undefined) return undefined;
  if (acc_cm === undefined || fix_ms === undefined) return undefined;
  const alt_cm = whole(coords.altitude, 100, -50_000, 2_000_000);
  const altacc_cm = whole(coords.altitudeAccuracy, 100, 0, FARTHEST_CM);
  return {
    acc_cm,
    ...(alt_cm === undefined ? {} : { alt_cm }),
    ...(altacc_cm === undefined ? {} : { altacc_cm }),
    fix_ms,
    lat_e7,
    lon_e7,
    seen_ms: Math.floor(seen_ms),
  };
}

/**
 * @param {number | null | undefined} value
 * @param {number} scale
 * @param {number} least
 * @param {number} most
 * @returns {number | undefined} rounded half away from zero
 */
function whole(value, scale, least, most) {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  const size = Math.round(Math.abs(value) * scale);
  const scaled = value < 0 && size > 0 ? -size : size;
  return scaled >= least && scaled <= most ? scaled : undefined;
}

/** @param {number} at_ms */
function instant(at_ms) {
  return at_ms >= 0 && at_ms <= LATEST_MS ? Math.floor(at_ms) : undefined;
}

/** A touch whose traveller did not want to be located: lawful, and it costs nothing. */
const NOWHERE = { state: "refused", fixes: [], errors_between: 0 };

/**
 * The record of one touch.
 *
 * @param {{
 *   id: string, kind: string, trip: string | null, at_ms: number,
 *   sight?: Sight, device?: Device, photo_sha256?: string, site?: string,
 * }} touch
 * @param {{ id: string, mono_ms?: number | null }} challenge
 * @returns {string}
 */
export function record(
  { id, kind, trip, at_ms, sight = NOWHERE, device, photo_sha256, site },
  challenge,
) {
  return canonical({
    at_ms: Math.floor(at_ms),
    challenge: challenge.id,
    device,
    errors_between: Math.min(sight.errors_between, 1000),
    fixes: sight.fixes,
    id,
    kind,
    mono_ms: challenge.mono_ms ?? null,
    photo_sha256: photo_sha256 ?? null,
    repair: false,
    site: site ?? null,
    state: sight.state,
    trip,
    v: 1,
  });
}

/**
 * What the device signs: SHA-256("tripseal/check-in/1" ‖ 00 ‖ u32be(length) ‖ record ‖ nonce).
 *
 * @param {string} text
 * @param {Uint8Array} nonce
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function signingChallenge(text, nonce) {
  const purpose = new TextEncoder().encode("tripseal/check-in/1\0");
  const said = new TextEncoder().encode(text);
  const whole = new Uint8Array(purpose.length + 4 + said.length + nonce.length);
  whole.set(purpose);
  new DataView(whole.buffer).setUint32(purpose.length, said.length);
  whole.set(said, purpose.length + 4);
  whole.set(nonce, purpose.length + 4 + said.length);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}
