"""The auditor's page, from a file and without a line: it says what the command line says.

Every public attack on a bundle is made once, judged by ``python -m attest bundle verify``
and by the page, and the two reports are the same, byte by byte.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from attest.bundle.archive import Archive
from attest.bundle.asked import Report
from attest.bundle.sheets import saved_csv_rows, xlsx_rows
from attest.commands import bundle as command
from attest.log.leaf import canonical
from tests.attest.bundle import (
    attacking,
    test_copy_attacks,
    test_key_attacks,
    test_log_attacks,
    test_row_attacks,
)
from tests.attest.bundle.town import judged, members, small, trust
from tests.browser.chromium import DESK
from tests.browser.server import ROOT

# A test of flipped bits judges hundreds of bundles: the page sees the first two.
# Every attack, room by room.
ATTACKS = (test_log_attacks, test_row_attacks, test_key_attacks, test_copy_attacks)
MOST = 2
PATIENCE = 120_000


@dataclass(frozen=True)
class Case:
    """What lies on the auditor's desk, and what else is asked."""

    of: str
    files: Mapping[str, Mapping[str, bytes]]
    nonce: str = ""
    require: str = ""
    strict: bool = False


@dataclass
class Notes:
    """Takes down what the attack tests judge."""

    cases: list[Case] = field(default_factory=list)
    of: str = ""
    tables: list[tuple[Any, bytes]] = field(default_factory=list)

    def judged(self, raw: bytes, **said: Any) -> Report:
        # The command reads the clock: another "now" cannot be given to it.
        if "now" not in said:
            self.note(raw, said)
        return judged(raw, **said)

    def archive(self, stream: BytesIO) -> Archive:
        self.note(stream.getvalue(), {})
        return Archive(stream)

    def csv(self, raw: bytes, *, what: str) -> Any:
        return self.table(saved_csv_rows(raw, what=what), raw)

    def xlsx(self, stream: BytesIO, *, what: str) -> Any:
        return self.table(xlsx_rows(stream, what=what), stream.getvalue())

    def table(self, rows: Any, raw: bytes) -> Any:
        self.tables.append((rows, raw))
        return rows

    def note(self, raw: bytes, said: Mapping[str, Any]) -> None:
        if sum(one.of == self.of for one in self.cases) >= MOST:
            return
        files: dict[str, dict[str, bytes]] = {
            "bundle": {"bundle.zip": raw},
            "trust": {"trust.txt": said.get("trust", trust()).text().encode()},
        }
        if said.get("since"):
            files["since"] = {"kept.txt": said["since"].encode()}
        if said.get("request") is not None:
            files["request"] = {"request.json": canonical(dict(said["request"]))}
        if said.get("receipts"):
            files["receipts"] = {n: text.encode() for n, text in said["receipts"].items()}
        for name, rows in said.get("tables", {}).items():
            held = next(found for known, found in self.tables if known is rows)
            files.setdefault("tables", {})[Path(name).name] = held
        require = ",".join(sorted(said.get("require", ())))
        nonce, strict = said.get("nonce", ""), said.get("strict", False)
        self.cases.append(Case(self.of, files, nonce, require, strict))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Of every test of the attacks that needs a town and nothing else."""
    notes = Notes()
    with pytest.MonkeyPatch.context() as patch:
        for room in ATTACKS:
            patch.setattr(room, "judged", notes.judged)
        patch.setattr(test_copy_attacks, "Archive", notes.archive)
        patch.setattr(test_copy_attacks, "saved_csv_rows", notes.csv)
        patch.setattr(test_copy_attacks, "xlsx_rows", notes.xlsx)
        for name, attack in attacks().items():
            notes.of = name
            attack()
    notes.of = "honest"
    notes.note(honest(), {})
    return notes.cases


def attacks() -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {}
    every = [pair for room in ATTACKS for pair in inspect.getmembers(room, inspect.isfunction)]
    for name, test in every:
        wants = inspect.signature(test).parameters
        if name.startswith("test_") and set(wants) <= {"town"}:
            town = {"town": small()} if wants else {}
            found[name] = partial(test, **town)
    return found


def honest() -> bytes:
    return small().bundle()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    run([sys.executable, ROOT / "scripts/release.py", folder], check=True, capture_output=True)
    return folder / "verifier.html"


@pytest.fixture(scope="module")
def desk(browser: Browser, page_file: Path) -> Iterator[Page]:
    """The page on a machine without a line. What it asks for nevertheless ends the test."""
    context = browser.new_context(**DESK, offline=True, accept_downloads=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    yield page
    context.close()
    assert {url.partition(":")[0] for url in asked} == {"file", "blob"}


def put(page: Page, case: Case) -> None:
    page.locator("details").evaluate("one => one.open = true")
    for name in ("bundle", "trust", "since", "request", "receipts", "tables"):
        files = [
            {"name": one, "mimeType": "application/octet-stream", "buffer": raw}
            for one, raw in case.files.get(name, {}).items()
        ]
        page.set_input_files(f"[name={name}]", files)  # type: ignore[arg-type]  # as its docs have it
    page.fill("[name=nonce]", case.nonce)
    for group in ("id", "biz", "loc"):
        page.set_checked(f"[value={group}]", group in case.require.split(","))
    page.set_checked("[name=strict]", case.strict)


def told(page: Page, case: Case) -> dict[str, Any]:
    """The report the page saves."""
    put(page, case)
    page.click("#go")
    page.wait_for_selector("#json:visible", timeout=PATIENCE)
    with page.expect_download() as saved:
        page.click("#json")
    said: dict[str, Any] = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    return said


def commanded(folder: Path, case: Case) -> dict[str, Any]:
    """The report of the command, over the same files by the same names."""
    for option, files in case.files.items():
        (folder / option).mkdir(parents=True)
        for name, raw in files.items():
            (folder / option / name).write_bytes(raw)
    argv = ["verify", "bundle/bundle.zip", "--json", f"--nonce={case.nonce}"]
    argv += [
        f"--{option}={option}/{name}"
        for option in ("trust", "since", "request")
        for name in case.files.get(option, {})
    ]
    argv += [f"--table=tables/{name}" for name in case.files.get("tables", {})]
    argv += ["--receipts=receipts"] * ("receipts" in case.files)
    argv += [f"--require={case.require}", *(["--strict"] * case.strict)]
    out = StringIO()
    with chdir(folder), redirect_stdout(out):
        command.run(argv)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def whole() -> Case:
    trusted = trust().text().encode()
    return Case("whole", {"bundle": {"묶음.zip": honest()}, "trust": {"신뢰.txt": trusted}})


def test_a_person_reads_the_verdict_in_korean_and_in_english(
    desk: Page, picture: Callable[[Page, str], None]
) -> None:
    report = told(desk, whole())

    assert report["verdict"] == "verified"
    expect(desk.locator("#verdict")).to_have_text("검증되었습니다.")
    expect(desk.locator("#summary")).to_contain_text(f"{report['rows']}행")
    expect(desk.locator("#limits li")).to_have_count(6)
    desk.set_viewport_size({"width": 360, "height": 740})
    assert desk.evaluate("document.documentElement.scrollWidth") == 360
    picture(desk, "verifier")
    desk.click("#language")
    expect(desk.locator("#verdict")).to_have_text("Verified.")
    expect(desk.locator("#limits li").first).to_contain_text("Whoever holds the log keys")
    desk.click("#language")
    desk.set_viewport_size(DESK["viewport"])


def test_a_failure_names_row_and_column(desk: Page, picture: Callable[[Page, str], None]) -> None:
    town = small()
    at = attacking.touch(town)

    def alter(said: dict[str, Any]) -> dict[str, Any]:
        said["open"]["biz"]["value"]["place"] = "<img src=x onerror=alert(1)>"
        return said

    files = dict(whole().files) | {"bundle": {"b.zip": attacking.jsonl(town.bundle(), at, alter)}}
    report = told(desk, Case("altered", files))

    assert report["verdict"] == "failed"
    expect(desk.locator("#verdict")).to_have_text("검증에 실패했습니다. 맞지 않는 곳이 있습니다.")
    opening = desk.locator(".finding", has_text="row.opening")
    expect(opening.first).to_contain_text(f"{at + 1}행")
    assert desk.locator("main img").count() == 0
    picture(desk, "verifier-failed")


def test_the_checkpoint_is_kept_where_all_was_well_and_nowhere_else(desk: Page) -> None:
    told(desk, whole())
    with desk.expect_download() as saved:
        desk.click("#checkpoint")
    kept = Path(saved.value.path()).read_bytes()
    assert kept == members(honest())["proof/checkpoint"]

    again = told(desk, Case("kept", dict(whole().files) | {"since": {"kept.txt": kept}}))
    assert (again["verdict"], again["findings"]) == ("verified", whole_findings(again))
    told(desk, Case("strange", dict(whole().files), nonce="nowhere"))
    expect(desk.locator("#checkpoint")).to_be_hidden()


def whole_findings(report: Mapping[str, Any]) -> list[Any]:
    return [one for one in report["findings"] if one["severity"] == "note"]


def test_what_cannot_be_read_is_said_to_be_unreadable(desk: Page) -> None:
    files = dict(whole().files) | {"trust": {"trust.txt": b"no key"}}
    report = told(desk, Case("no trust", files))

    assert (report["verdict"], report["exit"]) == ("unusable", 2)
    expect(desk.locator("#verdict")).to_have_text("입력을 읽을 수 없습니다:")
    assert told(desk, whole())["verdict"] == "verified"


def test_it_can_be_stopped_and_then_says_nothing(desk: Page) -> None:
    put(desk, whole())
    # In the moment it is shown: a small bundle is judged before another process could press.
    desk.evaluate(PRESSED_AT_ONCE)
    desk.click("#go")

    expect(desk.locator("#status")).to_have_text("멈췄습니다. 판정하지 않았습니다.")
    expect(desk.locator("#answer")).to_be_hidden()
    assert told(desk, whole())["verdict"] == "verified"


PRESSED_AT_ONCE = """() => {
  const stop = document.querySelector("#stop");
  new MutationObserver((_, watch) => {
    watch.disconnect();
    if (!stop.hidden) stop.click();
  }).observe(stop, { attributeFilter: ["hidden"] });
}"""


def test_the_release_is_the_same_bytes_every_time(page_file: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts/release.py"), str(tmp_path)]
    printed = run(command, check=True, capture_output=True, text=True).stdout

    made = (tmp_path / "verifier.html").read_bytes()
    assert made == page_file.read_bytes()
    assert f"{sha256(made).hexdigest()}  verifier.html\n" in printed


def test_it_says_of_every_attack_what_the_command_says(
    desk: Page, cases: list[Case], tmp_path: Path
) -> None:
    apart, seen = [], set()
    for number, case in enumerate(cases):
        due = commanded(tmp_path / str(number), case)
        if told(desk, case) != due:
            apart.append(case.of)
        seen |= {one["code"] for one in due["findings"]}

    assert apart == []
    assert len(cases) > 60
    # Of each step of the verifier at least one code.
    assert {code.partition(".")[0] for code in seen} >= {
        *("zip", "bag", "sign", "note", "checkpoint", "proof", "row", "trip", "time"),
        *("money", "erasure", "key", "request", "table", "receipt", "anchor"),
    }
