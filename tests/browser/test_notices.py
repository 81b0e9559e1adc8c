"""Notices on the phone: what the worker shows, and what the page says where none can be had.

No browser subscribes without the push service of its maker, which no test reaches. What that
service would hand over is handed to the browser by its own protocol.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import PHONE
from tests.browser.server import Server, Stage
from tests.browser.windows import Windows

NEWS = {"title": "출장에 새 소식이 있어요", "tag": "one", "url": "/me/messages/"}
# A window of a test is none that keeps a subscription, as the browser says.
INCOGNITO = ["does not support the Push API in incognito"]
SHOWN = """() => navigator.serviceWorker.getRegistration("/")
  .then((worker) => worker.getNotifications())
  .then((all) => all.map(({ title, body, tag, data }) => [title, body, tag, data]))"""


@pytest.fixture
def phone(window: Windows, stage: Stage) -> Page:
    """Ada's, with the worker of the touch page, and her leave to show notices."""
    ada = stage("person", name="Ada", roles="traveller")
    page = window(PHONE, person=ada, permissions=["notifications"], expected=INCOGNITO)
    page.goto("/")
    expect(page.locator("keep-offline")).to_have_attribute("data-state", "ready")
    return page


def hand_over(page: Page, origin: str, *messages: dict[str, str]) -> None:
    cdp = page.context.new_cdp_session(page)
    seen: list[dict[str, Any]] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated", lambda told: seen.extend(told["registrations"])
    )
    cdp.send("ServiceWorker.enable")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => 1)")
    (worker,) = [one for one in seen if one["scopeURL"] == f"{origin}/"]
    for message in messages:
        said = {"origin": origin, "registrationId": worker["registrationId"]}
        cdp.send("ServiceWorker.deliverPushMessage", said | {"data": json.dumps(message)})


def test_of_a_message_there_is_one_notice_however_often_it_came(
    phone: Page, server: Server
) -> None:
    hand_over(phone, server.origin, NEWS, NEWS, NEWS | {"tag": "two"})
    phone.wait_for_function(f"() => ({SHOWN})().then((all) => all.length === 2)")

    where = f"{server.origin}/me/messages/"
    shown = sorted(phone.evaluate(SHOWN), key=lambda one: one[2])
    assert shown == [[NEWS["title"], "", "one", where], [NEWS["title"], "", "two", where]]


def test_where_no_push_service_answers_the_page_says_so_and_nothing_is_lost(phone: Page) -> None:
    phone.goto("/me/messages/settings/")
    expect(phone.locator("push-notices")).to_have_attribute("data-state", "off")
    phone.get_by_role("button", name="여기에 알림 띄우기").click()

    expect(phone.locator("push-notices")).to_have_attribute("data-state", "failed")
    expect(phone.locator("push-notices [role=status]")).to_contain_text("답하지 않았어요")
    expect(phone.get_by_role("button", name="여기에 알림 띄우기")).to_be_visible()


def test_a_browser_that_was_never_at_the_touch_page_is_led_there(
    window: Windows, stage: Stage
) -> None:
    page = window(PHONE, person=stage("person", name="Ada", roles="traveller"))
    page.goto("/me/messages/settings/")

    expect(page.locator("push-notices")).to_have_attribute("data-state", "first")
