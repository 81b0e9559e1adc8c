/**
 * The page of a host without an account. It stands alone: no imports, no import map, so that a
 * browser of six years ago runs it. The ticket comes behind the `#`, is taken out of the
 * address, and travels in bodies only.
 */
const page = /** @type {HTMLElement} */ (document.getElementById("host"));
const form = /** @type {HTMLFormElement} */ (page.querySelector("form"));

// The next code may open in the same tab.
addEventListener("hashchange", () => location.reload());
const asked = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

/** What the next answer is sent with. */
let ticket = "";

let named = false;

/** @param {string} name */
function part(name) {
  return /** @type {HTMLElement} */ (page.querySelector(`[data-part=${name}]`));
}

/** @param {string} view */
function show(view) {
  for (const one of page.querySelectorAll("[data-view]")) {
    one.toggleAttribute("hidden", one.getAttribute("data-view") !== view);
  }
  page.dataset.state = view;
  const title = /** @type {HTMLElement | null} */ (page.querySelector(`[data-view=${view}] h1`));
  title?.setAttribute("tabindex", "-1");
  if (view !== "opening") title?.focus();
}

/** @param {Record<string, string>} words */
function fill(words) {
  for (const [name, said] of Object.entries(words)) {
    for (const gap of page.querySelectorAll(`[data-slot=${name}]`)) gap.textContent = said;
  }
}

/**
 * @param {string | undefined} url
 * @param {Record<string, string>} body
 * @returns {Promise<any>} undefined where no answer came; a refusal has a `code`
 */
async function send(url, body) {
  const token = document.querySelector("meta[name=csrf-token]")?.getAttribute("content");
  try {
    const reply = await fetch(url ?? "", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token ?? "" },
      body: JSON.stringify(body),
    });
    return await reply.json();
  } catch {
    return undefined;
  }
}

async function open() {
  if (!asked) return show("nothing");
  show("opening");
  const said = await send(page.dataset.questions, { ticket: asked });
  if (!said) return show("away");
  if (said.code) return refused(said);
  ticket = said.ticket;
  named = said.named;
  const { question } = said;
  const zone = { timeZone: "Asia/Seoul", dateStyle: "long", timeStyle: "short" };
  const style = /** @type {Intl.DateTimeFormatOptions} */ (zone);
  fill({
    name: question.name,
    office: `${question.organisation} ${question.department}`,
    place: question.place || "–",
    at: new Intl.DateTimeFormat(document.documentElement.lang, style).format(new Date(question.at)),
  });
  part("who").hidden = named;
  show("question");
}

/** @param {{ detail: string }} said */
function refused({ detail }) {
  fill({ detail });
  show("refused");
}

/** @param {string | undefined} words */
function wrong(words) {
  part("wrong").textContent = words ?? "";
  part("wrong").hidden = !words;
}

/** @param {string} name */
function value(name) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  return field.type === "checkbox" ? String(field.checked) : field.value.trim();
}

/** @param {string} answer */
async function answer(answer) {
  const said = await send(page.dataset.answers, {
    ticket,
    answer,
    ...(named ? {} : { name: value("name"), department: value("department") }),
  });
  if (!said) {
    show("question");
    return wrong(part("wrong").dataset.away);
  }
  if (said.code) return refused(said);
  ticket = said.ticket;
  show("done");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  const told = value("name") && value("department") && value("consent") === "true";
  if (!named && !told) return wrong(part("wrong").dataset.unnamed);
  wrong("");
  if (button?.value === "denied") show("sure");
  else void answer("confirmed");
});

page.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const act = target.closest("[data-act]")?.getAttribute("data-act");
  if (act === "deny") void answer("denied");
  else if (act === "back" || act === "change") show("question");
  else if (act === "open") void open();
});

void open();
