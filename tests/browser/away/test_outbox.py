"""The outbox: what waits on the phone is listed, sent, saved, handed in, thrown away by a word."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.acts import becomes, press
from tests.browser.chromium import DESK
from tests.browser.clock import later
from tests.browser.line import cut
from tests.browser.server import Stage
from tests.browser.windows import Windows

from .phone import (
    Ada,
    mended,
    rows,
    waits,
)

BATCHES = "**/api/v1/check-ins/batches"


def queued(page: Page) -> None:
    cut(page)
    press(page, "arrive")
    becomes(page, "queued")


def saved(page: Page, folder: Path) -> Path:
    """What waits on *page*'s phone, as a file."""
    queued(page)
    page.goto("/me/outbox/")
    with page.expect_download() as saving:
        page.locator("out-box [data-act=save]").click()
    file = folder / "waiting.json"
    saving.value.save_as(file)
    return file


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
    file = saved(phone, tmp_path)

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
    file = saved(phone, tmp_path)

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
