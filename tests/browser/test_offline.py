"""The station without a line: what it says alone, what it keeps, and the server's answer later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Route, expect

from tests.browser.chromium import ARGS, DESK, chromium
from tests.browser.clock import later
from tests.browser.counter import judged, numbered, read, receipt_of, scan, won
from tests.browser.line import Line, hangs_on, line_to, mended
from tests.browser.line import cut as line_cut
from tests.browser.passkeys import Passkeys
from tests.browser.server import Server, Stage
from tests.browser.windows import PATIENCE_MS, Windows

AWAY = ["Failed to load resource: net::ERR_"]


@pytest.fixture
def felix(stage: Stage) -> dict[str, str]:
    made: dict[str, str] = stage("person", name="Felix", roles="traveller clerk")
    return made


@pytest.fixture
def desk(window: Windows, stage: Stage, felix: dict[str, str]) -> Page:
    """Felix's, ready to go on alone but without a key."""
    page = window(DESK, person=felix, expected=AWAY, cuttable=True)
    ready(page)
    return page


@pytest.fixture
def lent(desk: Page, stage: Stage, felix: dict[str, str]) -> Page:
    """Felix's, with opening keys on loan."""
    borrow(desk, stage, felix)
    return desk


def ready(page: Page) -> None:
    page.goto("/settlement/scan/")
    expect(page.locator("keep-offline")).to_have_attribute("data-state", "ready")
    expect(page.locator("verify-station")).to_have_attribute("data-line", "on")


def borrow(page: Page, stage: Stage, felix: dict[str, str]) -> None:
    stage("lending", choice="lend")
    Passkeys.of(page, stage("passkey", person=felix["uid"]))
    ready(page)
    page.locator("desk-keys summary").click()
    page.locator("desk-keys [name=desk]").fill("Counter 2")
    page.locator("desk-keys [type=submit]").click()
    expect(page.locator("desk-keys")).to_have_attribute("data-state", "lent")
    # A field that went away keeps the focus until the next picture, and no scan begins in a field.
    page.wait_for_function("() => !document.activeElement.matches('input:not([type=checkbox])')")


def cut(page: Page) -> None:
    line_cut(page)
    expect(page.locator("verify-station")).to_have_attribute("data-state", "ready")


def waiting(page: Page, count: int) -> None:
    said = page.locator("[data-part=line]")
    if count:
        expect(said).to_contain_text(f"{count}건")
    else:
        expect(said).to_be_hidden()


def test_without_a_line_a_desk_with_keys_judges_and_the_server_judges_after(
    lent: Page, stage: Stage, felix: dict[str, str]
) -> None:
    receipt = receipt_of(stage)
    cut(lent)
    scan(lent, receipt["text"])

    judged(lent, "warn", "info")
    expect(lent.locator("[data-band=genuine]")).to_contain_text("임시")
    expect(lent.locator("[data-band=genuine]")).to_contain_text("분 전")
    expect(lent.locator("[data-part=trip]")).to_contain_text("BT")
    numbered(lent, receipt)
    waiting(lent, 1)
    assert stage("verifications", clerk=felix["uid"]) == []

    mended(lent)
    judged(lent, "ok", "ok")
    waiting(lent, 0)
    read(lent, 1)
    numbered(lent, receipt)
    assert won(lent) == "20,000원"
    assert stage("verifications", clerk=felix["uid"]) == [
        {"genuine": "genuine", "source": "scanner", "provisional": True}
    ]


def test_an_answer_of_the_server_that_differs_is_said(lent: Page, stage: Stage) -> None:
    cut(lent)
    scan(lent, stage("stray"))
    judged(lent, "warn", "info")
    expect(lent.locator("[data-part=differs]")).to_be_hidden()

    mended(lent)
    judged(lent, "bad", "info")
    expect(lent.locator("[data-part=differs]")).to_contain_text("진본으로 확인할 수 없습니다")
    expect(lent.locator("[data-list] button.row")).to_contain_text("다릅니다")


def test_a_forged_code_is_refused_by_the_desk_alone(lent: Page, stage: Stage) -> None:
    text = receipt_of(stage)["text"]
    forged = text[:-9] + str((int(text[-9]) + 1) % 10) + text[-8:]
    cut(lent)
    scan(lent, forged)

    judged(lent, "bad", "info")
    expect(lent.locator("[data-band=genuine]")).to_contain_text("임시")
    expect(lent.locator("[data-found]")).to_be_hidden()


def test_without_keys_a_desk_only_keeps_the_code(desk: Page, stage: Stage) -> None:
    receipt = receipt_of(stage)
    cut(desk)
    scan(desk, receipt["text"])

    judged(desk, "info", "info")
    expect(desk.locator("[data-found]")).to_be_hidden()
    waiting(desk, 1)

    mended(desk)
    judged(desk, "ok", "ok")
    waiting(desk, 0)
    expect(desk.locator("[data-part=differs]")).to_be_hidden()


def test_the_page_itself_opens_without_a_line_and_names_nobody(
    lent: Page, stage: Stage, felix: dict[str, str]
) -> None:
    first, second = receipt_of(stage), receipt_of(stage)
    cut(lent)
    scan(lent, first["text"])
    judged(lent, "warn", "info")

    lent.reload()
    expect(lent.locator("verify-station")).to_have_attribute("data-line", "off")
    expect(lent.locator("h1")).to_be_visible()
    assert felix["name"] not in lent.locator("body").inner_text()
    waiting(lent, 1)
    scan(lent, second["text"])
    judged(lent, "warn", "info")
    waiting(lent, 2)

    mended(lent)
    waiting(lent, 0)
    expect(lent.locator("[data-count=ok]")).to_have_text("2")
    assert len(stage("verifications", clerk=felix["uid"])) == 2


SEEN = "(it, detail) => it.dispatchEvent(new CustomEvent('code', { bubbles: true, detail }))"


def test_words_the_server_never_takes_hold_up_no_code_behind_them(
    window: Windows, stage: Stage, felix: dict[str, str]
) -> None:
    page = window(DESK, person=felix, expected=[*AWAY, "status of 400"], cuttable=True)
    borrow(page, stage, felix)
    cut(page)
    # A QR may hold what no keyboard types; without a line it is kept like any other.
    page.locator("qr-scanner").evaluate(SEEN, {"text": "\0abc", "source": "camera", "frame": 0})
    scan(page, receipt_of(stage)["text"])
    waiting(page, 2)

    mended(page)
    waiting(page, 0)
    assert [row["genuine"] for row in stage("verifications", clerk=felix["uid"])] == ["genuine"]


def test_a_code_read_twice_without_a_line_waits_once(lent: Page, stage: Stage) -> None:
    receipt = receipt_of(stage)
    cut(lent)
    scan(lent, receipt["text"])
    waiting(lent, 1)
    lent.reload()
    expect(lent.locator("verify-station")).to_have_attribute("data-state", "ready")
    scan(lent, receipt["text"])

    judged(lent, "warn", "info")
    waiting(lent, 1)


def test_the_keys_of_a_desk_cannot_be_taken_out(
    lent: Page, stage: Stage, felix: dict[str, str]
) -> None:
    assert lent.evaluate(TAKEN) == {
        "extractable": False,
        "error": "InvalidAccessError",
        "held": ["clock", "keyset", "lease", "pair", "root", "status"],
    }
    (lease,) = stage("leases", clerk=felix["uid"])
    assert lease == {"desk": "Counter 2", "kids": "4f01", "looks": "1"}


TAKEN = """async () => {
  const database = await new Promise((resume, fail) => {
    const asked = indexedDB.open("tripseal-desk");
    asked.onsuccess = () => resume(asked.result);
    asked.onerror = fail;
  });
  const got = (asked) => new Promise((resume) => { asked.onsuccess = () => resume(asked.result); });
  const held = database.transaction("held").objectStore("held");
  const names = await got(held.getAllKeys());
  const { privateKey } = await got(database.transaction("held").objectStore("held").get("pair"));
  const error = await crypto.subtle.exportKey("pkcs8", privateKey).catch((wrong) => wrong.name);
  database.close();
  return { extractable: privateKey.extractable, error, held: names };
}"""


# --- time passes -------------------------------------------------------------------------------


def test_keys_are_lent_for_three_days(lent: Page, stage: Stage) -> None:
    receipt = receipt_of(stage)
    cut(lent)
    later(lent, hours=71.9)
    scan(lent, receipt["text"])
    judged(lent, "warn", "info")

    later(lent, hours=72.1)
    lent.reload()
    expect(lent.locator("verify-station")).to_have_attribute("data-state", "ready")
    scan(lent, receipt["text"])
    judged(lent, "info", "info")


def test_a_clock_that_is_set_back_makes_no_lease_longer(lent: Page, stage: Stage) -> None:
    receipt = receipt_of(stage)
    cut(lent)
    later(lent, hours=72.1)
    scan(lent, receipt["text"])
    judged(lent, "info", "info")

    later(lent, hours=1)
    lent.reload()
    expect(lent.locator("verify-station")).to_have_attribute("data-state", "ready")
    scan(lent, receipt["text"])
    judged(lent, "info", "info")


def test_a_list_of_keys_older_than_thirty_days_gives_no_verdict(lent: Page, stage: Stage) -> None:
    cut(lent)
    later(lent, days=30.1)
    scan(lent, receipt_of(stage)["text"])

    judged(lent, "info", "info")
    expect(lent.locator("[data-band=genuine]")).to_contain_text("키 목록이 오래되었습니다")


def test_an_old_list_of_withdrawals_is_said_beside_the_verdict(
    window: Windows, stage: Stage, felix: dict[str, str]
) -> None:
    page = window(DESK, person=felix, expected=AWAY, cuttable=True)
    page.route("**/api/v1/status-list", served(bytes.fromhex(stage("old_status", days=8))))
    borrow(page, stage, felix)
    cut(page)
    scan(page, receipt_of(stage)["text"])

    judged(page, "warn", "info")
    expect(page.locator("[data-band=genuine]")).to_contain_text("취소 여부 확인 불가")
    expect(page.locator("[data-band=genuine]")).to_contain_text("8일 전")


def test_a_list_that_does_not_hold_is_not_taken(lent: Page, stage: Stage) -> None:
    forged = bytearray(bytes.fromhex(stage("old_status", days=0)))
    forged[-1] ^= 1
    lent.route("**/api/v1/status-list", served(bytes(forged)))
    lent.reload()
    lent.locator("desk-keys summary").click()
    expect(lent.locator("desk-keys [data-part=refused]")).to_be_visible()

    cut(lent)
    scan(lent, receipt_of(stage)["text"])
    judged(lent, "warn", "info")
    expect(lent.locator("[data-band=genuine]")).not_to_contain_text("취소 여부 확인 불가")


def served(document: bytes) -> Callable[[Route], None]:
    """A server that answers with *document*."""

    def answer(route: Route) -> None:
        route.fulfill(body=document, content_type="application/cbor")

    return answer


# --- the machine is switched off ---------------------------------------------------------------


def test_what_was_kept_outlives_the_browser(
    playwright: Playwright, server: Server, stage: Stage, felix: dict[str, str], tmp_path: Path
) -> None:
    receipt = receipt_of(stage)
    with line_to(server.origin) as line:
        first = started(playwright, server, tmp_path, felix, line)
        borrow(first.pages[0], stage, felix)
        cut(first.pages[0])
        scan(first.pages[0], receipt["text"])
        judged(first.pages[0], "warn", "info")
        first.close()

        second = started(playwright, server, tmp_path, felix, line)
        page = second.pages[0]
        page.goto("/settlement/scan/")
        waiting(page, 1)
        mended(page)
        judged(page, "ok", "ok")
        waiting(page, 0)
        second.close()


def started(
    playwright: Playwright,
    server: Server,
    folder: Path,
    person: dict[str, str],
    line: Line,
) -> BrowserContext:
    """A browser with a profile on disk, as a desk has one."""
    context = playwright.chromium.launch_persistent_context(
        folder,
        executable_path=chromium(),
        args=ARGS,
        base_url=server.origin,
        proxy=line.proxy,
        offline=not line.whole,
        **DESK,
    )
    hangs_on(context, line)
    context.set_default_timeout(PATIENCE_MS)
    value = server.stage("session", person=person["uid"])
    context.add_cookies([{"name": "session", "value": value, "url": server.origin}])
    return context
