/** Bytes as decimal digits, and the link that carries them: seven bytes are 17 digits. */
import { joined } from "./cbor.js";
import { TokenRefused } from "./refused.js";

const LONGEST_TEXT = 1_024;
const SIZES = new Map([0, 3, 5, 8, 10, 13, 15, 17].map((width, size) => [width, size]));
const LINK = /^(?:HTTPS:\/\/([A-Z0-9.:-]{1,48})|https:\/\/([a-z0-9.:-]{1,48}))\/V#/;

const malformed = () => new TokenRefused("malformed", "text");

/**
 * What stands behind the link of *host*, or *text* itself where it is no link.
 *
 * @param {string} text
 * @param {string} host
 */
export function unlink(text, host) {
  if ([...text].length > LONGEST_TEXT) throw malformed();
  const link = LINK.exec(text);
  if (!link) return text;
  if (link[1] !== host.toUpperCase() && link[2] !== host)
    throw new TokenRefused("wrong_host", "text");
  return text.slice(link[0].length);
}

/** @param {string} digits @returns {Uint8Array<ArrayBuffer>} one text for one string of bytes */
export function read(digits) {
  if (!/^[0-9]+$/.test(digits) || digits.length > LONGEST_TEXT) throw malformed();
  const groups = digits.match(/[0-9]{1,17}/g) ?? [];
  return joined(...groups.map(bytes));
}

/** @param {string} group */
function bytes(group) {
  const size = SIZES.get(group.length);
  if (!size) throw malformed();
  let number = BigInt(group);
  const little = Array.from({ length: size }, () => {
    const low = Number(number & 255n);
    number >>= 8n;
    return low;
  });
  if (number) throw malformed();
  return little;
}
