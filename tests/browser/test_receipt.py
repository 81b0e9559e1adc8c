"""A receipt outside our pages: seen by any camera, and on paper."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chromium import DESK, PHONE
from tests.browser.server import Server, Stage
from tests.browser.windows import Windows

MM = 72 / 25.4


@pytest.fixture
def ada(stage: Stage) -> dict[str, Any]:
    """A traveller who came back yesterday, her trip, and what its newest receipt says."""
    ada: dict[str, Any] = stage("person", name="Adalbert", roles="traveller")
    bora = stage("person", name="Bora", roles="traveller approver")
    trip = stage("trip", traveller=ada["uid"], approver=bora["uid"], days=1)["uid"]
    stage("travelled", trip=trip)
    said: dict[str, str] = stage("receipt", trip=trip)
    return ada | said | {"trip": trip, "digits": said["text"].partition("#")[2]}


def number(spoken: str) -> str:
    return "-".join(re.findall("....", spoken))


def logged(server: Server, page: Page) -> str:
    """All the server has written down so far, in every file of its folder but the database."""
    page.request.get("/livez")  # what was asked before is written by now
    kept = [path for path in server.folder.rglob("*") if path.suffix in {".log", ".txt", ".jsonl"}]
    assert server.folder / "server.log" in kept
    return "".join(path.read_text(errors="replace") for path in kept)


def test_the_digits_of_a_receipt_reach_no_log_whoever_opens_it(
    window: Windows, stage: Stage, server: Server, ada: dict[str, Any]
) -> None:
    felix = stage("person", name="Felix", roles="traveller clerk")
    other = stage("person", name="Olaf", roles="traveller")
    stranger = window(PHONE)
    for visitor in (stranger, window(PHONE, person=ada), window(DESK, person=felix)):
        visitor.goto(f"/V#{ada['digits']}")
        visitor.wait_for_load_state("networkidle")
    third = window(PHONE, person=other, expected=["status of 404"])
    third.goto(f"/V#{ada['digits']}")
    expect(third.locator("[data-part=other]")).to_be_visible()

    said = logged(server, stranger)
    assert "GET /V HTTP/1.1" in said
    assert "POST /api/v1/receipts/search" in said
    assert "POST /api/v1/verifications" in said
    digits = ada["digits"]
    assert not any(digits[at : at + 17] in said for at in range(0, len(digits) - 17, 17))
    assert not re.search(r"/V\S*[?#%]", said)
    # Nor as where somebody came from.
    assert re.findall(r".*HTTP/1.1\" \d+ \S+ \"https?://[^/\"]+/V.*", said) == []


def test_its_owner_is_led_to_the_receipt(window: Windows, ada: dict[str, Any]) -> None:
    phone = window(PHONE, person=ada)
    phone.goto(f"/V#{ada['digits']}")

    phone.wait_for_url(f"**/trips/{ada['trip']}/receipt/?touch=*")
    expect(phone.locator("#number")).to_have_text(number(ada["spoken"]))


def test_who_signs_in_on_the_way_arrives_where_they_were_going(
    window: Windows, ada: dict[str, Any]
) -> None:
    phone = window(PHONE)
    phone.goto(f"/V#{ada['digits']}")
    phone.locator("[data-sign-in]").click()
    phone.wait_for_url("**/login/?next=/V")
    phone.locator("[name=number]").fill(ada["number"])
    phone.locator("[name=password]").fill(ada["password"])
    phone.locator("form:has([name=password]) [type=submit]").click()
    phone.wait_for_url("**/enrol/**")
    phone.goto("/V")

    phone.wait_for_url(f"**/trips/{ada['trip']}/receipt/?touch=*")
    assert phone.evaluate("() => sessionStorage.length") == 0


def test_another_traveller_is_told_it_is_not_theirs(
    window: Windows, stage: Stage, ada: dict[str, Any]
) -> None:
    other = stage("person", name="Olaf", roles="traveller")
    phone = window(PHONE, person=other, expected=["status of 404"])
    phone.goto(f"/V#{ada['digits']}")

    expect(phone.locator("[data-part=other]")).to_be_visible()
    assert "Adalbert" not in phone.content()


def test_a_look_up_that_fails_can_be_tried_again(window: Windows, ada: dict[str, Any]) -> None:
    phone = window(PHONE, person=ada, expected=["ERR_FAILED"])
    phone.route("**/api/v1/receipts/search", lambda route: route.abort())
    phone.goto(f"/V#{ada['digits']}")
    expect(phone.locator("[data-part=failed]")).to_be_visible()

    phone.unroute("**/api/v1/receipts/search")
    phone.locator("[data-again]").click()
    phone.wait_for_url("**/receipt/?touch=*")


def test_no_script_or_picture_of_the_landing_comes_from_elsewhere(
    window: Windows, server: Server, ada: dict[str, Any]
) -> None:
    phone = window(PHONE)
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    answer = phone.goto(f"/V#{ada['digits']}")
    phone.wait_for_load_state("networkidle")

    assert answer
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert asked
    assert [url for url in asked if not url.startswith(f"{server.origin}/")] == []
    assert "script-src" in answer.headers["content-security-policy"]


# --- on the screen ------------------------------------------------------------------------


def read(picture: bytes) -> set[str]:
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    seen = Image.open(BytesIO(picture)).convert("L")
    return {code.text for code in zxingcpp.read_barcodes(seen, formats=kinds)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_code_fills_the_short_side_and_leaves_again(
    scheme: str, window: Windows, ada: dict[str, Any]
) -> None:
    phone = window({**PHONE, "color_scheme": scheme}, person=ada)
    phone.goto(f"/trips/{ada['trip']}/receipt/")
    phone.locator("[data-open]").press("Enter")

    dialog = phone.locator("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".receipt-number")).to_have_text(number(ada["spoken"]))
    wide = dialog.locator("svg").evaluate("(it) => it.getBoundingClientRect().width")
    screen = phone.evaluate("() => Math.min(innerWidth, innerHeight)")
    assert max(292, screen - 48) <= wide <= screen
    assert read(phone.screenshot()) == {ada["text"]}

    phone.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(phone.locator("[data-open]")).to_be_focused()


def test_a_code_is_handed_on_as_its_picture(window: Windows, ada: dict[str, Any]) -> None:
    """No browser of a test machine can hand anything on: what it is given is looked at."""
    phone = window(PHONE, person=ada)
    phone.add_init_script(
        """navigator.canShare = () => true;
        navigator.share = async ({ files: [file] }) => {
          const bytes = new Uint8Array(await file.arrayBuffer());
          window.handed = { name: file.name, type: file.type, bytes: [...bytes] };
        };"""
    )
    phone.goto(f"/trips/{ada['trip']}/receipt/")
    phone.locator("share-code button").click()
    phone.wait_for_function("() => window.handed")
    handed = phone.evaluate("() => window.handed")

    assert handed["type"] == "image/png"
    assert re.fullmatch(r"BT\d\d-\d{6}-return\.png", handed["name"])
    assert read(bytes(handed["bytes"])) == {ada["text"]}


def test_where_nothing_can_be_handed_on_nothing_offers_it(
    window: Windows, ada: dict[str, Any]
) -> None:
    phone = window(PHONE, person=ada)
    phone.add_init_script("navigator.canShare = undefined;")
    phone.goto(f"/trips/{ada['trip']}/receipt/")

    expect(phone.locator("[data-open]")).to_be_visible()
    expect(phone.locator("share-code")).to_be_hidden()


# --- on paper ----------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_receipt_prints_as_a_receipt(
    scheme: str, window: Windows, ada: dict[str, Any], tmp_path: Path
) -> None:
    phone = window({**PHONE, "color_scheme": scheme}, person=ada)
    phone.goto(f"/trips/{ada['trip']}/receipt/")
    phone.evaluate("() => document.fonts.ready.then(() => 1)")
    printed = phone.pdf(format="A4", tagged=True, prefer_css_page_size=True)
    (tmp_path / "receipt.pdf").write_bytes(printed)

    document = pypdfium2.PdfDocument(printed)
    page = document[0]
    assert len(document) == 1
    assert [round(side / MM) for side in page.get_size()] == [210, 297]
    words = page.get_textpage().get_text_bounded()
    assert number(ada["spoken"]) in words
    for button in ("되돌리기", "인쇄", "정정 요청", "오늘"):
        assert button not in words
    picture = page.render(scale=150 / 72).to_pil().convert("L")
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    (code,) = zxingcpp.read_barcodes(picture, formats=kinds)
    assert code.text == ada["text"]
    modules = (code.position.top_right.x - code.position.top_left.x) / 150 * 25.4
    assert modules * 73 / 65 == pytest.approx(40, abs=0.6)
    # Black on white, whatever the screen looks like.
    assert picture.getpixel((4, 4)) == 255


def test_a_slip_opens_from_the_page_without_script(window: Windows, ada: dict[str, Any]) -> None:
    phone = window(PHONE, person=ada, java_script_enabled=False)
    phone.goto(f"/trips/{ada['trip']}/receipt/")
    address = phone.locator("a[href*='paper=slip']").get_attribute("href")
    assert address
    answer = phone.request.get(address)

    assert answer.headers["content-type"] == "application/pdf"
    words = pypdfium2.PdfDocument(answer.body())[0].get_textpage().get_text_bounded()
    assert number(ada["spoken"]) in words


def test_the_code_of_the_whole_trip_is_shown_and_read(window: Windows, ada: dict[str, Any]) -> None:
    phone = window(PHONE, person=ada)
    phone.goto(f"/trips/{ada['trip']}/")
    phone.locator("summary", has_text="출장 전체").click()
    tile = phone.locator("#whole-code")
    expect(tile).to_be_visible()
    wide = tile.evaluate("(it) => it.getBoundingClientRect().width")
    assert wide >= 292
    said = phone.request.get(f"/api/v1/trips/{ada['trip']}/token").json()
    shot = pypdfium2.PdfDocument(phone.pdf())[0].render(scale=3).to_pil().convert("L")
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    assert said["text"] in {code.text for code in zxingcpp.read_barcodes(shot, formats=kinds)}
