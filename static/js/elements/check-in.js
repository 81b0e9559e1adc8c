import { dated, giveBack, question } from "../lib/challenges.js";
import { device } from "../lib/device.js";
import { takeCode } from "../lib/held-code.js";
import { post, Refused, Unreached, waits } from "../lib/http.js";
import { locate } from "../lib/locating.js";
import { forget, isReady, keep, listen, renamed, TAKEN, waiting } from "../lib/outbox.js";
import { byDevice, hasDeviceKey, proofOf } from "../lib/proving.js";
import { record } from "../lib/record.js";
import { addressesOf, empty, renewing } from "../lib/sender.js";
import { Stage } from "../lib/stage.js";
import { here } from "../lib/today.js";
import { countDown, takeBack, takenBack, tooLate } from "../lib/undo.js";
import { uuid7 } from "../lib/uuid7.js";
import { clock } from "../lib/words.js";

/** @typedef {import("../lib/outbox.js").Touch} Touch */

const ASK_AGAIN_S = 300;
const SLOW_MS = 1_500;
/** States in which what was sent meanwhile may take the stage. */
const FREE = new Set(["idle", "queued", "sent-late"]);

/**
 * `<check-in>` wraps the server's form. Without script the form still posts; with script the
 * touch carries where the phone is and who signed, waits in the outbox for its answer, and the
 * receipt appears in the form's place. With `data-shell` it stands on the page that was kept
 * for the time without a line, and fills it with what this phone holds.
 *
 * The moments `awake tap fix signed sending qr` are User Timing marks.
 */
class CheckIn extends HTMLElement {
  #stage = new Stage(this);

  /** @type {Touch | undefined} the one on its way; a second press finds us deaf */
  #touch;

  /** @type {Touch | undefined} one whose name another record has */
  #double;

  /** @type {(() => void) | undefined} */
  #finish;

  /** @type {any} the server's answer on show */
  #answer;

  /** @type {{ kind: string, how: string } | undefined} a press that waits for a yes */
  #asked;

  #busy = false;

  /** How many that had waited were sent since this page opened. */
  #late = 0;

  /** @type {() => void} */
  #deafen = () => {};

  connectedCallback() {
    this.addEventListener("submit", this);
    this.addEventListener("click", this);
    addEventListener("online", this);
    this.#deafen = listen((news) => {
      if (news.news === "sent") void this.#sent(news.touch, news.answer);
      else if (this.#said("state") === "queued") void this.#waited();
    });
    this.dataset.state = "idle";
    void this.#wake();
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
    this.removeEventListener("click", this);
    removeEventListener("online", this);
    this.#deafen();
    this.#stage.still();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "online") void this.#resume();
    else if (event instanceof SubmitEvent) this.#submit(event);
    else if (event.target instanceof Element) {
      const act = event.target.closest("[data-act]")?.getAttribute("data-act");
      if (act) this.#act(act);
    }
  }

  /** What this phone still has of theirs: the last act, and a touch that is not signed yet. */
  async #wake() {
    await here(this);
    performance.mark("awake");
    const mine = (await waiting(this.#said("owner"))).filter(({ of }) => of === undefined);
    const last = mine.at(-1);
    if (last) this.#remember(last.kind, last.trip, (Date.now() - last.at_ms) / 1000);
    this.dataset.awake = "";
    if (this.#touch || this.#busy) return;
    this.#touch = mine.findLast((one) => !isReady(one) && !one.stuck);
    await this.#resume();
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
    else if (act === "stop") void this.#stop();
    else if (act === "send" || act === "sign") void this.#go();
    else if (act === "device-key") void this.#signed("device-key");
    else if (act === "unsigned") void this.#signed("none");
    else if (act === "again") this.#ready(this.#answer.kind, "with");
    else if (act === "undo") void this.#undo();
    else if (act === "rename") void this.#rename();
    else if (act === "idle") this.#show("idle");
  }

  /** @param {string} kind @param {string} how */
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
   * @param {string | null} trip
   * @param {number} seconds ago
   */
  #remember(kind, trip, seconds) {
    if (trip !== null && trip !== this.#said("trip")) return;
    this.dataset.lastKind = kind;
    this.dataset.lastS = String(seconds - performance.now() / 1000);
  }

  /** @param {string} kind @param {string} how */
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
    // Where the line breaks just now it is asked for once more, when there is an answer to draw.
    drawing().catch(() => undefined);
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
    const asked = this.#question(touch).catch(() => undefined);
    try {
      if (how !== "without") await this.#look(touch);
      performance.mark("fix");
      touch.challenge = await asked;
      if (this.#touch !== touch) return;
      await keep(touch);
      this.#busy = false;
      await this.#go();
    } catch (refusal) {
      this.#busy = false;
      await this.#failed(refusal);
    }
  }

  /** @param {Touch} touch */
  async #look(touch) {
    this.#show("locating");
    await this.#agree(touch);
    const { sight, finish } = locate(this.#stage);
    this.#finish = finish;
    touch.sight = await sight;
    this.#finish = undefined;
  }

  /** @param {Touch} touch their yes is on record before anything is measured, if a line is there */
  async #agree(touch) {
    const { consent } = touch;
    if (!consent) return;
    this.dataset.consent = "given";
    try {
      await renewing(this.#whose, () => post(this.#said("consents"), consent));
      delete touch.consent;
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
      touch.challenge ??= await this.#question(touch);
      touch.record ??= record(touch, dated(touch.challenge));
      await keep(touch);
      touch.proof ??= await this.#proof(touch);
      performance.mark("signed");
      await keep(touch);
      if (touch.instead) await forget(touch.instead);
      await this.#send(touch);
    } catch (refusal) {
      await this.#failed(refusal);
    } finally {
      this.#busy = false;
    }
  }

  /** @param {Touch} touch */
  #question({ trip, owner }) {
    return renewing(this.#whose, () => question(this.#said("challenges"), { trip, owner }));
  }

  /** @param {Touch} touch */
  #proof(touch) {
    const credentials = this.#said("credentials").split(" ").filter(Boolean);
    return proofOf(touch, credentials, () => this.#show("signing"));
  }

  /** Another way than the passkey, which did not answer. @param {"device-key" | "none"} how */
  async #signed(how) {
    const touch = this.#touch;
    if (!touch?.record || this.#busy) return;
    try {
      touch.proof = how === "none" ? { kind: "none" } : await byDevice(touch);
    } catch (refusal) {
      return this.#failed(refusal);
    }
    await this.#go();
  }

  /** @param {Touch} touch what was answered comes back as news, here and in every other tab */
  async #send(touch) {
    this.#show("sending");
    performance.mark("sending");
    const slow = setTimeout(() => this.#stage.reveal("kept"), SLOW_MS);
    const { id } = touch;
    try {
      const outcomes = await empty({ ...this.#whose, urgent: id });
      const mine = outcomes.find((one) => one.touch.id === id);
      if (mine?.refusal) await this.#failed(mine.refusal);
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {unknown} refusal */
  async #failed(refusal) {
    if (refusal instanceof Error && refusal.name === "Unsigned") await this.#unsigned();
    else if (waits(refusal)) this.#queued(refusal);
    else if (refusal instanceof Refused) {
      await this.#refused(refusal);
    } else throw refusal;
  }

  /** For good. What was signed stays on the phone with the reason; what was not is to press anew. */
  async #refused(/** @type {Refused} */ { code, message: detail }) {
    const touch = this.#touch;
    this.#touch = undefined;
    const signed = touch !== undefined && isReady(touch);
    if (touch && signed) await keep({ ...touch, stuck: true, why: { code, detail } });
    else if (touch) await forget(touch.id);
    this.#double = signed && code === TAKEN ? touch : undefined;
    if (this.#double) this.#show("conflict", { state: "refused" });
    else this.#show("refused", { words: { detail } });
    if (signed) this.#stage.reveal("still-here");
  }

  /** Nothing of it is measured again: what was pressed is signed under a name of its own. */
  async #rename() {
    const double = this.#double;
    if (!double || this.#touch) return;
    this.#double = undefined;
    this.#touch = renamed(double);
    await keep(this.#touch);
    await this.#go();
  }

  async #unsigned() {
    this.#show("unsigned", { state: "signing" });
    if (await hasDeviceKey(this.#said("owner"))) this.#stage.reveal("device-key");
  }

  /** @param {Refused | Unreached} [refusal] */
  #queued(refusal) {
    const touch = this.#touch;
    const out = refusal instanceof Refused && refusal.code === "session.over";
    const detail = refusal instanceof Refused && !out ? refusal.message : undefined;
    this.#show("queued", {
      kind: touch?.kind,
      words: { detail, time: clock(new Date(touch?.at_ms ?? Date.now()).toJSON()) },
    });
    this.#stage.reveal(out ? "sign-in" : "send");
    if (touch && isReady(touch)) {
      this.#stage.reveal("undo");
      this.#remember(touch.kind, touch.trip, 0);
      countDown(this.#stage);
    }
  }

  /** It was tried again, and still waits: perhaps for its person to sign in. */
  async #waited() {
    const mine = await waiting(this.#said("owner"));
    const { why } = mine.find(({ id }) => id === this.#touch?.id) ?? {};
    if (why?.code === "session.over") this.#stage.reveal("sign-in");
  }

  /** A line is there again, or a page came back. A signature still to come needs a press. */
  async #resume() {
    const touch = this.#touch;
    if (this.#busy || !touch || isReady(touch)) return;
    if (this.#said("credentials")) this.#queued();
    else await this.#go();
  }

  async #stop() {
    const touch = this.#touch;
    this.#touch = undefined;
    this.#busy = false;
    this.#finish?.();
    this.#show("idle");
    if (!touch) return;
    await forget(touch.id);
    if (touch.challenge) await giveBack(touch.challenge);
  }

  /**
   * @param {Touch} touch answered for: the one in hand, or one that had waited
   * @param {any} answer
   */
  async #sent(touch, answer) {
    if (touch.owner !== this.#said("owner")) return;
    if (this.#touch?.id === touch.id) await this.#kept(touch, answer);
    else if (!this.#busy && FREE.has(this.#said("state"))) await this.#keptLate(touch, answer);
  }

  /** @param {Touch} touch @param {any} answer */
  async #kept(touch, answer) {
    this.#touch = undefined;
    this.#answer = answer;
    this.dataset.trip = answer.trip;
    this.#remember(answer.kind, answer.trip, 0);
    const { showResult } = await drawing();
    showResult(this.#stage, answer, touch.sight);
    if (answer.verdict !== "INVALID") performance.mark("qr");
    countDown(this.#stage);
    this.dispatchEvent(new CustomEvent("kept", { bubbles: true, detail: answer }));
  }

  /** @param {Touch} touch @param {any} answer */
  async #keptLate(touch, answer) {
    const { showLate } = await drawing();
    if (!FREE.has(this.#said("state"))) return;
    this.#touch = undefined;
    this.#late += 1;
    if (!touch.of) this.#remember(answer.kind, answer.trip, 0);
    showLate(this.#stage, answer, { count: this.#late, touch });
  }

  async #undo() {
    this.#stage.still();
    const touch = this.#touch;
    if (touch) await takeBack(touch);
    else if (!(await takenBack(`${this.#said("api")}/${this.#answer.id}`))) {
      tooLate(this.#stage);
      return;
    }
    this.#touch = undefined;
    delete this.dataset.lastKind;
    this.#show("withdrawn");
    if (touch) await empty({ ...this.#whose, why: "line" });
  }

  /**
   * @param {string} view
   * @param {{ state?: string, kind?: string, words?: Record<string, string | undefined> }} what
   */
  #show(view, { state = view, kind = this.#asked?.kind, words = {} } = {}) {
    this.#stage.show(view, { state, kind, words });
  }

  #consent() {
    return { purpose: "position", answer: "given", text_version: this.#said("consentText") };
  }

  get #whose() {
    return { owner: this.#said("owner"), addresses: addressesOf(this) };
  }

  /** @param {string} name */
  #said(name) {
    return this.#stage.said(name);
  }
}

/** What draws the answer comes while the touch is on its way. */
const drawing = () => import("../lib/result.js");

customElements.define("check-in", CheckIn);
