"""The door, and the page a stranger's camera opens."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.acts import enrol, sign_in
from tests.browser.chromium import DESK, PHONE
from tests.browser.passkeys import Passkeys
from tests.browser.server import Stage
from tests.browser.windows import Windows


def test_who_has_a_passkey_is_offered_it_in_the_field(window: Windows, stage: Stage) -> None:
    phone = _phone_with_a_passkey(window, stage)
    phone.goto("/trips/")

    # The page itself: the address of the sign-in ends with it, too.
    phone.wait_for_url(re.compile(r"//[^/]+/trips/$"))
    expect(phone.locator("main h1")).to_be_visible()


def test_a_browser_without_the_offer_signs_in_with_one_press(window: Windows, stage: Stage) -> None:
    phone = _phone_with_a_passkey(window, stage)
    phone.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable;")
    phone.goto("/")
    phone.locator("passkey-sign-in [type=submit]").click()

    expect(phone.locator("check-in")).to_have_attribute("data-state", "idle")


def _phone_with_a_passkey(window: Windows, stage: Stage) -> Page:
    """Signed in once by password, then out again."""
    ada = stage("person", name="Ada", roles="traveller")
    phone = window(PHONE)
    sign_in(phone, ada)
    enrol(phone)
    # Nothing of a page is under way any more when its session goes.
    phone.goto("/privacy/", wait_until="networkidle")
    phone.context.clear_cookies(name="session")
    return phone


def test_too_many_attempts_say_how_long_to_wait(window: Windows, stage: Stage) -> None:
    ada = stage("person", name="Ada", roles="traveller")
    desk = window(DESK, expected=["status of 403", "status of 429"])
    desk.goto("/login/")
    for _ in range(6):
        desk.locator("[name=number]").fill(ada["number"])
        desk.locator("[name=password]").fill("not the password")
        desk.locator("form:has([name=password]) [type=submit]").click()
        expect(desk.locator(".alert--bad, .error-summary")).to_be_visible()

    expect(desk.locator(".alert--bad")).to_contain_text("초")
    # Even the right password waits now.
    desk.locator("[name=number]").fill(ada["number"])
    desk.locator("[name=password]").fill(ada["password"])
    desk.locator("form:has([name=password]) [type=submit]").click()
    expect(desk.locator(".alert--bad")).to_contain_text("초")
    desk.goto("/trips/")
    desk.wait_for_url("**/login/**")


def test_a_stranger_who_scans_a_receipt_learns_nothing_and_sends_nothing(
    window: Windows, stage: Stage
) -> None:
    ada = stage("person", name="Adalbert", roles="traveller")
    bora = stage("person", name="Bora", roles="traveller approver")
    trip = stage("trip", traveller=ada["uid"], approver=bora["uid"], days=1)["uid"]
    stage("travelled", trip=trip)
    digits = stage("receipt", trip=trip)["text"].partition("#")[2]
    phone = window(PHONE)
    sent: list[dict[str, Any]] = []
    cdp = phone.context.new_cdp_session(phone)
    cdp.send("Network.enable")
    cdp.on("Network.requestWillBeSent", lambda event: sent.append(event["request"]))

    phone.goto(f"/V#{digits}")

    expect(phone.locator("receipt-landing")).to_have_attribute("data-state", "receipt")
    expect(phone.locator("[data-part=receipt] h1")).to_contain_text("Sample City Hall")
    assert "Adalbert" not in phone.content()
    assert sent
    for request in sent:
        told = [request["url"], request.get("postData", ""), *request["headers"].values()]
        assert digits[:24] not in " ".join(told)


def test_an_address_without_a_receipt_says_so(window: Windows) -> None:
    phone = window(PHONE)
    phone.goto("/V#12")

    expect(phone.locator("receipt-landing")).to_have_attribute("data-state", "nothing")
    expect(phone.locator("[data-part=nothing]")).to_be_visible()


def test_a_second_passkey_waits_for_a_yes_of_the_first(window: Windows, stage: Stage) -> None:
    ada = stage("person", name="Ada", roles="traveller")
    first = window(PHONE)
    sign_in(first, ada)
    enrol(first)

    second = window(PHONE, person=ada)
    second.goto("/enrol/")
    Passkeys.of(second)
    second.locator("passkey-enrol [type=submit]").click()
    expect(second.locator("passkey-enrol")).to_have_attribute("data-state", "waiting")

    first.goto("/me/devices/")
    first.locator("step-up [type=submit]").click()
    first.wait_for_url("**/me/devices/")
    expect(first.locator("step-up")).to_have_count(0)
