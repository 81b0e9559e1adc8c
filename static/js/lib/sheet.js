/**
 * What was found in a PDF, page by page, as a table. A page without a code, or one that
 * could not be read, stands there as well: nothing is left out silently.
 *
 * @typedef {import("./answer.js").Answer & { page?: number }} OfAPage
 * @typedef {{ results: OfAPage[], pages: { page: number, read: boolean, codes: number }[],
 *   left_off: number }} Found
 * @typedef {{ none: string, failed: string, sheet: string, left: string }} Words
 */
import { filled, mark, put, won } from "./answer.js";

/**
 * @param {HTMLElement} station
 * @param {{ name: string, found: Found, words: Words }} what
 * @param {(said: OfAPage) => void} open shows one answer large
 */
export function showSheet(station, { name, found, words }, open) {
  const body = station.querySelector("[data-sheet] tbody");
  if (!body) return;
  const rows = found.pages.flatMap(({ page, read }) => {
    const own = found.results.filter((said) => said.page === page);
    if (own.length) return own.map((said) => rowOf(page, said, open));
    return [emptyRow(page, read ? words.none : words.failed)];
  });
  body.replaceChildren(...rows);
  const { length: n } = found.pages;
  const told = filled(words.sheet, { name, n, codes: found.results.length });
  const left = found.left_off ? filled(words.left, { n: found.left_off }) : "";
  put(station, "sheet", [told, left].filter(Boolean).join(" · "));
  station.querySelector("[data-sheet]")?.toggleAttribute("hidden", false);
}

/** @param {number} page @param {OfAPage} said @param {(said: OfAPage) => void} open */
function rowOf(page, said, open) {
  const row = document.createElement("tr");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet";
  button.textContent = said.person?.name ?? said.genuine.answer;
  button.addEventListener("click", () => open(said));
  const sum = typeof said.payable.won === "number" ? won(said.payable.won) : "";
  const cells = [said.genuine, said.payable].map((band) => {
    const cell = document.createElement("td");
    cell.append(mark(band.mark), ` ${band.answer}`);
    return cell;
  });
  const who = document.createElement("td");
  who.append(button);
  const end = document.createElement("td");
  end.className = "sum";
  end.textContent = sum;
  row.append(heading(page), who, ...cells, end);
  return row;
}

/** @param {number} page @param {string} words */
function emptyRow(page, words) {
  const row = document.createElement("tr");
  row.dataset.empty = "";
  const cell = document.createElement("td");
  cell.colSpan = 4;
  cell.append(mark("warn"), ` ${words}`);
  row.append(heading(page), cell);
  return row;
}

/** @param {number} page */
function heading(page) {
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = String(page);
  return head;
}
