/**
 * What a desk holds to judge a code without the server: the root it trusts, the KeySet and
 * the status list, each with the time it came, and opening keys on loan.
 *
 * @typedef {{ kid: string, point: string, nbf: number, naf: number }} Root
 * @typedef {{ document: Uint8Array<ArrayBuffer>, seq: number | bigint, at: number }} Kept
 * @typedef {{ keys?: number, status?: number }} Ages  in seconds; absent where there is none
 * @typedef {{ code: string, why: string, unknown?: boolean, purpose?: string,
 *   claims?: import("../token/claims.js").CheckIn | import("../token/claims.js").Trip,
 *   number?: string, ages: Ages }} Verdict  *number* of the receipt, as it is said
 *   *code* is provisional, withdrawn, unverifiable, not-ours or waiting; *unknown*: the list
 *   of withdrawals is missing or too old to tell
 */
import { readKeyset, readStatus } from "../token/documents.js";
import { ES256, MAX_AGE, publicKey } from "../token/keys.js";
import { open } from "../token/open.js";
import { NotHere, TokenRefused } from "../token/refused.js";
import { spoken } from "../token/spoken.js";
import { decode } from "./base64url.js";
import { Unreached } from "./http.js";
import { standing, unwrapped } from "./lease.js";
import { drop, held, hold } from "./store.js";

const DAY = 24 * 60 * 60;
const STALE_KEYS_S = 30 * DAY;
const STALE_STATUS_S = 7 * DAY;
const SOON_MS = 8_000;
const NOT_OURS = ["malformed", "wrong_host"];
/** Of a code that its server alone can read, for a minute. */
const SHOWN = "TSV1.";

export class Desk {
  /** @type {import("../token/documents.js").KeySet | undefined} */
  #keyset;

  /** @type {import("../token/documents.js").StatusList | undefined} */
  #status;

  /** @type {import("../token/open.js").OpeningKey[]} */
  #lent = [];

  /** Until when they are lent, in seconds. */
  #until = 0;

  /** @type {number | undefined} when the KeySet last came from the server */
  #came;

  /** How far this machine's clock is behind the server's, and the latest time it ever was. */
  #clock = { offset: 0, latest: 0 };

  /** @param {{ host: string, root: Root }} installation */
  constructor({ host, root }) {
    this.host = host;
    this.root = root;
  }

  /**
   * The time in seconds as the server had it. It never goes back: a clock that was set
   * back makes no lease longer and no list younger.
   */
  async now() {
    const now = Math.floor(Date.now() / 1000) + this.#clock.offset;
    if (now <= this.#clock.latest) return this.#clock.latest;
    this.#clock.latest = now;
    await hold("clock", this.#clock);
    return now;
  }

  /** What this machine kept. A document that does not hold is as good as none. */
  async wake() {
    this.#clock = (await held("clock")) ?? this.#clock;
    const [keyset, status] = /** @type {(Kept | undefined)[]} */ (
      await Promise.all(["keyset", "status"].map(held))
    );
    if (keyset) await ifItHolds(this.#read(keyset));
    if (status) await ifItHolds(this.#list(status));
    await this.borrow();
  }

  /** Unwrap what is on loan. @returns {Promise<number>} until when, in seconds; 0 for nothing */
  async borrow() {
    const lease = await standing(await this.now());
    this.#lent = lease ? await unwrapped(lease) : [];
    this.#until = lease?.until ?? 0;
    return this.#until;
  }

  /** Whether the root this desk trusts is not the one the server names now. */
  async isEstranged() {
    const pinned = await held("root");
    return pinned !== undefined && pinned.point !== this.root.point;
  }

  /** Trust the root the server names now: somebody compared its fingerprint and signed for it. */
  async adopt() {
    if (!(await this.isEstranged())) return;
    // Another root counts its documents anew.
    await Promise.all(["keyset", "status"].map(drop));
    await hold("root", this.root);
  }

  /**
   * Fetch both documents and keep them if they hold; `TokenRefused` if they do not, and
   * what was kept stays. The root that was seen first is the one that is asked.
   *
   * @param {{ keyset: string, status: string }} urls
   */
  async refresh(urls) {
    const keys = await fetched(urls.keyset);
    this.#clock.offset = keys.at - Math.floor(Date.now() / 1000);
    this.#clock.latest = keys.at;
    await hold("clock", this.#clock);
    await this.#read(keys);
    if (!(await held("root"))) await hold("root", this.root);
    await hold("keyset", { ...keys, seq: this.#keyset?.seq });
    const list = await fetched(urls.status);
    await this.#list(list);
    await hold("status", { ...list, seq: this.#status?.seq });
  }

  /** @returns {Promise<Ages>} */
  async ages() {
    const now = await this.now();
    const age = (/** @type {number | undefined} */ since) =>
      since === undefined ? undefined : Math.max(0, now - since);
    return { keys: age(this.#came), status: age(this.#status?.iat) };
  }

  /** @param {string} text @returns {Promise<Verdict>} never more than provisional */
  async judge(text) {
    const [now, ages] = [await this.now(), await this.ages()];
    if (text.startsWith(SHOWN)) return { code: "waiting", why: "shown", ages };
    if (now > this.#until) await this.borrow();
    const keyset = this.#keyset;
    if (!keyset || ages.keys === undefined) return { code: "waiting", why: "no_keys", ages };
    if (ages.keys > STALE_KEYS_S) return { code: "waiting", why: "stale_keys", ages };
    if (this.#lent.length === 0) return { code: "waiting", why: "no_lease", ages };
    const unknown = ages.status === undefined || ages.status > STALE_STATUS_S;
    const how = { host: this.host, now, keyset, lent: this.#lent, status: this.#status };
    try {
      const { purpose, claims } = await open(text, how);
      const number = await spoken(this.host, bytes(claims.cti));
      return { code: "provisional", why: "", purpose, claims, number, unknown, ages };
    } catch (wrong) {
      if (wrong instanceof NotHere) return { code: "waiting", why: "not_here", ages };
      if (wrong instanceof TokenRefused) return { code: codeOf(wrong), why: wrong.code, ages };
      throw wrong;
    }
  }

  /** @param {Kept} kept */
  async #read({ document, seq, at }) {
    const root = await rootOf((await held("root")) ?? this.root);
    const leastSeq = most(seq, (await held("keyset"))?.seq);
    const reader = { root, host: this.host, now: await this.now(), leastSeq };
    this.#keyset = await readKeyset(document, reader);
    this.#came = at;
  }

  /** @param {Kept} kept */
  async #list({ document, seq }) {
    if (!this.#keyset) return;
    const leastSeq = most(seq, (await held("status"))?.seq);
    const reader = { keyset: this.#keyset, host: this.host, now: await this.now(), leastSeq };
    this.#status = await readStatus(document, reader);
  }
}

/** @type {Desk | undefined} */
let here;

/** The one desk of this page. @param {{ host: string, root: Root }} installation */
export function deskHere(installation) {
  here ??= new Desk(installation);
  return here;
}

/** @param {number | bigint} one @param {number | bigint | undefined} other */
const most = (one, other) => (other !== undefined && other > one ? other : one);

/** @param {Promise<void>} deed */
async function ifItHolds(deed) {
  try {
    await deed;
  } catch (wrong) {
    if (!(wrong instanceof TokenRefused)) throw wrong;
  }
}

/** @param {TokenRefused} refused */
function codeOf({ code }) {
  if (code === "revoked") return "withdrawn";
  return NOT_OURS.includes(code) ? "not-ours" : "unverifiable";
}

/** @param {string} hex */
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => Number.parseInt(two, 16));

/** @param {Root} root */
const rootOf = ({ kid, point, nbf, naf }) =>
  publicKey({
    kid: bytes(kid),
    use: "keyset",
    alg: ES256,
    point: decode(point),
    window: { nbf, naf, maxAge: MAX_AGE },
  });

/** @param {string} url @returns {Promise<Kept>} *at* by the server's clock */
async function fetched(url) {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(SOON_MS), cache: "no-cache" });
    if (!reply.ok) throw new Unreached(`${reply.status}`);
    const at = Date.parse(reply.headers.get("Date") ?? "") || Date.now();
    const document = new Uint8Array(await reply.arrayBuffer());
    return { document, seq: 0, at: Math.floor(at / 1000) };
  } catch (cause) {
    throw cause instanceof Unreached ? cause : new Unreached("no answer", { cause });
  }
}
