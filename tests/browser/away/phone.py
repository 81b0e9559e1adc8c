"""The traveller's phone, ready for the time without a line, and what is asked of it there."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.acts import near
from tests.browser.chromium import PHONE
from tests.browser.line import mended as line_mended
from tests.browser.passkeys import Passkeys
from tests.browser.server import Stage
from tests.browser.windows import Windows

AWAY = ["Failed to load resource: net::ERR_"]
Ada = dict[str, str]


def traveller(stage: Stage, approver: Ada) -> Ada:
    """Ada, who said yes to the position, and her trip of today."""
    made: Ada = stage("person", name="Ada", roles="traveller")
    stage("consent", person=made["uid"])
    made["trip"] = stage("trip", traveller=made["uid"], approver=approver["uid"])["uid"]
    return made


def away_phone(window: Windows, stage: Stage, ada: Ada) -> Page:
    """Ada's in one window, with her passkey."""
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
