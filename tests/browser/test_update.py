"""Another version is there: it waits until somebody wants it, and nothing is lost by it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.acts import becomes, near, press
from tests.browser.chromium import PHONE
from tests.browser.deployed import before
from tests.browser.server import Server, Stage
from tests.browser.windows import Windows

# Whether the pill of a new version was ever seen, if only for a moment.
OFFERED = """addEventListener("DOMContentLoaded", () => {
  const pill = document.querySelector("keep-offline");
  const look = () => { if (!pill.hidden) document.body.dataset.offered = ""; };
  if (pill) new MutationObserver(look).observe(pill, { attributes: true });
});"""


def test_a_new_version_waits_for_a_press_and_leaves_nothing_behind(
    window: Windows, server: Server, stage: Stage
) -> None:
    ada = stage("person", name="Ada", roles="traveller")
    stage("consent", person=ada["uid"])
    with before(server.origin) as door:
        passed = [f"another origin: {door.origin}", "net::ERR_"]
        phone = window(
            PHONE, person=ada, permissions=["geolocation"], geolocation=near(), expected=passed
        )
        phone.add_init_script(OFFERED)
        phone.goto(door.origin)
        expect(phone.locator("keep-offline")).to_have_attribute("data-state", "ready")
        expect(phone.locator("check-in")).to_have_attribute("data-provided", "")
        expect(phone.locator("body[data-offered]")).to_have_count(0)
        (first,) = kept(phone)
        phone.route("**/batches", lambda route: route.abort())
        phone.locator("check-in").evaluate("(it) => { it.dataset.settleMs = '0'; }")
        press(phone, "arrive")
        becomes(phone, "queued")

        door.newer = True
        phone.reload()
        pill = phone.locator("keep-offline button")
        expect(pill).to_be_visible()
        assert kept(phone) == [first, "offline / newer"]
        expect(phone.locator("waiting-pill")).to_have_attribute("data-count", "1")

        phone.evaluate("() => { document.body.dataset.before = ''; }")
        pill.click()
        expect(phone.locator("body:not([data-before])")).to_be_visible()
        expect(phone.locator("keep-offline")).to_have_attribute("data-state", "ready")
        expect(pill).to_be_hidden()
        assert kept(phone) == ["offline / newer"]
        expect(phone.locator("waiting-pill")).to_have_attribute("data-count", "1")

        door.cut = True
        phone.reload()
        expect(phone.locator("check-in button.touch")).to_be_visible()
        # With its service worker the door closes: it must not be knocked at again.
        phone.goto("about:blank")


def test_a_server_that_is_away_behind_its_door_is_as_good_as_no_line(
    window: Windows, server: Server, stage: Stage
) -> None:
    ada = stage("person", name="Ada", roles="traveller")
    stage("consent", person=ada["uid"])
    with before(server.origin) as door:
        passed = [f"another origin: {door.origin}", "status of 502", f"502: {door.origin}"]
        phone = window(
            PHONE, person=ada, permissions=["geolocation"], geolocation=near(), expected=passed
        )
        phone.goto(door.origin)
        expect(phone.locator("keep-offline")).to_have_attribute("data-state", "ready")
        expect(phone.locator("check-in")).to_have_attribute("data-provided", "")

        door.away = True
        phone.reload()
        phone.locator("check-in").evaluate("(it) => { it.dataset.settleMs = '0'; }")
        press(phone, "arrive")
        becomes(phone, "queued")
        assert stage("touches", person=ada["uid"]) == []

        door.away = False
        phone.reload()
        becomes(phone, "sent-late")
        assert len(stage("touches", person=ada["uid"])) == 1
        phone.goto("about:blank")


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate("() => caches.keys()")
    return sorted(found, key=lambda name: name.endswith("newer"))
