/** Ten seconds to take a touch back; then the way without a limit of time stands there. */
import { post, Refused, Unreached } from "./http.js";
import { keep } from "./outbox.js";
import { uuid7 } from "./uuid7.js";

const UNDO_S = 10;

/** @param {import("./stage.js").Stage} stage */
export function countDown(stage) {
  let left = UNDO_S;
  stage.fill({ seconds: String(left) });
  stage.tick(1000, () => {
    left -= 1;
    stage.fill({ seconds: String(left) });
    const bar = stage.element.querySelector("progress");
    if (bar) bar.value = left / UNDO_S;
    if (left <= 0) tooLate(stage);
  });
}

/** @param {import("./stage.js").Stage} stage */
export function tooLate(stage) {
  stage.still();
  stage.take("undo");
  stage.reveal("correct");
}

/**
 * @param {string} url of the touch
 * @returns {Promise<boolean>} whether the server still took it back
 */
export async function takenBack(url) {
  try {
    await post(`${url}/withdrawal`, {});
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refused || refusal instanceof Unreached)) throw refusal;
    return false;
  }
}

/** @param {import("./outbox.js").Touch} touch one that waits: that it was taken back waits behind it */
export const takeBack = ({ id, owner, trip }) =>
  keep({ owner, id: uuid7(), kind: "withdrawal", trip, at_ms: Date.now(), of: id });
