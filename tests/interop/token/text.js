/** Link, digits and the spoken code. */

import { createHash } from "node:crypto";
import { need } from "./refused.js";

const LINK = /^(?:HTTPS:\/\/([A-Z0-9.:-]{1,48})|https:\/\/([a-z0-9.:-]{1,48}))\/V#/;
const WIDTHS = [0, 3, 5, 8, 10, 13, 15, 17];
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function bytesOfText(text, host) {
  need([...text].length <= 1024, "malformed", "text");
  const link = LINK.exec(text);
  if (link === null) return bytesOfDigits(text);
  need(link[1] === host.toUpperCase() || link[2] === host, "wrong_host", "text");
  return bytesOfDigits(text.slice(link[0].length));
}

export function bytesOfDigits(digits) {
  need(/^[0-9]+$/.test(digits), "malformed", "text");
  const bytes = [];
  for (let at = 0; at < digits.length; at += 17) {
    const group = digits.slice(at, at + 17);
    const size = WIDTHS.indexOf(group.length);
    need(size > 0, "malformed", "text");
    let value = BigInt(group);
    for (let i = 0; i < size; i += 1, value >>= 8n) bytes.push(Number(value & 255n));
    need(value === 0n, "malformed", "text");
  }
  return Uint8Array.from(bytes);
}

export function digitsOfBytes(bytes) {
  let digits = "";
  for (let at = 0; at < bytes.length; at += 7) {
    const group = [...bytes.subarray(at, at + 7)];
    const value = group.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    digits += value.toString().padStart(WIDTHS[group.length], "0");
  }
  return digits;
}

export function spoken(host, cti) {
  for (let turn = 0; turn < 256; turn += 1) {
    const start = createHash("sha256").update("TripSeal spoken 1\0").update(host).update("\0");
    const first = start.update(cti).update(Buffer.of(turn)).digest().readBigUInt64BE();
    const number = first >> 9n;
    const check = Number(number % 37n);
    if (check < 32) return grouped(lettersOf(number) + LETTERS[check]);
  }
  throw new RangeError("no code in 256 turns");
}

export function heard(said) {
  const plain = /^[ -~]*$/.test(said) ? said.toUpperCase().replace(/[ -]/g, "") : "";
  const letters = plain.replace(/O/g, "0").replace(/[IL]/g, "1");
  need(/^[0-9A-HJKMNP-TV-Z]{12}$/.test(letters), "malformed", "spoken");
  let number = 0n;
  for (const letter of letters.slice(0, 11)) {
    number = number * 32n + BigInt(LETTERS.indexOf(letter));
  }
  need(LETTERS[Number(number % 37n)] === letters[11], "malformed", "spoken");
  return grouped(letters);
}

function lettersOf(number) {
  let letters = "";
  for (let shift = 50n; shift >= 0n; shift -= 5n)
    letters += LETTERS[Number((number >> shift) & 31n)];
  return letters;
}

const grouped = (letters) => letters.match(/.{4}/g).join("-");
