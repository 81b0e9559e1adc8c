/** The server said no, and gave its reason a stable code. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {{ code?: string, detail?: string }} refusal
   * @param {number} wait seconds until it is worth asking again
   */
  constructor(status, { code = "", detail = "" }, wait = 0) {
    super(detail);
    this.status = status;
    this.code = code;
    this.wait = wait;
  }

  /** Whether the same words may be taken later: after a rest, a sign-in or a repair. */
  get later() {
    return LATER.has(this.status) || LATER_CODES.has(this.code);
  }
}

/** No answer came. Whether the server heard us is not known: the same words are sent again. */
export class Unreached extends Error {}

const LATER = new Set([401, 408, 429, 500, 502, 503, 504]);
const LATER_CODES = new Set(["session.over", "request.forged"]);

/**
 * Whether the same words may be taken later.
 *
 * @param {unknown} refusal
 * @returns {refusal is Refused | Unreached}
 */
export function waits(refusal) {
  return refusal instanceof Unreached || (refusal instanceof Refused && refusal.later);
}

/**
 * POST JSON as the signed-in person; resolve to the reply, or reject with `Refused` or `Unreached`.
 *
 * @param {string} url
 * @param {Record<string, unknown>} body
 * @param {{ signal?: AbortSignal }} [how] what may end the wait
 * @returns {Promise<any>}
 */
export async function post(url, body, { signal } = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf() };
  return answered(
    await reach(url, { method: "POST", headers, body: JSON.stringify(body), signal }),
  );
}

/**
 * POST a form with a file in it; answered like `post`.
 *
 * @param {string} url
 * @param {FormData} body
 * @returns {Promise<any>}
 */
export async function postForm(url, body) {
  return answered(await reach(url, { method: "POST", headers: { "X-CSRFToken": csrf() }, body }));
}

/** @param {string} url @returns {Promise<any>} as `post` does */
export const get = async (url) => answered(await reach(url, { cache: "no-store" }));

function csrf() {
  return document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";
}

/** @param {Response} reply */
async function answered(reply) {
  if (reply.ok) return heard(reply);
  const wait = Number(reply.headers.get("Retry-After")) || 0;
  throw new Refused(reply.status, await refusal(reply), wait);
}

/**
 * @param {string} url
 * @param {RequestInit} request
 */
async function reach(url, request) {
  try {
    return await fetch(url, request);
  } catch (cause) {
    throw new Unreached("no answer", { cause });
  }
}

/** @param {Response} reply an answer cut off on the way is no answer */
async function heard(reply) {
  try {
    return await reply.json();
  } catch (cause) {
    throw new Unreached("half an answer", { cause });
  }
}

/** @param {Response} reply a proxy before the server may refuse in other words than ours */
async function refusal(reply) {
  const type = reply.headers.get("Content-Type") ?? "";
  return type.includes("json") ? heard(reply) : {};
}
