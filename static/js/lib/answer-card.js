/** The answer that is shown large: two bands, whose trip, reasons and lines. */
import { clock, filled, put, showBand, showLines, showReasons } from "./answer.js";
import { metres, numbered } from "./words.js";

/** @typedef {import("./answer.js").Answer} Answer */

/**
 * @param {HTMLElement} station holds the parts, and in its data the words
 * @param {Answer} said
 */
export function showAnswer(station, said) {
  for (const name of /** @type {const} */ (["genuine", "payable"])) {
    const section = station.querySelector(`[data-band="${name}"]`);
    if (section) showBand(section, said[name]);
  }
  const { check_in, earlier = [], person, read, trip, verdict, whole } = said;
  station.querySelector("[data-found]")?.toggleAttribute("hidden", !trip && !read);
  const { dataset } = station;
  const [last] = earlier;
  const again = { n: earlier.length + 1, t: last ? clock(last.at) : "" };
  put(station, "earlier", last ? filled(dataset.earlier ?? "", again) : "");
  put(station, "differs", said.differs ?? "");
  put(station, "who", person ? `${person.name} · ${person.department}` : "");
  put(station, "trip", trip ? `${trip.number} · ${trip.state_word}` : (read?.trip ?? ""));
  const touch = check_in ?? read;
  const number = (whole ?? touch)?.number;
  put(station, "number", number ? filled(dataset.receipt ?? "", { n: numbered(number) }) : "");
  const when = touch ? `${touch.kind_word} ${clock(touch.recorded_at)}` : "";
  put(station, "when", [when, check_in?.made].filter(Boolean).join(" · "));
  put(station, "where", check_in ? whereOf(said, dataset.planned ?? "") : "");
  put(station, "evidence", verdict?.word ?? "");
  files(station, trip?.files_url ?? "");
  details(station, said);
  flash(station.querySelector("[data-answer]"));
  offer(station, addable(said) ? trip?.id : undefined);
}

/** @param {HTMLElement} station @param {string} url where papers and photos are, if there are any */
function files(station, url) {
  const link = station.querySelector("[data-files]");
  if (!(link instanceof HTMLAnchorElement)) return;
  link.hidden = url === "";
  if (url) link.href = url;
}

/** @param {Answer} said @param {string} planned */
function whereOf({ check_in, trip }, planned) {
  const far = check_in?.planned_m;
  const away = typeof far === "number" ? filled(planned, { far: metres(far) }) : "";
  return [trip?.destination, check_in?.place, away].filter(Boolean).join(" · ");
}

/** A new answer is seen from the corner of an eye, even where it says the same as the last. */
function flash(/** @type {Element | null} */ card) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  card?.animate([{ opacity: 0.25 }, { opacity: 1 }], { duration: 180, easing: "ease-out" });
}

/** @param {HTMLElement} station @param {Answer} said */
function details(station, said) {
  const reasons = station.querySelector("[data-reasons]");
  const lines = station.querySelector("[data-lines]");
  if (!reasons || !lines) return;
  const r = showReasons(reasons, said);
  const l = showLines(lines, said, station.dataset.total ?? "");
  put(station, "counts", filled(station.dataset.counts ?? "", { r, l }));
}

/** @param {HTMLElement} station @param {string | undefined} trip that may go into the batch */
export function offer(station, trip) {
  const form = station.querySelector("[data-add]");
  if (!(form instanceof HTMLFormElement)) return;
  form.hidden = !trip;
  const field = form.elements.namedItem("trip");
  if (field instanceof HTMLInputElement) field.value = trip ?? "";
}

/** @param {Answer} said */
export const addable = ({ payable, trip }) =>
  trip !== undefined && ["payable", "zero"].includes(payable.code) && payable.cure !== "";
