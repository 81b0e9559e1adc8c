/** What a token says, once its signature held. Written as the command line prints it. */

import * as cbor from "./cbor.js";
import { need } from "./refused.js";
import { hasLabels, isBytes, strict } from "./sign1.js";

const ID = /^[A-Z0-9][A-Z0-9._-]{0,19}$/;

export function readCheckIn(payload) {
  const said = strict("claims", () => cbor.read(payload));
  const placed = said instanceof Map && said.has(264);
  const common = commonOf(said, placed ? [264, -65537] : [-65537]);
  const location = placed ? { location: readLocation(said.get(264)) } : {};
  const own = said.get(-65537);
  const flagged = own instanceof Map && own.has(4);
  ask(hasLabels(own, flagged ? [1, 2, 3, 4] : [1, 2, 3]));
  ask(isId(own.get(1)) && isBytes(own.get(3), 12));
  const kind = whole(own.get(2), 1, 3);
  const flags = flagged ? whole(own.get(4), 1, 15) : 0;
  return { ...common, ...location, trip: own.get(1), kind, device: hex(own.get(3)), flags };
}

export function readTrip(payload) {
  const said = strict("claims", () => cbor.read(payload));
  const common = commonOf(said, [-65538]);
  const own = said.get(-65538);
  ask(hasLabels(own, [1, 2, 3]) && isId(own.get(1)) && isBytes(own.get(3), 32));
  return { ...common, trip: own.get(1), count: whole(own.get(2), 1, 999), digest: hex(own.get(3)) };
}

function commonOf(said, more) {
  ask(hasLabels(said, [2, 6, 7, ...more]));
  const cti = said.get(7);
  ask(isId(said.get(2)) && isBytes(cti, 8) && cti.some((byte) => byte !== 0));
  return { sub: said.get(2), iat: whole(said.get(6), 1767225600, 4102444800), cti: hex(cti) };
}

function readLocation(spot) {
  ask(hasLabels(spot, [1, 2, 4]));
  const [lat, lon] = [degrees(spot.get(1), 90), degrees(spot.get(2), 180)];
  return { lat, lon, accuracy_m: whole(spot.get(4), 0, 65535) };
}

function degrees(item, most) {
  ask(item instanceof cbor.Float && Math.abs(item.value) <= most && !Object.is(item.value, -0));
  return item.value;
}

function whole(item, least, most) {
  ask(typeof item === "bigint" && item >= BigInt(least) && item <= BigInt(most));
  return Number(item);
}

const ask = (good) => need(good, "malformed", "claims");
const isId = (item) => typeof item === "string" && ID.test(item);
const hex = (content) => Buffer.from(content).toString("hex");
