"""The product on the home screen: offered once it has been of use, and found whole."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.chromium import PHONE
from tests.browser.clock import later
from tests.browser.windows import Windows

from .phone import (
    HURRIED,
    Ada,
)

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
