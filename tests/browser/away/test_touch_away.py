"""The traveller's phone without a line: it opens, takes the touch, keeps it, and sends it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, Request, Route, expect

from tests.browser.acts import becomes, modules_of, press
from tests.browser.chromium import PHONE
from tests.browser.line import cut
from tests.browser.pockets import Pocket, pocket_of
from tests.browser.server import Server, Stage
from tests.browser.test_pages import AXE
from tests.browser.windows import Windows

from .phone import (
    AWAY,
    Ada,
    mended,
    ready,
    rows,
    waits,
)

BATCHES = "**/api/v1/check-ins/batches"


@pytest.fixture
def pocket(
    playwright: Playwright, server: Server, stage: Stage, ada: Ada, tmp_path: Path
) -> Iterator[Pocket]:
    """Ada's, with the passkey she always had."""
    passkey = stage("passkey", person=ada["uid"])
    with pocket_of(playwright, server, tmp_path, person=ada, passkey=passkey) as made:
        yield made


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
