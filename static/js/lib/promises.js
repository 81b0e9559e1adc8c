/**
 * The log's promises for touches made on this phone, and whether they were kept. The server may
 * lose a record; the promise that it stands in the log lies here, signed, for anybody to check.
 *
 * @typedef {{
 *   leaf: string, owner: string, kind: string, at: string, by: string, receipt: string,
 *   place?: number, size?: number,
 * }} Promised
 *   *leaf*: its hash in hexadecimal · *by*: until when it was to stand there · *place* and
 *   *size*: where it stood when this phone last looked
 * @typedef {"kept" | "early" | "broken" | "away"} State
 */
import { phone } from "./phone.js";

const MOST = 2_000;
const RECEIPT = "tripseal/receipt/v1";
const PROOF = "c2sp.org/tlog-proof@v1";

/** @param {string} owner @param {any} answer of the server to a touch; others promise nothing */
export async function keepPromise(owner, { log_receipt: receipt, kind }) {
  if (!receipt) return;
  const [first, , leaf, at, by] = receipt.split("\n");
  if (first !== RECEIPT) return;
  const change = (await phone()).transaction("promises", "readwrite", { durability: "strict" });
  await change.store.put({ leaf: hex(bytes(leaf)), owner, kind, at, by, receipt });
  const old = (await change.store.getAll()).sort(newestFirst).slice(MOST);
  await Promise.all(old.map((one) => change.store.delete(one.leaf)));
  await change.done;
}

/** @param {string} owner only their own @returns {Promise<Promised[]>} the newest first */
export async function promises(owner) {
  const all = /** @type {Promised[]} */ (await (await phone()).getAll("promises"));
  return all.filter((one) => one.owner === owner).sort(newestFirst);
}

/**
 * Ask the log for the proof, and follow it up to the signed head.
 *
 * @param {Promised} promised is told its place where it was kept
 * @param {string} address of proofs
 * @returns {Promise<State>}
 */
export async function judged(promised, address) {
  let answer;
  try {
    answer = await fetch(`${address}?leaf=${promised.leaf}`, { cache: "no-store" });
  } catch {
    return "away";
  }
  if (answer.status === 404) {
    // What was seen there once, or is overdue, should be there.
    const due = promised.place !== undefined || Date.now() > Date.parse(promised.by);
    return due ? "broken" : "early";
  }
  if (!answer.ok) return "away";
  const found = await stands(promised.leaf, await answer.text());
  if (!found) return "broken";
  Object.assign(promised, found);
  await (await phone()).put("promises", promised);
  return "kept";
}

/**
 * Where *leaf* stands by this proof, counted from one (RFC 9162 §2.1.3.2); nothing where it does not hold.
 *
 * @param {string} leaf
 * @param {string} proof
 * @returns {Promise<{ place: number, size: number } | undefined>}
 */
export async function stands(leaf, proof) {
  const [head, checkpoint = ""] = split(proof, "\n\n");
  const [first, ...lines] = head.split("\n").filter((line) => !line.startsWith("extra "));
  const index = lines.shift()?.match(/^index (0|[1-9]\d{0,14})$/)?.[1];
  const [, size, root] = checkpoint.split("\n");
  if (first !== PROOF || index === undefined || !/^[1-9]\d{0,14}$/.test(size)) return undefined;
  let here = leaf;
  let [at, last] = [BigInt(index), BigInt(size) - 1n];
  if (at > last) return undefined;
  for (const line of lines) {
    if (last === 0n) return undefined;
    const other = hex(bytes(line));
    if (at & 1n || at === last) {
      here = await node(other, here);
      while (!(at & 1n) && at) [at, last] = [at >> 1n, last >> 1n];
    } else {
      here = await node(here, other);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  if (last !== 0n || here !== hex(bytes(root))) return undefined;
  return { place: Number(index) + 1, size: Number(size) };
}

/** @param {string} left @param {string} right @returns {Promise<string>} */
async function node(left, right) {
  const both = unhex(`01${left}${right}`);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", both)));
}

/** @param {string} text @param {string} mark at its first place */
function split(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** @param {string} base64 @returns {Uint8Array<ArrayBuffer>} none where it is not base64 */
function bytes(base64) {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(base64)) return new Uint8Array();
  return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}

/** @param {Uint8Array} raw */
const hex = (raw) => Array.from(raw, (one) => one.toString(16).padStart(2, "0")).join("");

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (two) => Number.parseInt(two, 16));

/** @param {Promised} a @param {Promised} b */
const newestFirst = (a, b) => (a.at < b.at ? 1 : -1);
