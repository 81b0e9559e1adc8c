/**
 * Waiting touches as a file, for the day a phone finds no line: `{"v": 1, "envelopes": […]}`.
 * Whoever pressed them hands it in, from any machine they are signed in on.
 */
import { post, Refused } from "./http.js";
import { forget, isReady } from "./outbox.js";
import { envelope } from "./sender.js";

const MOST = 50;
const TOGETHER = 12;
const LARGEST = 1_048_576;

/** It is no file of ours, or nothing is in it. */
export class Unreadable extends Error {}

/** @param {import("./outbox.js").Touch[]} touches */
export function saved(touches) {
  // Not the clock of the machine it is handed in on, and of the phone nobody knows it then.
  const envelopes = touches
    .filter(isReady)
    .map((one) => ({ ...envelope(one), sent_ms: undefined }));
  const file = new Blob([JSON.stringify({ v: 1, envelopes })], { type: "application/json" });
  const way = document.createElement("a");
  way.href = URL.createObjectURL(file);
  way.download = `tripseal-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}.json`;
  way.click();
  URL.revokeObjectURL(way.href);
}

/** @param {File} file @returns {Promise<any[]>} its envelopes */
export async function read(file) {
  if (file.size > LARGEST) throw new Unreadable("too large");
  try {
    const { v, envelopes } = JSON.parse(await file.text());
    if (v === 1 && Array.isArray(envelopes) && envelopes.length && envelopes.length <= MOST) {
      return envelopes;
    }
  } catch (cause) {
    throw new Unreadable("not JSON", { cause });
  }
  throw new Unreadable("no envelopes");
}

/**
 * @param {{ owner: string, addresses: import("./sender.js").Addresses }} whose
 * @param {any[]} envelopes
 * @returns {Promise<{ kept: number, refused: Refused[] }>}
 */
export async function handIn({ owner: person, addresses: { api } }, envelopes) {
  const done = { kept: 0, refused: /** @type {Refused[]} */ ([]) };
  for (let at = 0; at < envelopes.length; at += TOGETHER) {
    const several = envelopes.slice(at, at + TOGETHER);
    const { answers } = await post(api, { person, envelopes: several });
    for (const [index, { status, answer, refusal }] of answers.entries()) {
      if (!answer) done.refused.push(new Refused(status, refusal));
      else {
        done.kept += 1;
        await forget(String(several[index].id));
      }
    }
  }
  return done;
}
