"""The phone keeps what the log has promised, and says later in a sentence whether it was kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import becomes, hurry, near, press
from tests.browser.chromium import PHONE
from tests.browser.passkeys import Passkeys
from tests.browser.server import Stage
from tests.browser.windows import Windows

# A promise for a leaf that never was, long overdue, as a phone holds one.
PLANTED = """async owner => {
  const { phone } = await import(Object.entries(
    JSON.parse(document.querySelector("script[type=importmap]").textContent).imports
  ).find(([name]) => name.endsWith("js/lib/phone.js"))[1]);
  const at = "2026-01-05T00:12:00.000000Z", by = "2026-01-05T01:12:00.000000Z";
  const row = { leaf: "ab".repeat(32), owner, kind: "arrive", at, by, receipt: "kept" };
  await (await phone()).put("promises", row);
}"""


@pytest.fixture
def ada(stage: Stage) -> dict[str, Any]:
    bora = stage("person", name="Bora", roles="traveller approver")
    made: dict[str, Any] = stage("person", name="Ada", roles="traveller")
    stage("consent", person=made["uid"])
    stage("trip", traveller=made["uid"], approver=bora["uid"])
    return made


@pytest.fixture
def phone(window: Windows, stage: Stage, ada: dict[str, Any]) -> Page:
    missing = ["status of 404"]
    page = window(
        PHONE, person=ada, permissions=["geolocation"], geolocation=near(), expected=missing
    )
    Passkeys.of(page, stage("passkey", person=ada["uid"]))
    page.goto("/")
    hurry(page)
    return page


def test_each_touch_leaves_a_promise_and_later_it_was_kept(phone: Page) -> None:
    press(phone, "arrive")
    becomes(phone, "ok")
    phone.goto("/me/promises/")

    expect(phone.locator("kept-promises")).to_have_attribute("data-state", "ready")
    (row,) = phone.locator("kept-promises li").all()
    expect(row).to_contain_text("약속이 지켜졌습니다")
    expect(phone.locator("[data-part=broken]")).to_be_hidden()
    with phone.expect_download() as told:
        row.locator("a").click()
    text = Path(told.value.path()).read_text("utf-8")
    assert text.startswith("tripseal/receipt/v1\n")


def test_a_promise_that_was_not_kept_is_said_loudly(phone: Page, ada: dict[str, Any]) -> None:
    phone.goto("/me/promises/")
    expect(phone.locator("[data-part=empty]")).to_be_visible()
    phone.evaluate(PLANTED, ada["uid"])
    phone.reload()

    expect(phone.locator("kept-promises")).to_have_attribute("data-state", "broken")
    expect(phone.get_by_role("alert")).to_contain_text("로그가 약속을 지키지 않았습니다")
    expect(phone.locator("kept-promises li")).to_contain_text("약속이 지켜지지 않았습니다")


def test_a_phone_that_changes_hands_shows_nobody_elses(phone: Page, ada: dict[str, Any]) -> None:
    phone.goto("/me/promises/")
    phone.evaluate(PLANTED, "somebody-else")
    phone.reload()

    expect(phone.locator("[data-part=empty]")).to_be_visible()
