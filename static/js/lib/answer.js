/**
 * A scan's answer, put into the page's own markup: text as text, marks cloned.
 *
 * @typedef {{ code: string, mark: string, tone: string, answer: string, reason: string,
 *   cure: string, url: string, won?: number | null }} Band
 * @typedef {{ item_word: string, won: number, why: string, law: string[], rule_set: string }} Line
 * @typedef {{ at: string, genuine: Band, payable: Band, provisional?: boolean, differs?: string,
 *   read?: { trip: string, number: string, kind_word: string, recorded_at: string },
 *   check_in?: { kind_word: string, recorded_at: string, made?: string, place: string,
 *     planned_m: number | null, number: string },
 *   whole?: { count: number, number: string } | null,
 *   person?: { name: string, department: string },
 *   trip?: { id: string, number: string, state_word: string, destination: string,
 *     files_url: string },
 *   verdict?: { code: string, word: string, reasons: { kind: string, text: string }[] },
 *   lines?: Line[], total?: number | null, warnings?: { text: string }[],
 *   faults?: { text: string }[], earlier?: { at: string, clerk: string }[] }} Answer
 */

const REASON_MARKS = /** @type {Record<string, string>} */ ({
  integrity: "bad",
  concern: "warn",
  policy: "warn",
  support: "ok",
});

/** @param {string} name one of the six marks the page brings as templates */
export function mark(name) {
  const found = document.querySelector(`template[data-mark="${CSS.escape(name)}"]`);
  const held = found instanceof HTMLTemplateElement ? found.content.firstElementChild : null;
  return held ? document.importNode(held, true) : document.createElement("span");
}

/** @param {number} sum */
export function won(sum) {
  const said = new Intl.NumberFormat("en").format(sum);
  return document.documentElement.lang.startsWith("ko") ? `${said}원` : `${said} won`;
}

/** @param {string} at @returns {string} HH:MM, where the office is */
export function clock(at) {
  const style = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return new Intl.DateTimeFormat("en", { ...style, timeZone: "Asia/Seoul" }).format(new Date(at));
}

/** @param {string} words @param {Record<string, string | number>} values for each `{name}` */
export function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {ParentNode} root @param {string} part @param {string} text */
export function put(root, part, text) {
  const node = root.querySelector(`[data-part="${part}"]`);
  if (!(node instanceof HTMLElement)) return;
  node.textContent = text;
  node.hidden = text === "";
}

/** @param {string} tag @param {string} name @param {string} text */
function made(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.textContent = text;
  return node;
}

/** @param {Element} section @param {Band} said */
export function showBand(section, said) {
  section.className = `verdict verdict--${said.tone}`;
  section.querySelector(".verdict__mark")?.replaceChildren(mark(said.mark));
  put(section, "answer", said.answer);
  put(section, "reason", said.reason);
  put(section, "won", said.won === null || said.won === undefined ? "" : won(said.won));
  const cure = section.querySelector('[data-part="cure"]');
  if (cure instanceof HTMLAnchorElement) {
    cure.hidden = !said.url;
    if (said.url) cure.href = said.url;
    cure.textContent = said.cure;
  }
  put(section, "cure-words", said.url ? "" : said.cure);
}

/** @param {Element} list @param {Answer} said */
export function showReasons(list, said) {
  const rows = [
    ...(said.faults ?? []).map(({ text }) => ({ kind: "policy", text })),
    ...(said.verdict?.reasons ?? []),
    ...(said.warnings ?? []).map(({ text }) => ({ kind: "note", text })),
  ];
  list.replaceChildren(
    ...rows.map(({ kind, text }) => {
      const row = document.createElement("li");
      row.append(mark(REASON_MARKS[kind] ?? "wait"), made("p", "", text));
      return row;
    }),
  );
  return rows.length;
}

/** @param {Element} list @param {Answer} said @param {string} totalWord */
export function showLines(list, said, totalWord) {
  const lines = said.lines ?? [];
  const rows = lines.map((line) => {
    const row = made("li", "", "");
    const why = [line.why, ...line.law, line.rule_set].join(" · ");
    row.append(made("span", "", line.item_word), made("span", "amounts__won", won(line.won)));
    row.append(made("span", "amounts__why", why));
    return row;
  });
  if (typeof said.total === "number") {
    const row = made("li", "amounts__total", "");
    row.append(made("span", "", totalWord), made("span", "amounts__won", won(said.total)));
    rows.push(row);
  }
  list.replaceChildren(...rows);
  return lines.length;
}

/** @param {Answer} said @returns {HTMLButtonElement} a row of the list: press it to see it again */
export function rowOf(said) {
  const band = said.trip ? said.payable : said.genuine;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "row";
  const text = made("span", "row__text", "");
  const where = [said.person?.department, said.check_in?.place || said.trip?.destination];
  const name = said.person?.name ?? said.read?.trip ?? said.genuine.answer;
  text.append(made("span", "row__title", name));
  text.append(made("span", "row__sub", [clock(said.at), ...where].filter(Boolean).join(" · ")));
  const end = made("span", "row__end", typeof band.won === "number" ? won(band.won) : "");
  const tone = band.tone === "info" ? "" : ` pill--${band.tone}`;
  const pill = made("span", `pill${tone}`, "");
  pill.append(mark(band.mark), band.answer);
  end.append(pill);
  if (said.differs) text.append(made("span", "row__sub", said.differs));
  button.append(text, end);
  return button;
}
