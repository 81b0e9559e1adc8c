"""The touch, and everything that may come between it and its receipt. Nothing is ever lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, Request, Route, expect

from tests.browser.acts import HANGUL, becomes, hurry, modules_of, near, press, qr_of
from tests.browser.chromium import PHONE, launch
from tests.browser.line import cut, mended
from tests.browser.passkeys import Passkeys
from tests.browser.server import Stage
from tests.browser.windows import Windows

BATCHES = "**/api/v1/check-ins/batches"
LOST = "Failed to load resource: net::ERR_"
Ada = dict[str, str]


@pytest.fixture
def bora(stage: Stage) -> Ada:
    made: Ada = stage("person", name="Bora", roles="traveller approver")
    return made


@pytest.fixture
def ada(stage: Stage, bora: Ada) -> Ada:
    """On the way to the district office; she said yes to the position, and has no passkey."""
    made: Ada = stage("person", name="Ada", roles="traveller")
    stage("consent", person=made["uid"])
    made["trip"] = stage("trip", traveller=made["uid"], approver=bora["uid"])["uid"]
    return made


@pytest.fixture
def phone(window: Windows, stage: Stage, ada: Ada) -> Page:
    """Ada's, by the district office, with the passkey she always had."""
    page = window(
        PHONE, person=ada, permissions=["geolocation"], geolocation=near(), expected=[LOST]
    )
    Passkeys.of(page, stage("passkey", person=ada["uid"]))
    page.goto("/")
    hurry(page)
    return page


@pytest.fixture
def driven(playwright: Playwright) -> Iterator[Browser]:
    """A browser that tells pages who drives it."""
    started = launch(playwright, automated="yes")
    yield started
    started.close()


def kept(stage: Stage, ada: Ada) -> list[tuple[str, str]]:
    return [(row["kind"], row["verdict"]) for row in stage("touches", person=ada["uid"])]


# --- the position ---------------------------------------------------------------------


def test_without_position_one_more_item_is_asked_and_nothing_is_lost(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(PHONE, person=ada)
    Passkeys.of(phone, stage("passkey", person=ada["uid"]))
    phone.goto("/")

    press(phone, "arrive")
    becomes(phone, "no-position")

    expect(phone.locator("check-in .result")).to_contain_text("불이익은 없어요")
    expect(phone.locator("[data-part=SUPPLEMENT]")).to_be_visible()
    expect(phone.locator("[data-part=why-refused]")).to_be_visible()
    expect(phone.locator("details[data-how=android]")).to_have_attribute("open", "")
    code = stage("receipt", trip=ada["trip"])["text"]
    assert modules_of(phone) == stage("matrix", text=code)

    phone.locator(".way[data-to=add]").click()
    statement = phone.locator("section[aria-labelledby=way-statement]")
    statement.locator("summary").click()
    statement.locator("[name=text]").fill("The meeting was in the basement, two floors down.")
    statement.locator("[type=submit]").click()
    phone.wait_for_url(f"**/trips/{ada['trip']}/")
    expect(phone.locator(".timeline")).to_contain_text("two floors down")
    assert kept(stage, ada) == [("arrive", "SUPPLEMENT")]
    assert stage("rows", trip=ada["trip"])["items"] == 1


def test_who_says_no_to_the_position_is_not_measured(
    window: Windows, stage: Stage, bora: Ada
) -> None:
    eve = stage("person", name="Eve", roles="traveller")
    stage("trip", traveller=eve["uid"], approver=bora["uid"])
    phone = window(PHONE, person=eve, permissions=["geolocation"], geolocation=near())
    phone.goto("/")

    press(phone, "arrive")
    becomes(phone, "explain")
    phone.locator("check-in [data-act=without]").click()
    becomes(phone, "no-position")

    assert [row["accuracy_m"] for row in stage("touches", person=eve["uid"])] == [None]


def test_a_weak_position_is_kept_and_may_be_improved(phone: Page, stage: Stage, ada: Ada) -> None:
    phone.context.set_geolocation(near(2500))
    phone.locator("check-in").evaluate("(it) => { it.dataset.anyMs = '900'; }")
    press(phone, "arrive")
    becomes(phone, "weak")

    phone.context.set_geolocation(near())
    phone.locator("check-in [data-act=again]").click()
    becomes(phone, "ok")

    accuracies = [row["accuracy_m"] for row in stage("touches", person=ada["uid"])]
    assert accuracies == [2500, 12]


def test_a_position_that_improves_while_measuring_is_waited_for(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    phone.context.set_geolocation(near(2500))
    press(phone, "arrive")
    expect(phone.locator("check-in [data-slot=accuracy]")).to_contain_text("2.5")
    phone.context.set_geolocation(near())
    becomes(phone, "ok")

    (row,) = stage("touches", person=ada["uid"])
    assert (row["accuracy_m"], row["verdict"]) == (12, "SUFFICIENT")


def test_what_there_is_may_be_taken_before_the_deadline(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    phone.context.set_geolocation(near(2500))
    press(phone, "arrive")
    phone.locator("check-in [data-act=finish]").click()
    becomes(phone, "weak")

    assert kept(stage, ada)[0][0] == "arrive"


def test_a_browser_that_is_driven_says_so(
    window: Windows, stage: Stage, ada: Ada, driven: Browser
) -> None:
    phone = window(
        PHONE, person=ada, browser=driven, permissions=["geolocation"], geolocation=near()
    )
    phone.goto("/")
    hurry(phone)
    press(phone, "arrive")
    becomes(phone, "supplement")

    (row,) = stage("touches", person=ada["uid"])
    assert row["verdict"] == "SUPPLEMENT"
    assert "env.automated" in row["reasons"]


# --- practice -------------------------------------------------------------------------


def test_practice_goes_the_way_of_a_touch_and_sends_nothing(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    phone.goto("/practice/")
    asked: list[Request] = []

    def heard(one: Request) -> None:
        asked.append(one)

    phone.on("request", heard)
    phone.locator("practice-touch").evaluate("(it) => { it.dataset.settleMs = '0'; }")
    phone.locator("practice-touch button.touch").click()
    said = phone.locator("practice-touch .result__said")
    expect(said).to_be_focused()
    expect(phone.locator("practice-touch .result")).to_contain_text("12\u00a0m")

    picture = Image.open(BytesIO(phone.locator("practice-touch .qr-tile svg").screenshot()))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == "연습, 확인증이 아니에요"
    assert [one.url for one in asked if one.method != "GET"] == []
    assert kept(stage, ada) == []


# --- its number -----------------------------------------------------------------------

SAME_NUMBER = """(at) => {
  crypto.getRandomValues = (room) => room.fill(7);
  Date.now = () => at;
}"""


def _press_two_of_one_number(phone: Page) -> None:
    at = phone.evaluate("() => Date.now()")
    phone.evaluate(SAME_NUMBER, at)
    press(phone, "arrive")
    becomes(phone, "ok")
    phone.goto("/")
    hurry(phone)
    phone.evaluate(SAME_NUMBER, at)
    press(phone, "return")
    becomes(phone, "refused")


def test_what_bears_the_number_of_another_record_is_recorded_under_its_own(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    _press_two_of_one_number(phone)
    expect(phone.locator("check-in .result__said")).to_have_text(
        "같은 번호의 다른 기록이 이미 있어요."
    )
    assert [kind for kind, _ in kept(stage, ada)] == ["arrive"]

    phone.goto("/me/outbox/")
    phone.locator("out-box [data-act=rename]").click()
    phone.wait_for_url("**/")
    becomes(phone, "queued")
    phone.locator("check-in [data-act=send]").click()
    becomes(phone, "ok")

    assert [kind for kind, _ in kept(stage, ada)] == ["arrive", "return"]
    expect(phone.locator("waiting-pill")).to_have_attribute("data-count", "0")


def test_a_new_number_needs_one_press_where_the_touch_was_made(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    _press_two_of_one_number(phone)
    phone.evaluate("() => { delete crypto.getRandomValues; }")
    phone.locator("check-in [data-act=rename]").click()
    becomes(phone, "ok")

    assert [kind for kind, _ in kept(stage, ada)] == ["arrive", "return"]
    expect(phone.locator("waiting-pill")).to_have_attribute("data-count", "0")


# --- the line -------------------------------------------------------------------------


def test_an_answer_lost_on_the_way_back_makes_no_second_touch(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    phone.route(BATCHES, _answered_to_nobody)
    press(phone, "arrive")
    becomes(phone, "queued")
    assert kept(stage, ada) == [("arrive", "SUFFICIENT")]
    expect(phone.locator("check-in .qr-tile")).to_have_count(0)

    phone.unroute(BATCHES)
    phone.locator("check-in [data-act=send]").click()
    becomes(phone, "ok")

    assert kept(stage, ada) == [("arrive", "SUFFICIENT")]
    code = stage("receipt", trip=ada["trip"])["text"]
    assert modules_of(phone) == stage("matrix", text=code)


def _answered_to_nobody(route: Route) -> None:
    """The server hears and records; the line is cut before its answer."""
    route.fetch()
    route.abort()


def test_a_touch_without_a_line_goes_out_by_itself_when_it_is_back(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(
        PHONE,
        person=ada,
        permissions=["geolocation"],
        geolocation=near(),
        expected=[LOST],
        cuttable=True,
    )
    phone.goto("/")
    hurry(phone)
    cut(phone)
    press(phone, "arrive")
    becomes(phone, "queued")
    assert kept(stage, ada) == []

    mended(phone)
    becomes(phone, "supplement")

    (row,) = stage("touches", person=ada["uid"])
    assert (row["kind"], row["accuracy_m"]) == ("arrive", 12)


@pytest.mark.parametrize(
    ("key", "part", "then"), [("", "device-key", "supplement"), ("passkey", "signature", "ok")]
)
def test_a_page_cut_off_before_it_is_whole_keeps_the_touch_and_signs_it_later(
    window: Windows, stage: Stage, ada: Ada, key: str, part: str, then: str
) -> None:
    """What signs it is fetched at the press, and no service worker had the time to keep it."""
    blocked = [LOST, "Service Worker registration blocked"]
    phone = window(
        PHONE,
        person=ada,
        permissions=["geolocation"],
        geolocation=near(),
        expected=blocked,
        service_workers="block",
    )
    if key:
        Passkeys.of(phone, stage(key, person=ada["uid"]))
    phone.goto("/")
    hurry(phone)
    there = re.compile(rf"/lib/{part}\.")
    phone.route(there, lambda route: route.abort())
    press(phone, "arrive")
    becomes(phone, "queued")
    assert kept(stage, ada) == []

    phone.unroute(there)
    phone.locator("check-in [data-act=send]").click()
    becomes(phone, then)
    assert len(kept(stage, ada)) == 1


def test_a_touch_that_nothing_was_held_for_is_signed_when_the_line_is_back(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(
        PHONE, person=ada, permissions=["geolocation"], geolocation=near(), expected=[LOST]
    )
    phone.route("**/api/v1/check-ins/challenges", lambda route: route.abort())
    Passkeys.of(phone, stage("passkey", person=ada["uid"]))
    phone.goto("/")
    hurry(phone)
    press(phone, "arrive")
    becomes(phone, "queued")
    expect(phone.locator("check-in [data-act=undo]")).to_be_hidden()

    phone.unroute("**/api/v1/check-ins/challenges")
    phone.locator("check-in [data-act=send]").click()
    becomes(phone, "ok")

    assert kept(stage, ada) == [("arrive", "SUFFICIENT")]


def test_a_waiting_touch_outlives_a_reload(phone: Page, stage: Stage, ada: Ada) -> None:
    phone.route(BATCHES, lambda route: route.abort())
    press(phone, "arrive")
    becomes(phone, "queued")

    phone.unroute(BATCHES)
    phone.reload()
    becomes(phone, "sent-late")

    assert kept(stage, ada) == [("arrive", "SUFFICIENT")]
    code = stage("receipt", trip=ada["trip"])["text"]
    assert modules_of(phone) == stage("matrix", text=code)


def test_a_session_that_is_over_keeps_the_touch(window: Windows, stage: Stage, ada: Ada) -> None:
    phone = window(PHONE, person=ada, expected=["status of 401", "status of 403"])
    phone.goto("/")
    # Signed over a question that was held for it, so that it waits to be sent and for nothing else.
    expect(phone.locator("check-in")).to_have_attribute("data-provided", "")
    session: Any = phone.context.cookies()
    phone.context.clear_cookies(name="session")
    press(phone, "arrive")
    becomes(phone, "queued")
    expect(phone.locator("a[data-part=sign-in]")).to_be_visible()

    phone.context.add_cookies(session)
    phone.reload()
    becomes(phone, "sent-late")

    assert kept(stage, ada) == [("arrive", "SUPPLEMENT")]


# --- the press ------------------------------------------------------------------------


def test_two_presses_at_once_are_one_touch(phone: Page, stage: Stage, ada: Ada) -> None:
    phone.locator("check-in button.touch").dblclick()
    becomes(phone, "ok")

    assert len(kept(stage, ada)) == 1


def test_the_same_touch_again_within_five_minutes_is_asked_for(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    press(phone, "arrive")
    becomes(phone, "ok")
    _stops(phone)
    becomes(phone, "ok")
    _stops(phone)
    becomes(phone, "again")
    phone.locator("check-in [data-act=idle]").click()
    becomes(phone, "idle")
    assert [kind for kind, _ in kept(stage, ada)] == ["arrive", "stop"]


def _stops(phone: Page) -> None:
    phone.goto("/")
    hurry(phone)
    phone.locator("check-in button[value=stop]").click()


def test_a_touch_can_be_taken_back_for_ten_seconds(phone: Page, stage: Stage, ada: Ada) -> None:
    press(phone, "arrive")
    becomes(phone, "ok")
    expect(phone.locator("check-in [data-part=undo]")).to_be_visible()
    phone.locator("check-in [data-act=undo]").click()
    becomes(phone, "withdrawn")

    (row,) = stage("touches", person=ada["uid"])
    assert row["withdrawn"]
    assert stage("rows", trip=ada["trip"])["state"] == "approved"


def test_a_finger_that_is_not_known_may_try_again_or_go_without(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(PHONE, person=ada, permissions=["geolocation"], geolocation=near())
    keys = Passkeys.of(phone, stage("passkey", person=ada["uid"]))
    keys.forget()
    phone.goto("/")
    hurry(phone)
    press(phone, "arrive")
    expect(phone.locator("check-in [data-act=unsigned]")).to_be_visible()
    phone.locator("check-in [data-act=unsigned]").click()
    becomes(phone, "supplement")

    (row,) = stage("touches", person=ada["uid"])
    assert (row["signer"], row["verdict"]) == ("none", "SUPPLEMENT")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_touch_needs_no_pointer(phone: Page, stage: Stage, ada: Ada, key: str) -> None:
    phone.locator("check-in button.touch").focus()
    phone.keyboard.press(key)
    becomes(phone, "ok")
    said = phone.locator("check-in [data-sentence]")
    expect(said).to_be_focused()

    assert kept(stage, ada) == [("arrive", "SUFFICIENT")]


def test_a_touch_without_a_trip_is_kept_without_order(window: Windows, stage: Stage) -> None:
    eve = stage("person", name="Eve", roles="traveller")
    stage("consent", person=eve["uid"])
    phone = window(PHONE, person=eve, permissions=["geolocation"], geolocation=near())
    phone.goto("/")
    hurry(phone)
    press(phone, "arrive")
    becomes(phone, "supplement")
    phone.locator("check-in a[data-to=receipt]").click()
    expect(phone.locator(".receipt .qr-tile svg")).to_be_visible()

    assert len(stage("touches", person=eve["uid"])) == 1


def test_a_phone_without_script_touches_all_the_same(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(PHONE, person=ada, java_script_enabled=False)
    phone.goto("/")
    press(phone, "arrive")
    phone.wait_for_url("**/receipt/**")

    picture = phone.locator(".receipt .qr-tile svg").screenshot()
    assert read(picture) == stage("receipt", trip=ada["trip"])["text"]
    assert kept(stage, ada) == [("arrive", "SUPPLEMENT")]


# --- the code -------------------------------------------------------------------------


def test_the_code_on_the_screen_is_the_servers_bit_for_bit_and_can_be_read(
    phone: Page, stage: Stage, ada: Ada
) -> None:
    press(phone, "arrive")
    becomes(phone, "ok")
    said = stage("receipt", trip=ada["trip"])

    assert modules_of(phone) == stage("matrix", text=said["text"])
    assert read(qr_of(phone)) == said["text"]
    number = phone.locator("check-in .receipt-number").inner_text()
    assert number.replace("-", "") == said["spoken"]
    assert phone.locator("check-in .qr-tile svg").bounding_box()["width"] >= 292  # type: ignore[index]


def read(picture: bytes) -> str:
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture)).convert("L"), formats=kinds)
    return found.text


def test_an_english_touch_says_which_words_are_korean(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(
        PHONE | {"locale": "en-US"}, person=ada, permissions=["geolocation"], geolocation=near()
    )
    phone.goto("/")
    hurry(phone)
    press(phone, "arrive")
    becomes(phone, "supplement")

    expect(phone.locator("check-in [lang=ko]")).to_be_visible()
    assert phone.evaluate(HANGUL) == []
