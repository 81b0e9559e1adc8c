"""The clerk's station: whatever way a receipt comes in, it is judged the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from tests.browser.chromium import DESK
from tests.browser.counter import judged, numbered, read, receipt_of, scan, won
from tests.browser.film import film_of
from tests.browser.server import Stage
from tests.browser.windows import Windows

QUIET, SCALE = 4, 8


@pytest.fixture
def receipt(stage: Stage) -> dict[str, str]:
    """Of a trip that can be paid: 20,000 won."""
    return receipt_of(stage)


@pytest.fixture
def desk(window: Windows, stage: Stage) -> Page:
    """Felix's, without a camera."""
    felix = stage("person", name="Felix", roles="traveller clerk")
    page = window(
        DESK,
        person=felix,
        expected=["Failed to load resource: net::ERR_", "status of 429", "status of 400"],
    )
    page.goto("/settlement/scan/")
    return page


# --- a scanner that types ----------------------------------------------------------------


@pytest.mark.parametrize("gap_ms", [1.2, 15])
def test_a_scanner_that_types_needs_no_field(
    desk: Page, receipt: dict[str, str], gap_ms: float
) -> None:
    scan(desk, receipt["text"], gap_ms=gap_ms)

    judged(desk, "ok", "ok")
    numbered(desk, receipt)
    assert won(desk) == "20,000원"


def test_a_scanner_is_understood_while_hangul_is_composed(
    desk: Page, receipt: dict[str, str]
) -> None:
    desk.evaluate(TYPED, _keys(receipt["text"]))

    judged(desk, "ok", "ok")


def _keys(text: str) -> list[dict[str, object]]:
    """Physical keys, as a browser tells them while an input method composes."""
    keys = [_key(char) for char in text]
    pressed = [{"key": "Process", "code": code, "shiftKey": shift} for code, shift in keys]
    return [*pressed, {"key": "Enter", "code": "Enter"}]


def _key(char: str) -> tuple[str, bool]:
    """The key of a Korean keyboard for *char*, and whether Shift is down."""
    signs = {":": ("Semicolon", True), "/": ("Slash", False), "#": ("Digit3", True)}
    if char in signs:
        return signs[char]
    if char.isdigit():
        return f"Digit{char}", False
    return f"Key{char}", True


TYPED = """(keys) => {
  for (const key of keys)
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }));
}"""


def test_two_receipts_in_a_row_are_two_rows(desk: Page, stage: Stage) -> None:
    first, second = receipt_of(stage), receipt_of(stage)

    scan(desk, first["text"])
    scan(desk, second["text"])

    read(desk, 2)
    expect(desk.locator("[data-count=ok]")).to_have_text("2")


def test_one_receipt_held_too_long_is_one_row(desk: Page, receipt: dict[str, str]) -> None:
    desk.evaluate(TYPED, _keys(receipt["text"]) * 2)
    judged(desk, "ok", "ok")

    read(desk, 1)


def test_two_receipts_without_an_enter_between_them_are_two_rows(desk: Page, stage: Stage) -> None:
    first, second = receipt_of(stage), receipt_of(stage)

    scan(desk, first["text"] + second["text"])

    read(desk, 2)
    expect(desk.locator("[data-count=ok]")).to_have_text("2")


def test_a_half_code_before_a_whole_one_does_not_spoil_it(desk: Page, stage: Stage) -> None:
    first, second = receipt_of(stage), receipt_of(stage)

    scan(desk, first["text"][:200])
    judged(desk, "bad", "info")
    scan(desk, second["text"])

    judged(desk, "ok", "ok")
    read(desk, 2)


def test_letters_that_become_hangul_leave_the_digits(desk: Page, receipt: dict[str, str]) -> None:
    jamo = dict(zip("HTPSVLOCA", "ㅗㅆㅖㄴㅍㅣㅐㅊㅁ", strict=True))
    keys = [
        key | {"key": jamo.get(char, char)}
        for key, char in zip(_keys(receipt["text"]), receipt["text"], strict=False)
    ]
    desk.evaluate(TYPED, [*keys, {"key": "Enter", "code": "Enter"}])

    judged(desk, "ok", "ok")


def test_half_a_code_is_refused_in_words(desk: Page, receipt: dict[str, str]) -> None:
    scan(desk, receipt["text"][:200])

    judged(desk, "bad", "info")
    expect(desk.locator("[data-found]")).to_be_hidden()


def test_fingers_are_no_scanner(desk: Page) -> None:
    scan(desk, "a word typed slowly", gap_ms=200)

    expect(desk.locator("verify-station")).to_have_attribute("data-state", "ready")


def test_a_scan_is_heard_while_a_box_has_the_focus(desk: Page, receipt: dict[str, str]) -> None:
    desk.locator("[data-auto]").check()
    expect(desk.locator("[data-auto]")).to_be_focused()
    scan(desk, receipt["text"])
    judged(desk, "ok", "ok")

    expect(desk.locator("[data-part=batch]")).to_contain_text("20,000원")
    desk.locator("[data-part=batch]").click()
    expect(desk.locator("main")).to_contain_text("20,000원")


# --- a camera ------------------------------------------------------------------------------


def test_a_camera_reads_one_receipt_after_the_other_and_each_once(
    window: Windows, stage: Stage, camera: Callable[[Path], Browser], tmp_path: Path
) -> None:
    felix = stage("person", name="Felix", roles="traveller clerk")
    held = [_picture(stage("matrix", text=receipt_of(stage)["text"])) for _ in range(2)]
    browser = camera(film_of(tmp_path / "desk.y4m", *held))
    desk = window(DESK, person=felix, browser=browser, permissions=["camera"])
    desk.goto("/settlement/scan/")
    desk.locator("[data-turn]").click()
    read(desk, 2)

    # The film begins anew: what was just read is held before the camera still.
    desk.wait_for_function("() => document.querySelector('video').currentTime > 7")
    read(desk, 2)
    expect(desk.locator("[data-count=ok]")).to_have_text("2")


# --- pictures, numbers, links -------------------------------------------------------------


def test_pictures_are_read_and_those_without_a_code_are_named(
    desk: Page, stage: Stage, receipt: dict[str, str]
) -> None:
    desk.locator("button[data-source=file]").click()
    code = _picture(stage("matrix", text=receipt["text"]))
    lunch = _picture(["0" * 40] * 40)
    pictures = (("lunch.png", lunch), ("receipt.png", code), ("dinner.png", lunch))
    desk.locator("input[accept]").set_input_files(
        [FilePayload(name=name, mimeType="image/png", buffer=raw) for name, raw in pictures]
    )

    read(desk, 1)
    assert won(desk) == "20,000원"
    expect(desk.locator("[data-part=trouble]")).to_contain_text("lunch.png, dinner.png")


def _folder(place: Path, pictures: dict[str, bytes]) -> Path:
    """Receipts as somebody keeps them: folders in a folder, and things that are no pictures."""
    for name, raw in pictures.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(raw)
    (place / "읽어 주세요.txt").write_text("영수증 모음")
    (place / ".hidden.png").write_bytes(b"no picture")
    return place


def test_a_folder_of_pictures_is_read_and_what_is_no_picture_is_passed_over(
    desk: Page, stage: Stage, receipt: dict[str, str], tmp_path: Path
) -> None:
    desk.locator("button[data-source=file]").click()
    code = _picture(stage("matrix", text=receipt["text"]))
    stray = _picture(stage("matrix", text=stage("stray")))
    blank = _picture(["0" * 40] * 40)
    pictures = {"11월/1.png": code, "11월/늦은 것/2.png": stray, "12월/3.png": blank}
    desk.locator("input[webkitdirectory]").set_input_files(_folder(tmp_path / "확인증", pictures))

    read(desk, 2)
    expect(desk.locator("[data-count=ok]")).to_have_text("1")
    expect(desk.locator("[data-count=bad]")).to_have_text("1")
    trouble = desk.locator("[data-part=trouble]")
    expect(trouble).to_contain_text("3.png")
    expect(trouble).not_to_contain_text("txt")
    expect(trouble).not_to_contain_text("hidden")


def _picture(rows: list[str]) -> bytes:
    side = len(rows) + 2 * QUIET
    picture = Image.new("1", (side, side), 1)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            picture.putpixel((x + QUIET, y + QUIET), int(module == "0"))
    out = BytesIO()
    picture.resize((side * SCALE, side * SCALE)).save(out, "PNG")
    return out.getvalue()


def test_a_pdf_of_sixty_receipts_is_answered_page_by_page(
    desk: Page, stage: Stage, receipt: dict[str, str]
) -> None:
    codes = [receipt["text"], *(stage("stray") for _ in range(59))]
    pictures = [_picture(stage("matrix", text=text)) for text in codes]
    desk.locator("button[data-source=file]").click()
    paper = FilePayload(name="paper.pdf", mimeType="application/pdf", buffer=_pdf(pictures))
    desk.locator("input[accept]").set_input_files([paper])

    read(desk, 60)
    rows = desk.locator("[data-sheet] tbody tr")
    expect(rows).to_have_count(61)
    expect(desk.locator("[data-sheet] tr[data-empty]")).to_contain_text("찾지 못했습니다")
    expect(desk.locator("[data-sheet] tr[data-empty] th")).to_have_text("11")
    expect(rows.filter(has_text="20,000원")).to_have_count(1)
    expect(desk.locator("[data-count=bad]")).to_have_text("59")


def _pdf(pictures: list[bytes]) -> bytes:
    """Six on a page, and one page without any."""
    pages = [Image.new("L", (1240, 1754), 255) for _ in range(len(pictures) // 6 + 1)]
    for place, raw in enumerate(pictures):
        code = Image.open(BytesIO(raw)).convert("L").resize((420, 420))
        at = (100 + place % 2 * 550, 60 + place % 6 // 2 * 560)
        pages[place // 6].paste(code, at)
    out = BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return out.getvalue()


def test_what_is_no_pdf_is_refused_in_words(desk: Page) -> None:
    desk.locator("button[data-source=file]").click()
    paper = FilePayload(name="paper.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 no")
    desk.locator("input[accept]").set_input_files([paper])

    expect(desk.locator("[data-part=trouble]")).to_contain_text("이 PDF를 열 수 없어요")


def test_more_files_than_two_hundred_are_refused_as_a_whole(desk: Page) -> None:
    desk.locator("button[data-source=file]").click()
    blank = _picture(["0" * 40] * 40)
    desk.locator("input[accept]").set_input_files(
        [FilePayload(name=f"{n}.png", mimeType="image/png", buffer=blank) for n in range(201)]
    )

    expect(desk.locator("[data-part=trouble]")).to_contain_text("200개")
    read(desk, 0)


def test_a_typed_number_finds_the_record_and_says_that_no_code_was_read(
    desk: Page, receipt: dict[str, str]
) -> None:
    desk.locator("button[data-source=number]").click()
    number = "-".join(re.findall("....", receipt["spoken"]))
    desk.locator("[name=number]").fill(number.lower())
    desk.keyboard.press("Enter")

    judged(desk, "ok", "ok")
    expect(desk.locator("[data-band=genuine]")).to_contain_text("QR")


def test_a_number_is_found_without_script_too(
    window: Windows, stage: Stage, receipt: dict[str, str]
) -> None:
    felix = stage("person", name="Felix", roles="traveller clerk")
    desk = window(DESK, person=felix, java_script_enabled=False)
    desk.goto("/settlement/scan/")
    desk.locator("[name=number]").fill(receipt["spoken"])
    desk.locator("[data-number] [type=submit]").click()

    numbered(desk, receipt)
    expect(desk.locator("[data-band=payable]")).to_have_class("verdict verdict--ok")


def test_a_clerk_who_opens_the_link_of_a_receipt_lands_at_the_station(
    desk: Page, receipt: dict[str, str]
) -> None:
    desk.goto("/V#" + receipt["text"].partition("#")[2])
    desk.wait_for_url("**/settlement/scan/")

    judged(desk, "ok", "ok")
    assert "#" not in desk.url


# --- what else may happen ------------------------------------------------------------------


def test_a_camera_that_may_not_be_used_leaves_the_other_ways(desk: Page) -> None:
    desk.locator("[data-turn]").click()

    expect(desk.locator("qr-scanner")).to_have_attribute("data-state", "refused")
    expect(desk.locator(".camera__words")).not_to_be_empty()
    expect(desk.locator("button[data-source=file]")).to_be_visible()


def test_without_a_line_a_scan_waits_and_is_never_red(desk: Page, receipt: dict[str, str]) -> None:
    desk.route("**/api/v1/verifications", _cut)
    scan(desk, receipt["text"])
    judged(desk, "info", "info")
    expect(desk.locator("verify-station")).to_have_attribute("data-line", "off")
    expect(desk.locator("[data-trouble]")).to_be_hidden()

    desk.unroute("**/api/v1/verifications")
    judged(desk, "ok", "ok")
    read(desk, 1)


def _cut(route: Route) -> None:
    route.abort()


def test_a_receipt_read_before_says_when(desk: Page, receipt: dict[str, str]) -> None:
    scan(desk, receipt["text"])
    judged(desk, "ok", "ok")
    desk.reload()
    scan(desk, receipt["text"])
    judged(desk, "ok", "ok")

    expect(desk.locator("[data-part=earlier]")).to_be_visible()


def test_keys_pause_clear_and_walk(desk: Page, receipt: dict[str, str]) -> None:
    scan(desk, receipt["text"])
    judged(desk, "ok", "ok")

    desk.keyboard.press("ArrowDown")
    expect(desk.locator("[data-list] button.row")).to_be_focused()
    desk.keyboard.press("F8")
    expect(desk.locator("[data-part=paused]")).to_be_visible()
    desk.keyboard.press("F8")
    desk.keyboard.press("Escape")
    expect(desk.locator("[data-answer]")).to_be_hidden()
