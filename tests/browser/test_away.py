"""The traveller's phone without a line: it opens, takes the touch, keeps it, and sends it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, Request, Route, expect

from tests.browser.acts import becomes, modules_of, near, press
from tests.browser.chromium import DESK, PHONE
from tests.browser.clock import later
from tests.browser.line import cut
from tests.browser.line import mended as line_mended
from tests.browser.passkeys import Passkeys
from tests.browser.pockets import Pocket, pocket_of
from tests.browser.server import Server, Stage
from tests.browser.test_pages import AXE
from tests.browser.windows import Windows

BATCHES = "**/api/v1/check-ins/batches"
AWAY = ["Failed to load resource: net::ERR_"]
Ada = dict[str, str]


@pytest.fixture
def bora(stage: Stage) -> Ada:
    made: Ada = stage("person", name="Bora", roles="traveller approver")
    return made


@pytest.fixture
def ada(stage: Stage, bora: Ada) -> Ada:
    made: Ada = stage("person", name="Ada", roles="traveller")
    stage("consent", person=made["uid"])
    made["trip"] = stage("trip", traveller=made["uid"], approver=bora["uid"])["uid"]
    return made


@pytest.fixture
def pocket(
    playwright: Playwright, server: Server, stage: Stage, ada: Ada, tmp_path: Path
) -> Iterator[Pocket]:
    """Ada's, with the passkey she always had."""
    passkey = stage("passkey", person=ada["uid"])
    with pocket_of(playwright, server, tmp_path, person=ada, passkey=passkey) as made:
        yield made


@pytest.fixture
def phone(window: Windows, stage: Stage, ada: Ada) -> Page:
    """Ada's in one window, ready for the time without a line."""
    page = window(
        PHONE,
        person=ada,
        permissions=["geolocation"],
        geolocation=near(),
        expected=[*AWAY, "status of 401"],
        cuttable=True,
    )
    Passkeys.of(page, stage("passkey", person=ada["uid"]))
    ready(page)
    return page


def ready(page: Page) -> None:
    page.goto("/")
    page.locator("check-in").evaluate(HURRIED)
    expect(page.locator("keep-offline")).to_have_attribute("data-state", "ready")
    expect(page.locator("check-in")).to_have_attribute("data-provided", "")


HURRIED = "(it) => { it.dataset.settleMs = '300'; }"


def mended(page: Page) -> None:
    line_mended(page)
    # The browser tells nothing to a page that was opened without a line; a phone does.
    page.evaluate("() => { dispatchEvent(new Event('online')); }")


def waits(page: Page, count: int) -> None:
    expect(page.locator("waiting-pill")).to_have_attribute("data-count", str(count))


def rows(stage: Stage, ada: Ada) -> list[tuple[str, str, str]]:
    said = stage("touches", person=ada["uid"])
    return [(row["kind"], row["signer"], row["verdict"]) for row in said]


# --- opened without a line --------------------------------------------------------------


def test_a_touch_without_a_line_outlives_the_death_of_the_browser(
    pocket: Pocket, stage: Stage, ada: Ada
) -> None:
    page = pocket.ready()
    cut(page)
    press(page, "arrive")
    becomes(page, "queued")
    expect(page.locator("check-in .qr-tile")).to_have_count(0)
    pocket.kill()
    assert rows(stage, ada) == []

    page = pocket.start(offline=True)
    expect(page.locator("[data-card] h1")).to_have_text("District Office")
    expect(page.locator("check-in button.touch")).to_have_attribute("value", "return")
    waits(page, 1)
    assert ada["name"] not in page.locator("body").inner_text()

    mended(page)
    becomes(page, "sent-late")
    waits(page, 0)
    assert rows(stage, ada) == [("arrive", "passkey", "SUFFICIENT")]
    code = stage("receipt", trip=ada["trip"])["text"]
    assert modules_of(page) == stage("matrix", text=code)


def test_a_phone_that_was_started_cold_takes_touch_and_return(
    pocket: Pocket, stage: Stage, ada: Ada
) -> None:
    pocket.ready()
    pocket.close()

    page = pocket.start(offline=True)
    press(page, "arrive")
    becomes(page, "queued")
    page = pocket.open(page)
    press(page, "return")
    becomes(page, "queued")
    page.reload()
    expect(page.locator("check-in form .result")).to_be_visible()
    waits(page, 2)

    mended(page)
    waits(page, 0)
    expect(page.locator("check-in [data-slot=count]")).to_contain_text("2")
    kinds = [(kind, signer) for kind, signer, _ in rows(stage, ada)]
    assert kinds == [("arrive", "passkey"), ("return", "passkey")]


def test_who_signs_out_leaves_no_trip_behind(window: Windows, ada: Ada) -> None:
    phone = window(PHONE, person=ada, expected=AWAY, cuttable=True)
    ready(phone)
    phone.goto("/me/")
    phone.locator("sign-out [type=submit]").click()
    phone.wait_for_url("**/login/")
    cut(phone)
    phone.goto("/")

    expect(phone.locator("[data-nobody]")).to_be_visible()
    expect(phone.locator("check-in form")).to_be_hidden()
    assert "District Office" not in phone.locator("body").inner_text()


def test_what_is_shown_without_a_line_stands_in_nobodys_way(window: Windows, ada: Ada) -> None:
    phone = window(PHONE, person=ada, expected=AWAY, bypass_csp=True, cuttable=True)
    ready(phone)
    cut(phone)
    phone.reload()
    expect(phone.locator("check-in button.touch")).to_be_visible()
    assert phone.evaluate(FOUND, AXE.read_text()) == []

    press(phone, "arrive")
    becomes(phone, "queued")
    assert phone.evaluate(FOUND, AXE.read_text()) == []

    phone.goto("/me/outbox/")
    expect(phone.locator("out-box li")).to_have_count(1)
    assert phone.evaluate(FOUND, AXE.read_text()) == []


FOUND = """async (source) => {
  eval(source);
  // What is still appearing is judged once it is there.
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
  const { violations } = await axe.run(document);
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}"""


# --- sent once --------------------------------------------------------------------------


def test_of_two_tabs_one_sends(phone: Page, stage: Stage, ada: Ada) -> None:
    other = phone.context.new_page()
    other.goto("/trips/")
    sent: list[str] = []

    def note(said: Request) -> None:
        if "batches" in said.url:
            sent.append(said.url)

    phone.context.on("request", note)
    cut(phone)
    press(phone, "arrive")
    becomes(phone, "queued")
    waits(other, 1)
    sent.clear()

    mended(phone)
    becomes(phone, "ok")
    waits(other, 0)
    assert len(sent) == 1
    assert rows(stage, ada) == [("arrive", "passkey", "SUFFICIENT")]


def test_an_answer_lost_and_then_the_browser_make_one_touch(
    pocket: Pocket, stage: Stage, ada: Ada
) -> None:
    page = pocket.ready()
    page.route(BATCHES, _answered_to_nobody)
    press(page, "arrive")
    becomes(page, "queued")
    pocket.kill()

    page = pocket.start()
    waits(page, 0)
    becomes(page, "sent-late")
    assert rows(stage, ada) == [("arrive", "passkey", "SUFFICIENT")]


def _answered_to_nobody(route: Route) -> None:
    """The server hears and records; the line is cut before its answer."""
    route.fetch()
    route.abort()


def test_a_touch_that_was_taken_back_while_it_waited_stays_on_record_as_such(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    cut(phone)
    press(phone, "arrive")
    becomes(phone, "queued")
    phone.locator("check-in [data-act=undo]").click()
    becomes(phone, "withdrawn")
    waits(phone, 2)

    mended(phone)
    waits(phone, 0)
    (row,) = stage("touches", person=ada["uid"])
    assert row["withdrawn"]


def test_nobody_else_on_this_phone_sees_or_sends_what_waits(
    phone: Page, stage: Stage, ada: Ada, bora: Ada
) -> None:
    cut(phone)
    press(phone, "arrive")
    becomes(phone, "queued")

    # Her page still stands there as somebody else signs in.
    signed_in(phone, stage, bora)
    mended(phone)
    expect(phone.locator("a[data-part=sign-in]")).to_be_visible()
    phone.goto("/me/outbox/")
    expect(phone.locator("out-box")).to_have_attribute("data-count", "0")
    waits(phone, 0)
    phone.goto("/")
    expect(phone.locator("check-in")).to_have_attribute("data-provided", "")
    assert rows(stage, ada) == []

    signed_in(phone, stage, ada)
    phone.goto("/trips/")
    waits(phone, 0)
    assert rows(stage, ada) == [("arrive", "passkey", "SUFFICIENT")]


def signed_in(page: Page, stage: Stage, person: Ada) -> None:
    url = page.evaluate("() => location.origin")
    page.context.add_cookies(
        [{"name": "session", "value": stage("session", person=person["uid"]), "url": url}]
    )


def test_what_was_changed_on_the_phone_is_no_evidence(phone: Page, stage: Stage, ada: Ada) -> None:
    cut(phone)
    press(phone, "arrive")
    becomes(phone, "queued")
    phone.evaluate(BENT)

    mended(phone)
    becomes(phone, "invalid")
    expect(phone.locator("check-in .reasons li")).not_to_have_count(0)
    (row,) = stage("touches", person=ada["uid"])
    assert (row["verdict"], row["reasons"]) == ("INVALID", ["integrity.signature"])


# One digit of where she was, in the very text that was signed.
BENT = """async () => {
  const opened = (asked) => new Promise((resume, fail) => {
    asked.onsuccess = () => resume(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const database = await opened(indexedDB.open("tripseal-phone"));
  const store = database.transaction("outbox", "readwrite").objectStore("outbox");
  const [touch] = await opened(store.getAll());
  const record = touch.record.replace(/"lat_e7":(\\d+)/, (_, at) => `"lat_e7":${Number(at) + 1}`);
  await opened(store.put({ ...touch, record }));
  database.close();
  return record !== touch.record;
}"""


# --- the outbox -------------------------------------------------------------------------


def queued(page: Page) -> None:
    cut(page)
    press(page, "arrive")
    becomes(page, "queued")


def test_the_outbox_opens_without_a_line_and_tells_what_waits(phone: Page, stage: Stage) -> None:
    queued(phone)
    phone.goto("/me/outbox/")

    row = phone.locator("out-box li")
    expect(row).to_have_count(1)
    expect(row.locator("h2")).to_have_text("도착")
    expect(row).to_contain_text("응답이 없었어요")
    phone.locator("out-box [data-act=send]").click()
    expect(phone.locator("out-box")).to_have_attribute("data-state", "left")

    mended(phone)
    expect(phone.locator("out-box")).to_have_attribute("data-count", "0")
    expect(phone.locator("[data-part=empty]")).to_be_visible()


def test_what_waits_can_be_saved_and_handed_in_elsewhere_once(
    window: Windows, phone: Page, stage: Stage, ada: Ada, tmp_path: Path
) -> None:
    queued(phone)
    phone.goto("/me/outbox/")
    with phone.expect_download() as saving:
        phone.locator("out-box [data-act=save]").click()
    file = tmp_path / "waiting.json"
    saving.value.save_as(file)

    desk = window(DESK, person=ada)
    desk.goto("/me/outbox/")
    for _ in range(2):
        desk.locator("out-box input[type=file]").set_input_files(file)
        expect(desk.locator("out-box")).to_have_attribute("data-state", "handed")
        desk.reload()
    assert rows(stage, ada) == [("arrive", "passkey", "SUFFICIENT")]

    mended(phone)
    waits(phone, 0)
    assert len(rows(stage, ada)) == 1


def test_a_file_of_another_is_not_taken(
    window: Windows, phone: Page, stage: Stage, ada: Ada, bora: Ada, tmp_path: Path
) -> None:
    queued(phone)
    phone.goto("/me/outbox/")
    with phone.expect_download() as saving:
        phone.locator("out-box [data-act=save]").click()
    file = tmp_path / "waiting.json"
    saving.value.save_as(file)

    desk = window(DESK, person=bora)
    desk.goto("/me/outbox/")
    desk.locator("out-box input[type=file]").set_input_files(file)
    expect(desk.locator("out-box")).to_have_attribute("data-state", "refused")
    file.write_text('{"v": 1}')
    desk.locator("out-box input[type=file]").set_input_files(file)
    expect(desk.locator("out-box")).to_have_attribute("data-state", "unreadable")
    assert rows(stage, ada) == []


def test_what_waits_for_days_is_warned_of(phone: Page) -> None:
    queued(phone)
    phone.goto("/me/outbox/")
    expect(phone.locator("out-box li")).to_have_count(1)
    expect(phone.locator("[data-part=old]")).to_be_hidden()

    later(phone, hours=73)
    phone.reload()
    expect(phone.locator("[data-part=old]")).to_be_visible()


def test_nothing_is_thrown_away_without_the_word(phone: Page, stage: Stage, ada: Ada) -> None:
    phone.route(BATCHES, lambda route: route.abort())
    press(phone, "arrive")
    becomes(phone, "queued")
    phone.goto("/me/outbox/")
    phone.locator("out-box li a").click()
    form = phone.locator("outbox-removal form")
    form.locator("input").fill("지우기")
    form.locator("[type=submit]").click()
    expect(form.locator("[data-part=wrong]")).to_be_visible()
    waits(phone, 1)

    form.locator("input").fill("삭제")
    form.locator("[type=submit]").click()
    phone.wait_for_url("**/me/outbox/")
    waits(phone, 0)
    assert rows(stage, ada) == []


# --- the key of the browser ---------------------------------------------------------------


@pytest.fixture
def keyed(playwright: Playwright, server: Server, ada: Ada, tmp_path: Path) -> Iterator[Pocket]:
    """Ada's, before she has any key at all."""
    with pocket_of(playwright, server, tmp_path, person=ada) as made:
        yield made


def test_the_key_of_a_browser_stays_in_it_and_signs_without_a_line(
    keyed: Pocket, stage: Stage, ada: Ada
) -> None:
    page = keyed.ready()
    page.goto("/me/devices/")
    page.locator("device-key [type=submit]").click()
    expect(page.locator("device-key")).to_have_attribute("data-state", "live")
    before = page.evaluate(KEY, ada["uid"])
    assert (before["extractable"], before["error"]) == (False, "InvalidAccessError")
    keyed.open(page)
    expect(page.locator("check-in")).to_have_attribute("data-provided", "")
    keyed.kill()

    page = keyed.start(offline=True)
    assert page.evaluate(KEY, ada["uid"]) == before
    press(page, "arrive")
    becomes(page, "queued")
    mended(page)
    waits(page, 0)
    ((kind, signer, verdict),) = rows(stage, ada)
    assert (kind, signer) == ("arrive", "device_key")
    assert verdict != "INVALID"


KEY = """async (owner) => {
  const opened = (asked) => new Promise((resume, fail) => {
    asked.onsuccess = () => resume(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const database = await opened(indexedDB.open("tripseal-phone"));
  const store = database.transaction("held").objectStore("held");
  const { id, pair } = await opened(store.get(`device-key ${owner}`));
  const error = await crypto.subtle.exportKey("pkcs8", pair.privateKey).catch(({ name }) => name);
  database.close();
  return { id, extractable: pair.privateKey.extractable, error };
}"""


def test_where_the_passkey_is_silent_the_key_of_the_browser_signs(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(PHONE, person=ada, permissions=["geolocation"], geolocation=near())
    keys = Passkeys.of(phone)
    phone.goto("/enrol/?next=/me/devices/")
    phone.locator("passkey-enrol [type=submit]").click()
    phone.wait_for_url(lambda url: "/enrol/" not in url)
    phone.locator("device-key [type=submit]").click()
    expect(phone.locator("device-key")).to_have_attribute("data-state", "live")
    keys.forget()
    phone.goto("/")
    phone.locator("check-in").evaluate(HURRIED)
    press(phone, "arrive")
    phone.locator("check-in [data-act=device-key]").click()
    expect(phone.locator("check-in .result")).to_be_visible()

    ((kind, signer, _),) = rows(stage, ada)
    assert (kind, signer) == ("arrive", "device_key")


def test_a_browser_that_keeps_no_key_says_so_and_enrols_none(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(PHONE, person=ada)
    phone.goto("/me/devices/")
    phone.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (value, ...more) {
            if (value?.privateKey) throw new DOMException("no", "DataCloneError");
            return put.call(this, value, ...more);
          };
        }"""
    )
    phone.locator("device-key [type=submit]").click()

    expect(phone.locator("device-key")).to_have_attribute("data-state", "unkept")
    phone.reload()
    expect(phone.locator("device-key form")).to_be_visible()


# --- the home screen ------------------------------------------------------------------------


IPHONE: dict[str, Any] = {
    **PHONE,
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
}


def touched(page: Page, kind: str) -> None:
    page.goto("/")
    page.locator("check-in").evaluate(HURRIED)
    page.locator(f"check-in form button[value={kind}]").first.click()
    expect(page.locator("check-in .result")).to_be_visible()
    page.goto("/")


def test_the_home_screen_is_offered_after_two_touches_and_rests_after_a_no(
    window: Windows, ada: Ada
) -> None:
    phone = window(IPHONE, person=ada)
    touched(phone, "arrive")
    expect(phone.locator("check-in")).to_have_attribute("data-provided", "")
    expect(phone.locator("install-card")).to_be_hidden()
    touched(phone, "stop")
    expect(phone.locator("install-card [data-part=iphone]")).to_be_visible()
    phone.locator("install-card [data-act=later]").click()
    phone.reload()
    expect(phone.locator("check-in")).to_have_attribute("data-provided", "")
    expect(phone.locator("install-card")).to_be_hidden()

    later(phone, days=31)
    phone.reload()
    expect(phone.locator("install-card [data-part=iphone]")).to_be_visible()


def test_where_the_browser_asks_it_is_asked_by_the_button(window: Windows, ada: Ada) -> None:
    phone = window(PHONE, person=ada)
    touched(phone, "arrive")
    touched(phone, "stop")
    expect(phone.locator("install-card")).to_be_hidden()
    phone.evaluate(
        """() => {
          const asked = new Event("beforeinstallprompt", { cancelable: true });
          asked.prompt = async () => { document.body.dataset.prompted = ""; };
          dispatchEvent(asked);
        }"""
    )
    phone.locator("install-card [data-act=install]").click()

    expect(phone.locator("body")).to_have_attribute("data-prompted", "")
    expect(phone.locator("install-card")).to_be_hidden()


def test_the_manifest_names_icons_that_are_there(phone: Page) -> None:
    address = phone.locator("link[rel=manifest]").get_attribute("href") or ""
    said = phone.request.get(address).json()

    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    for icon in said["icons"]:
        assert phone.request.get(icon["src"]).headers["content-type"] == "image/png"
