/**
 * Who signs a touch: the passkey, the key of this browser, or nobody. What can sign is fetched
 * when it is needed. A page that was cut off before it had it can still take the touch, which
 * waits for a line as without an answer.
 *
 * @typedef {import("./outbox.js").Touch} Touch
 * @typedef {Record<string, string>} Proof
 */
import { Unreached } from "./http.js";

/**
 * @param {Touch} touch
 * @param {string[]} credentials of passkeys, none where there are none
 * @param {() => void} asking called before the passkey is asked for
 * @returns {Promise<Proof>}
 */
export async function proofOf(touch, credentials, asking) {
  if (!credentials.length) return (await byDevice(touch)) ?? { kind: "none" };
  asking();
  const { sign } = await reached(import("./signature.js"));
  return sign({ ...asked(touch), credentials });
}

/** @param {Touch} touch @returns {Promise<Proof | undefined>} by the key of this browser, if it has one */
export async function byDevice(touch) {
  const { signed } = await reached(import("./device-key.js"));
  return signed(touch.owner, asked(touch));
}

/** @param {string} owner whether a key of theirs in this browser can sign just now */
export async function hasDeviceKey(owner) {
  try {
    const { enrolled } = await reached(import("./device-key.js"));
    return await enrolled(owner);
  } catch (refusal) {
    if (refusal instanceof Unreached) return false;
    throw refusal;
  }
}

/** @param {Touch} touch */
const asked = ({ record = "", challenge }) => ({ record, nonce: challenge?.nonce ?? "" });

/**
 * @template Part
 * @param {Promise<Part>} part
 * @returns {Promise<Part>}
 */
async function reached(part) {
  try {
    return await part;
  } catch (cause) {
    // So a browser says that it could not fetch it; a part that is broken is another error.
    if (cause instanceof TypeError) throw new Unreached("", { cause });
    throw cause;
  }
}
