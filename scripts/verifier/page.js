"use strict";
// Shows what the worker says. Texts of a bundle are only ever put in as text.

const WORDS = {
  ko: {
    title: "감사 묶음 검증",
    lead: "고른 파일은 이 컴퓨터를 떠나지 않습니다. 이 쪽은 네트워크를 쓰지 않으며, 명령줄 검증 프로그램과 같은 프로그램을 담고 있습니다.",
    language: "English",
    bundle: "감사 묶음 (ZIP)",
    trust: "신뢰 파일",
    trustHelp: "묶음과 다른 경로로 받아 지문을 대조한 키입니다.",
    more: "더 확인할 것",
    since: "지난번에 보관한 체크포인트",
    sinceHelp: "그 뒤로 기록이 바뀌지 않았는지 확인합니다.",
    nonce: "내보내기 요청 번호 (nonce)",
    request: "요청서 (request.json)",
    receipts: "기록 약속",
    tables: "정렬하거나 거른 표 (CSV, XLSX)",
    tablesHelp: "단순히 표기만 바뀐 값은 고친 것으로 보지 않습니다.",
    require: "반드시 열려 있어야 할 항목",
    groupId: "사람",
    groupBiz: "업무",
    groupLoc: "위치",
    strict: "주의도 실패로 판정",
    go: "검증",
    stop: "멈추기",
    starting: "검증하고 있습니다. 처음에는 준비에 몇 초 걸립니다.",
    stopped: "멈췄습니다. 판정하지 않았습니다.",
    broken: "검증 프로그램이 멈췄습니다. 판정하지 않았습니다:",
    stamps: "시점 확인(RFC 3161)은 브라우저에서 판단하지 않습니다. 명령줄 검증 프로그램이 openssl로 확인합니다.",
    none: "알릴 것이 없습니다.",
    more_of: "그 밖에 더 있습니다. 보고서 파일에 모두 있습니다.",
    limits: "이 검증으로 알 수 없는 것",
    json: "보고서 저장 (JSON)",
    save: "체크포인트 보관",
    unreadable: "입력을 읽을 수 없습니다:",
  },
  en: {
    title: "Bundle verifier",
    lead: "The files you choose do not leave this computer. This page uses no network, and holds the same program as the verifier on the command line.",
    language: "한국어",
    bundle: "Bundle (ZIP)",
    trust: "Trust file",
    trustHelp: "The keys you got another way than the bundle, and compared.",
    more: "Check more",
    since: "Checkpoint you kept last time",
    sinceHelp: "Whether anything was rewritten since.",
    nonce: "Number of your export request (nonce)",
    request: "Request (request.json)",
    receipts: "Log receipts",
    tables: "Tables you sorted or filtered (CSV, XLSX)",
    tablesHelp: "A value that was merely rewritten is not called tampered.",
    require: "What must be open",
    groupId: "People",
    groupBiz: "Business",
    groupLoc: "Positions",
    strict: "Warnings fail too",
    go: "Verify",
    stop: "Stop",
    starting: "Verifying. The first time takes some seconds to get ready.",
    stopped: "Stopped: nothing is said.",
    broken: "The verifier broke off, so nothing is said:",
    stamps: "Time stamps (RFC 3161) are not judged in a browser; the command line judges them with openssl.",
    none: "Nothing to report.",
    more_of: "There are more; the report file has all of them.",
    limits: "What no check can say",
    json: "Save the report (JSON)",
    save: "Keep the checkpoint",
    unreadable: "The input cannot be read:",
  },
};
const SHOWN = 200;

const by = (id) => document.getElementById(id);
const form = by("asked");
let language = navigator.language.startsWith("ko") ? "ko" : "en";
let worker = null;
let said = null;

const words = () => WORDS[language];

/** A part of the page, as bytes. */
function part(name) {
  const text = document.querySelector(`script[data-part="${name}"]`).textContent;
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function parts() {
  const names = [...document.querySelectorAll("script[data-part]")].map((one) => one.dataset.part);
  return Object.fromEntries(names.map((name) => [name, part(name)]));
}

function begin() {
  const made = new Worker(URL.createObjectURL(new Blob([part("worker.js")], { type: "text/javascript" })));
  made.onmessage = ({ data }) => finish(data);
  made.onerror = (event) => finish({ wrong: event.message || "worker" });
  return made;
}

function asked() {
  const files = {};
  for (const input of form.querySelectorAll("input[type=file]")) {
    if (input.files.length) files[input.name] = [...input.files];
  }
  const required = [...form.querySelectorAll("[name=require]:checked")].map((one) => one.value);
  const strict = form.elements.strict.checked ? "yes" : "";
  const nonce = form.elements.nonce.value.trim();
  return { files, words: { nonce, strict, require: required.join(",") } };
}

function busy(is, status) {
  by("go").disabled = is;
  by("stop").hidden = !is;
  by("status").dataset.word = status;
  by("status").textContent = words()[status] ?? "";
}

function finish(data) {
  busy(false, "");
  said = data;
  if (data.wrong) {
    worker?.terminate();
    worker = null;
  }
  show();
}

/** As the command fills its own sentences in. */
function filled(sentence, values) {
  return sentence.replace(/\{(\w+)(:,)?\}/g, (_, name, grouped) =>
    grouped ? values[name].toLocaleString("en-US") : String(values[name]),
  );
}

function saved(link, text, type) {
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([text], { type }));
}

function finding(one) {
  const box = document.createElement("div");
  box.className = "finding";
  box.dataset.severity = one.severity;
  const code = document.createElement("code");
  code.textContent = `${one.severity} ${one.code}`;
  box.append(one[language], code);
  return box;
}

function show() {
  if (!said) return;
  const box = by("answer");
  box.hidden = false;
  for (const id of ["summary", "anchored", "kept"]) by(id).textContent = "";
  by("findings").replaceChildren();
  by("checkpoint").hidden = by("json").hidden = true;
  if (said.wrong) {
    box.dataset.verdict = "unusable";
    by("verdict").textContent = words().broken;
    by("summary").textContent = said.wrong;
    return;
  }
  const { report, kept, words: told } = said.answer;
  const index = language === "ko" ? 0 : 1;
  box.dataset.verdict = report.verdict;
  by("json").hidden = false;
  saved(by("json"), JSON.stringify(report, null, 1), "application/json");
  if (report.why) {
    by("verdict").textContent = words().unreadable;
    by("summary").textContent = report.why;
    return;
  }
  by("verdict").textContent = told.verdicts[report.verdict][index];
  if (report.size) {
    const [first, stop] = report.range;
    by("summary").textContent = filled(told.summary[index], { ...report, first, last: stop - 1 });
    const anchor = report.anchor ? Object.values(report.anchor).join(" ") : "–";
    by("anchored").textContent = filled(told.anchored[index], { ...report, anchor });
    by("kept").textContent = words().stamps;
  }
  const shown = report.findings.slice(0, SHOWN).map(finding);
  by("findings").replaceChildren(...(shown.length ? shown : [words().none]));
  if (report.findings.length > SHOWN) by("findings").append(words().more_of);
  by("limits").replaceChildren(
    ...told.limits.map((both) => {
      const line = document.createElement("li");
      line.textContent = both[index];
      return line;
    }),
  );
  by("checkpoint").hidden = !kept;
  if (kept) saved(by("checkpoint"), kept, "text/plain");
}

function speak() {
  document.documentElement.lang = language;
  document.title = words().title;
  by("language").textContent = words().language;
  for (const one of document.querySelectorAll("[data-word]")) {
    one.textContent = words()[one.dataset.word] ?? "";
  }
  show();
}

by("language").addEventListener("click", () => {
  language = language === "ko" ? "en" : "ko";
  speak();
});
by("stop").addEventListener("click", () => {
  worker?.terminate();
  worker = null;
  busy(false, "stopped");
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  said = null;
  by("answer").hidden = true;
  busy(true, "starting");
  const fresh = worker === null;
  worker ??= begin();
  worker.postMessage({ asked: asked(), ...(fresh ? { parts: parts() } : {}) });
});
speak();
