"""A touch where the line breaks in the middle of it: none is lost, and none is made twice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.acts import LOST, Ada, becomes, hurry, kept, modules_of, near, press
from tests.browser.chromium import PHONE
from tests.browser.line import cut, mended
from tests.browser.passkeys import Passkeys
from tests.browser.server import Stage
from tests.browser.windows import Windows

BATCHES = "**/api/v1/check-ins/batches"

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
