/**
 * What a token says; read only once its signature held.
 *
 *     check-in { 2: sub, 6: iat, 7: cti, ? 264: { 1: lat, 2: lon, 4: accuracy_m },
 *                -65537: { 1: trip, 2: kind, 3: device, ? 4: flags } }
 *     trip     { 2: sub, 6: iat, 7: cti, -65538: { 1: trip, 2: count, 3: digest } }
 *
 * @typedef {{ lat: number, lon: number, accuracy_m: number }} Location
 * @typedef {{ sub: string, iat: number, cti: string, trip: string, kind: number,
 *   device: string, flags: number, location?: Location }} CheckIn
 * @typedef {{ sub: string, iat: number, cti: string, trip: string, count: number,
 *   digest: string }} Trip
 */
import { Float, read } from "./cbor.js";
import { hex } from "./cose.js";
import { TokenRefused } from "./refused.js";

const [EARLIEST, LATEST] = [1_767_225_600, 4_102_444_800];
const ID = /^[A-Z0-9][A-Z0-9._-]{0,19}$/;
const [SUB, IAT, CTI, LOCATION, CHECK_IN, TRIP] = [2, 6, 7, 264, -65537, -65538];

/** @typedef {Map<number, unknown>} Said */

/** @param {unknown} good */
function need(good) {
  if (!good) throw new TokenRefused("malformed", "claims");
}

/** @param {unknown} item @param {number[]} labels @param {number[]} may @returns {Said} */
function mapOf(item, labels, ...may) {
  need(item instanceof Map && labels.every((label) => item.has(label)));
  const said = /** @type {Said} */ (item);
  need([...said.keys()].every((label) => labels.includes(label) || may.includes(label)));
  return said;
}

/** @param {unknown} item */
function id(item) {
  need(typeof item === "string" && ID.test(item));
  return String(item);
}

/** @param {unknown} item @param {number} least @param {number} most */
function whole(item, least, most) {
  need(typeof item === "number" && least <= item && item <= most);
  return Number(item);
}

/** @param {unknown} item @param {number} size */
function bytes(item, size) {
  need(item instanceof Uint8Array && item.length === size);
  return hex(/** @type {Uint8Array} */ (item));
}

/** @param {unknown} item @param {number} most */
function degrees(item, most) {
  const value = item instanceof Float ? item.value : Number.NaN;
  need(Math.abs(value) <= most && !Object.is(value, -0));
  return value;
}

/** @param {Said} said */
function everybodys(said) {
  const cti = bytes(said.get(CTI), 8);
  need(!/^0+$/.test(cti));
  return { sub: id(said.get(SUB)), iat: whole(said.get(IAT), EARLIEST, LATEST), cti };
}

/** @param {Uint8Array} payload @returns {CheckIn} */
export function readCheckIn(payload) {
  const said = mapOf(read(payload, "claims"), [SUB, IAT, CTI, CHECK_IN], LOCATION);
  const own = mapOf(said.get(CHECK_IN), [1, 2, 3], 4);
  /** @type {CheckIn} */
  const claims = {
    ...everybodys(said),
    trip: id(own.get(1)),
    kind: whole(own.get(2), 1, 3),
    device: bytes(own.get(3), 12),
    // Zero is written by absence: a second spelling is refused.
    flags: own.has(4) ? whole(own.get(4), 1, 15) : 0,
  };
  if (said.has(LOCATION)) {
    const spot = mapOf(said.get(LOCATION), [1, 2, 4]);
    const [lat, lon] = [degrees(spot.get(1), 90), degrees(spot.get(2), 180)];
    claims.location = { lat, lon, accuracy_m: whole(spot.get(4), 0, 65_535) };
  }
  return claims;
}

/** @param {Uint8Array} payload @returns {Trip} */
export function readTrip(payload) {
  const said = mapOf(read(payload, "claims"), [SUB, IAT, CTI, TRIP]);
  const own = mapOf(said.get(TRIP), [1, 2, 3]);
  const count = whole(own.get(2), 1, 999);
  return { ...everybodys(said), trip: id(own.get(1)), count, digest: bytes(own.get(3), 32) };
}
