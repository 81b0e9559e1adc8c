"""The touch, and everything that may come between it and its receipt. Nothing is ever lost."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, Request, expect

from tests.browser.acts import HANGUL, Ada, becomes, hurry, kept, modules_of, near, press, qr_of
from tests.browser.chromium import PHONE, launch
from tests.browser.passkeys import Passkeys
from tests.browser.server import Stage
from tests.browser.windows import Windows


@pytest.fixture
def driven(playwright: Playwright) -> Iterator[Browser]:
    """A browser that tells pages who drives it."""
    started = launch(playwright, automated="yes")
    yield started
    started.close()


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
