/**
 * Fill the named gaps of a piece of the page: `<b data-slot="where" data-say="near {where}"></b>`.
 * Text goes in as text; with `data-tongue="ko"` it is said to be Korean, whatever the page is.
 * A gap without words is taken out, so that nothing empty is read aloud.
 *
 * @param {ParentNode} piece
 * @param {Record<string, string | Node | undefined>} words
 */
export function fill(piece, words) {
  for (const [name, said] of Object.entries(words)) {
    for (const gap of piece.querySelectorAll(`[data-slot="${name}"]`)) {
      if (said === undefined || said === "") gap.remove();
      else gap.replaceChildren(...worded(gap, name, said));
    }
  }
}

/**
 * @param {Element} gap
 * @param {string} name
 * @param {string | Node} said
 */
function worded(gap, name, said) {
  if (typeof said !== "string") return [said];
  const [before, after] = (gap.getAttribute("data-say") ?? `{${name}}`).split(`{${name}}`);
  return [before, spoken(said, gap.getAttribute("data-tongue")), after ?? ""];
}

/**
 * @param {string} said
 * @param {string | null} tongue
 */
function spoken(said, tongue) {
  if (!tongue) return said;
  const words = document.createElement("span");
  words.lang = tongue;
  words.textContent = said;
  return words;
}

/**
 * `12 m`, `1.8 km`; the space does not break.
 *
 * @param {number} value metres
 */
export function metres(value) {
  return value < 1000 ? `${Math.round(value)}\u00a0m` : `${(value / 1000).toFixed(1)}\u00a0km`;
}

/**
 * A receipt number in its three groups.
 *
 * @param {string} spoken
 */
export function numbered(spoken) {
  return (spoken.match(/.{1,4}/g) ?? []).join("-");
}

/**
 * @param {number} amount
 * @param {string} language
 */
export function won(amount, language) {
  const digits = amount.toLocaleString("en");
  return language.startsWith("ko") ? `${digits}원` : `${digits} won`;
}

/**
 * The hour and minute of a moment where the office is.
 *
 * @param {string} at
 */
export function clock(at) {
  const zone = { timeZone: "Asia/Seoul", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat("en", /** @type {Intl.DateTimeFormatOptions} */ (zone)).format(
    new Date(at),
  );
}
