import { device, system } from "../lib/device.js";
import { post, Refused, Unreached } from "../lib/http.js";
import { forget, keep, kept } from "../lib/kept.js";
import { takeCode } from "../lib/held-code.js";
import { LIMITS, look } from "../lib/position.js";
import { draw } from "../lib/qr.js";
import { record } from "../lib/record.js";
import { sign, Unsigned } from "../lib/signature.js";
import { uuid7 } from "../lib/uuid7.js";
import { clock, fill, metres, numbered, won } from "../lib/words.js";

/** @typedef {import("../lib/kept.js").Touch} Touch */

/** States that take the whole page: what led to them steps aside, and their sentence is read. */
const WHOLE = new Set([
  ...["explain", "ok", "weak", "no-position", "supplement", "invalid"],
  ...["queued", "refused", "withdrawn"],
]);
const BUZZ = { ok: [60], weak: [40, 60, 40], supplement: [40, 60, 40], invalid: [200] };
const ASK_AGAIN_S = 300;
const UNDO_S = 10;
const WEAK_CM = 20_000;

/**
 * `<check-in>` wraps the server's form. Without script the form still posts; with script the
 * touch carries where the phone is and who signed, and the receipt appears in the form's place.
 *
 * Every state is a `<template data-view="…">` of the page, which holds all words. The state is
 * in `data-state`; the moments `tap fix signed sending qr` are User Timing marks.
 */
class CheckIn extends HTMLElement {
  /** @type {Touch | undefined} the one on its way; a second press finds us deaf */
  #touch;

  /** @type {(() => void) | undefined} */
  #finish;

  /** @type {any} the server's answer on show */
  #answer;

  /** @type {{ kind: string, how: string } | undefined} a press that waits for a yes */
  #asked;

  #busy = false;
  #ticking = 0;

  connectedCallback() {
    this.addEventListener("submit", this);
    this.addEventListener("click", this);
    addEventListener("online", this);
    this.dataset.state = "idle";
    this.#touch = kept(this.#said("owner"));
    if (this.#touch) this.#resume();
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
    this.removeEventListener("click", this);
    removeEventListener("online", this);
    clearInterval(this.#ticking);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "online") this.#resume();
    else if (event instanceof SubmitEvent) this.#submit(event);
    else if (event.target instanceof Element) {
      const act = event.target.closest("[data-act]")?.getAttribute("data-act");
      if (act) this.#act(act);
    }
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    const how = button?.dataset.how ?? (this.dataset.consent ? "with" : "ask");
    this.#press(button?.value ?? "arrive", how);
  }

  /** @param {string} act what a button of a view is for */
  #act(act) {
    const { kind, how } = this.#asked ?? { kind: "arrive", how: "with" };
    if (act === "with") this.#begin(kind, "agreed");
    else if (act === "without") this.#begin(kind, "without");
    else if (act === "more") this.#ready(kind, how);
    else if (act === "finish") this.#finish?.();
    else if (act === "stop") this.#stop();
    else if (act === "send" || act === "sign") this.#go();
    else if (act === "unsigned") this.#unsigned();
    else if (act === "again") this.#ready(this.#answer.kind, "with");
    else if (act === "undo") this.#undo();
    else if (act === "idle") this.#show("idle");
  }

  /**
   * @param {string} kind
   * @param {string} how
   */
  #press(kind, how) {
    if (this.#busy || this.#touch) return;
    this.#asked = { kind, how };
    if (kind === this.dataset.lastKind && this.#sinceLast() < ASK_AGAIN_S) this.#show("again");
    else this.#ready(kind, how);
  }

  /** Seconds since the last touch: by the server's clock, and ours only from there on. */
  #sinceLast() {
    return Number(this.dataset.lastS) + performance.now() / 1000;
  }

  /**
   * @param {string} kind
   * @param {string} how
   */
  #ready(kind, how) {
    this.#asked = { kind, how };
    if (how === "ask") this.#show("explain");
    else this.#begin(kind, how === "with" && this.dataset.consent !== "given" ? "without" : how);
  }

  /**
   * @param {string} kind
   * @param {string} how `with` a position, `agreed` to it just now, or `without`
   */
  async #begin(kind, how) {
    if (this.#busy) return;
    this.#busy = true;
    for (const name of ["tap", "fix", "signed", "sending", "qr"]) performance.clearMarks(name);
    performance.mark("tap");
    /** @type {Touch} */
    const touch = {
      owner: this.#said("owner"),
      id: uuid7(),
      kind,
      trip: this.dataset.trip || null,
      at_ms: Date.now(),
      device: device(),
    };
    // Read on another page, some seconds ago.
    touch.site = takeCode();
    if (how === "agreed") touch.consent = this.#consent();
    this.#touch = touch;
    // Asked for meanwhile. Whatever goes wrong here is met again in `#go`, and told there.
    const question = this.#question(touch).catch(() => undefined);
    try {
      if (how !== "without") await this.#look(touch);
      performance.mark("fix");
      touch.challenge = await question;
    } catch (refusal) {
      this.#failed(refusal);
    }
    if (this.#touch !== touch) return;
    keep(touch);
    this.#busy = false;
    await this.#go();
  }

  /** @param {Touch} touch */
  async #look(touch) {
    this.#show("locating");
    await this.#agree(touch);
    // The screen staying lit is a kindness only: a phone may refuse it.
    const lit = navigator.wakeLock?.request("screen").catch(() => undefined);
    const limits = this.#limits();
    const { sight, finish } = look({
      limits,
      onFix: ({ acc_cm }) => this.#fill({ accuracy: metres(acc_cm / 100) }),
    });
    this.#finish = finish;
    const since = performance.now();
    this.#tick(200, () => {
      const passed = performance.now() - since;
      const ring = /** @type {SVGElement | null} */ (this.querySelector(".touch__ring"));
      ring?.style.setProperty("--done", String(Math.min(1, passed / limits.any_ms)));
      if (passed > 3000) this.#reveal("finish");
    });
    const seen = await sight;
    clearInterval(this.#ticking);
    this.#finish = undefined;
    touch.sight = seen;
    (await lit)?.release();
  }

  /** @param {Touch} touch their yes is on record before anything is measured, if a line is there */
  async #agree(touch) {
    if (!touch.consent) return;
    try {
      await post(this.#said("consents"), touch.consent);
      delete touch.consent;
      this.dataset.consent = "given";
    } catch (refusal) {
      // It goes out before the touch does, once somebody answers.
      if (!waits(refusal)) throw refusal;
    }
  }

  /** What is left to do for the touch in hand, from wherever it stopped. */
  async #go() {
    const touch = this.#touch;
    if (!touch || this.#busy) return;
    this.#busy = true;
    try {
      await this.#agree(touch);
      touch.challenge ??= await this.#question(touch);
      touch.record ??= record({
        ...touch,
        challenge: touch.challenge.id,
        sight: touch.sight ?? NOWHERE,
      });
      keep(touch);
      touch.proof ??= await this.#proof(touch.record, touch.challenge.nonce);
      performance.mark("signed");
      keep(touch);
      this.#kept(touch, await this.#send(touch));
    } catch (refusal) {
      this.#failed(refusal);
    } finally {
      this.#busy = false;
    }
  }

  /**
   * @param {Touch} touch
   * @returns {Promise<{ id: string, nonce: string }>}
   */
  async #question({ trip }) {
    const { challenges } = await post(this.#said("challenges"), { trip, count: 1 });
    return challenges[0];
  }

  /**
   * @param {string} record
   * @param {string} nonce
   */
  async #proof(record, nonce) {
    const credentials = this.#said("credentials").split(" ").filter(Boolean);
    /** @type {Record<string, string>} */
    const none = { kind: "none" };
    if (!credentials.length) return none;
    this.#show("signing");
    return sign({ record, nonce, credentials });
  }

  /** @param {Touch} touch */
  async #send({ id, record, proof }) {
    this.#show("sending");
    performance.mark("sending");
    const slow = setTimeout(() => this.#reveal("kept"), 1500);
    try {
      return await post(this.#said("api"), { id, record, proof });
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {unknown} refusal */
  #failed(refusal) {
    if (refusal instanceof Unsigned) this.#show("unsigned", { state: "signing" });
    else if (waits(refusal)) this.#queued(refusal);
    else if (refusal instanceof Refused) {
      this.#drop();
      this.#show("refused", { words: { detail: refusal.message } });
    } else throw refusal;
  }

  /** @param {Refused | Unreached} [refusal] */
  #queued(refusal) {
    const at = new Date(this.#touch?.at_ms ?? Date.now());
    const out = refusal instanceof Refused && refusal.code === "session.over";
    const detail = refusal instanceof Refused && !out ? refusal.message : undefined;
    this.#show("queued", {
      kind: this.#touch?.kind,
      words: { detail, time: clock(at.toJSON()) },
    });
    this.#reveal(out ? "sign-in" : "send");
  }

  /** A line is there again, or a tab came back. A signature still to come needs a press. */
  #resume() {
    if (this.#busy || !this.#touch) return;
    if (this.#touch.proof || !this.#said("credentials")) this.#go();
    else this.#queued();
  }

  #unsigned() {
    if (this.#touch) this.#touch.proof = { kind: "none" };
    this.#go();
  }

  #stop() {
    this.#drop();
    this.#finish?.();
    this.#show("idle");
  }

  #drop() {
    forget();
    this.#touch = undefined;
    this.#busy = false;
  }

  /**
   * @param {Touch} touch
   * @param {any} answer
   */
  #kept(touch, answer) {
    this.#drop();
    this.#answer = answer;
    this.dataset.trip = answer.trip;
    this.dataset.lastKind = answer.kind;
    this.dataset.lastS = String(-performance.now() / 1000);
    const best = Math.min(...(touch.sight?.fixes ?? []).map(({ acc_cm }) => acc_cm));
    const state = stateOf(answer, best);
    const { total } = answer.expected;
    this.#show(state, {
      kind: answer.kind,
      trip: answer.trip,
      words: {
        accuracy: Number.isFinite(best) ? metres(best / 100) : undefined,
        number: numbered(answer.token.spoken),
        missing: lines(answer.missing, this.#korean),
        // The last of its words is the nearest: "…, 성산구 용호동".
        place: answer.place?.split(" ").at(-1),
        qr: answer.verdict === "INVALID" ? undefined : this.#qr(answer.token),
        reasons: lines(answer.reasons, this.#korean),
        time: clock(answer.recorded_at),
        won: total === null ? undefined : won(total, this.#korean ? "ko" : "en"),
      },
    });
    this.#reveal(answer.verdict);
    if (total === null) this.#reveal("no-sum");
    for (const { code } of answer.missing) this.#reveal(code);
    if (touch.sight && touch.sight.state !== "given") this.#reveal(`why-${touch.sight.state}`);
    for (const how of this.querySelectorAll("details[data-how]")) {
      how.toggleAttribute("open", how.getAttribute("data-how") === system());
    }
    if (answer.verdict !== "INVALID") performance.mark("qr");
    buzz(BUZZ[/** @type {keyof typeof BUZZ} */ (state)] ?? BUZZ.ok);
    this.#countDown();
    this.dispatchEvent(new CustomEvent("kept", { bubbles: true, detail: answer }));
  }

  /** @param {{ text: string, spoken: string }} token */
  #qr({ text, spoken }) {
    return draw(text, `${this.#said("qrName")} ${numbered(spoken)}`);
  }

  /** Ten seconds to take it back; then the way without a limit of time stands there. */
  #countDown() {
    let left = UNDO_S;
    this.#fill({ seconds: String(left) });
    this.#tick(1000, () => {
      left -= 1;
      this.#fill({ seconds: String(left) });
      const bar = this.querySelector("progress");
      if (bar) bar.value = left / UNDO_S;
      if (left <= 0) this.#tooLate();
    });
  }

  #tooLate() {
    clearInterval(this.#ticking);
    this.querySelector('[data-part="undo"]')?.remove();
    this.#reveal("correct");
  }

  async #undo() {
    clearInterval(this.#ticking);
    try {
      await post(`${this.#said("api")}/${this.#answer.id}/withdrawal`, {});
      delete this.dataset.lastKind;
      this.#show("withdrawn");
    } catch (refusal) {
      if (!(refusal instanceof Refused || refusal instanceof Unreached)) throw refusal;
      this.#tooLate();
    }
  }

  /**
   * @param {string} view
   * @param {{ state?: string, kind?: string, trip?: string,
   *           words?: Record<string, string | Node | undefined> }} what
   */
  #show(view, { state = view, kind = this.#asked?.kind, trip, words = {} } = {}) {
    clearInterval(this.#ticking);
    const form = this.querySelector("form");
    const stage = this.querySelector("[data-stage]");
    const page = /** @type {HTMLTemplateElement | null} */ (
      this.querySelector(`template[data-view="${view}"]`)
    );
    const piece = page?.content.cloneNode(true);
    if (form) form.hidden = Boolean(piece);
    for (const before of this.querySelectorAll("[data-before]")) {
      before.toggleAttribute("hidden", WHOLE.has(state));
    }
    stage?.replaceChildren(...(piece ? [piece] : []));
    for (const other of this.querySelectorAll("[data-kind]")) {
      if (other.getAttribute("data-kind") !== kind) other.remove();
    }
    if (stage) fill(stage, words);
    this.#lead(trip ?? this.dataset.trip ?? "");
    this.dataset.state = state;
    this.#tell(state);
  }

  /** @param {string} trip a touch without an order learns its trip from the answer */
  #lead(trip) {
    for (const way of this.querySelectorAll("a[data-to]")) {
      const page = way.getAttribute("data-to");
      way.setAttribute("href", `${this.#said("trips")}${trip}/${page ? `${page}/` : ""}`);
    }
  }

  /** @param {string} state what was reached is focused and so read; what goes on is only said */
  #tell(state) {
    const sentence = /** @type {HTMLElement | null} */ (this.querySelector("[data-sentence]"));
    const status = this.querySelector("[role=status]");
    if (WHOLE.has(state)) sentence?.focus();
    else if (state === "idle") this.querySelector("form")?.querySelector("button")?.focus();
    else status?.replaceChildren(sentence?.textContent?.trim() ?? "");
  }

  /** @param {Record<string, string | undefined>} words */
  #fill(words) {
    const stage = this.querySelector("[data-stage]");
    if (stage) fill(stage, words);
  }

  /** @param {string} part */
  #reveal(part) {
    for (const piece of this.querySelectorAll(`[data-part="${part}"]`)) {
      piece.removeAttribute("hidden");
    }
  }

  /**
   * @param {number} every milliseconds
   * @param {() => void} deed
   */
  #tick(every, deed) {
    clearInterval(this.#ticking);
    this.#ticking = window.setInterval(deed, every);
  }

  /** Deadlines of the page, where it gives any. */
  #limits() {
    const given = Object.keys(LIMITS).map((name) => [name, this.dataset[camel(name)]]);
    const own = given.filter(([, ms]) => ms !== undefined).map(([name, ms]) => [name, Number(ms)]);
    return { ...LIMITS, ...Object.fromEntries(own) };
  }

  #consent() {
    return { purpose: "position", answer: "given", text_version: this.#said("consentText") };
  }

  get #korean() {
    return document.documentElement.lang.startsWith("ko");
  }

  /** @param {string} name */
  #said(name) {
    return this.dataset[name] ?? "";
  }
}

/** A touch whose traveller did not want to be located: lawful, and it costs nothing. */
const NOWHERE = { state: "refused", fixes: [], errors_between: 0 };

/**
 * Whether the same words may be taken later.
 *
 * @param {unknown} refusal
 * @returns {refusal is Refused | Unreached}
 */
function waits(refusal) {
  return refusal instanceof Unreached || (refusal instanceof Refused && refusal.later);
}

/**
 * @param {any} answer
 * @param {number} best_cm of the position it brought; without end where it brought none
 */
function stateOf({ verdict }, best_cm) {
  if (verdict === "INVALID") return "invalid";
  if (!Number.isFinite(best_cm)) return "no-position";
  if (best_cm > WEAK_CM) return "weak";
  return verdict === "SUPPLEMENT" ? "supplement" : "ok";
}

/**
 * @param {{ why_ko: string, why_en: string }[]} said
 * @param {boolean} korean
 */
function lines(said, korean) {
  const list = document.createDocumentFragment();
  for (const { why_ko, why_en } of said) {
    const line = document.createElement("li");
    line.textContent = korean ? why_ko : why_en;
    list.append(line);
  }
  return said.length ? list : undefined;
}

/** @param {number[]} pattern a page that nobody touched yet, after a reload, may not */
function buzz(pattern) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}

/** @param {string} name `any_ms` is `data-any-ms` */
function camel(name) {
  return name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());
}

customElements.define("check-in", CheckIn);
