/**
 * A code of the place, read on one page and sent with the touch of the next. A screen's is good
 * for 45 seconds, from reading to sending; a tag's until another one is read.
 */
const PLACE = "tripseal.site";
const LIFE_MS = 45_000;

/** @param {string} text */
export function holdCode(text) {
  sessionStorage.setItem(PLACE, JSON.stringify({ text, at: Date.now() }));
}

/** @returns {string | undefined} once */
export function takeCode() {
  const text = heldCode();
  sessionStorage.removeItem(PLACE);
  return text;
}

/** @returns {string | undefined} */
export function heldCode() {
  const said = sessionStorage.getItem(PLACE);
  if (!said) return undefined;
  const { text, at } = JSON.parse(said);
  const age = Date.now() - at;
  return text.startsWith("e=") || (age >= 0 && age < LIFE_MS) ? text : undefined;
}
