"""Witnesses of place: a screen filmed by a phone, a tag, a host's own phone, a colleague."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import becomes, press
from tests.browser.chromium import DESK, PHONE
from tests.browser.film import film_of
from tests.browser.line import cut
from tests.browser.passkeys import Passkeys
from tests.browser.server import Server, Stage
from tests.browser.windows import Windows

Person = dict[str, str]
LOST = "Failed to load resource: net::ERR_"


@pytest.fixture
def ada(stage: Stage) -> Person:
    """On the way to the annex. She wants no position to be measured."""
    bora = stage("person", name="Bora", roles="traveller approver")
    made: Person = stage("person", name="Ada", roles="traveller")
    stage("consent", person=made["uid"], answer="withdrawn")
    made["trip"] = stage("trip", traveller=made["uid"], approver=bora["uid"], place="Annex")["uid"]
    return made


@pytest.fixture
def screen(stage: Stage) -> dict[str, str]:
    made: dict[str, str] = stage("screen", name="Lobby")
    return made


@pytest.fixture
def phone(window: Windows, stage: Stage, ada: Person) -> Page:
    """Ada's, with her passkey."""
    page = window(PHONE, person=ada, expected=["status of 409", "status of 401"])
    Passkeys.of(page, stage("passkey", person=ada["uid"]))
    return page


def verdicts(stage: Stage, ada: Person) -> list[str]:
    return [row["verdict"] for row in stage("touches", person=ada["uid"])]


def shown(window: Windows, screen: dict[str, str], *, cuttable: bool = False) -> Page:
    page = window(DESK, expected=[LOST, "status of 404"], cuttable=cuttable)
    page.goto(f"/site/{screen['uid']}/display/#{screen['token']}")
    expect(page.locator("site-display")).to_have_attribute("data-state", "shown")
    return page


# --- the screen -----------------------------------------------------------------------


def test_a_filmed_screen_makes_a_touch_without_position_enough(
    window: Windows,
    stage: Stage,
    ada: Person,
    screen: dict[str, str],
    camera: Callable[[Path], Browser],
    tmp_path: Path,
) -> None:
    display = shown(window, screen)
    # A whole step is ahead: what is filmed now is still live when it is sent.
    display.wait_for_function(
        "() => +document.querySelector('[data-part=seconds]').textContent > 20", timeout=40_000
    )
    seen = display.locator("[data-part=qr] svg").screenshot()
    browser = camera(film_of(tmp_path / "screen.y4m", seen))
    phone = window(PHONE, person=ada, browser=browser, permissions=["camera"])
    Passkeys.of(phone, stage("passkey", person=ada["uid"]))

    phone.goto("/")
    phone.locator("a[href$='/site-code/']").click()
    phone.locator("[data-turn]").click()
    phone.wait_for_url("**/?trip=*")
    expect(phone.locator("held-code")).to_be_visible()
    press(phone, "arrive")
    becomes(phone, "no-position")

    assert verdicts(stage, ada) == ["SUFFICIENT"]


def test_typed_digits_are_added_to_the_touch_afterwards(
    window: Windows, phone: Page, stage: Stage, ada: Person, screen: dict[str, str]
) -> None:
    phone.goto("/")
    press(phone, "arrive")
    becomes(phone, "no-position")
    assert verdicts(stage, ada) == ["SUPPLEMENT"]
    digits = shown(window, screen).locator("[data-part=code]").inner_text()

    phone.locator(".way[data-to=site-code]").click()
    phone.locator("[name=text]").fill("0000 0000")
    phone.locator("site-code [type=submit]").click()
    expect(phone.locator("[data-part=refused]")).to_contain_text("4번 남았어요")
    phone.locator("[name=text]").fill(digits)
    phone.locator("site-code [type=submit]").click()
    phone.wait_for_url(f"**/trips/{ada['trip']}/")

    expect(phone.locator(".timeline")).to_contain_text("Annex · Lobby")
    assert verdicts(stage, ada) == ["SUFFICIENT"]


def test_a_code_of_some_minutes_ago_is_told_to_be_old(
    phone: Page, stage: Stage, ada: Person, screen: dict[str, str]
) -> None:
    phone.goto("/")
    press(phone, "arrive")
    becomes(phone, "no-position")
    old = stage("site_code", site=screen["uid"], seconds=420)["digits"]

    phone.goto(f"/trips/{ada['trip']}/site-code/")
    phone.locator("[name=text]").fill(old)
    phone.locator("site-code [type=submit]").click()
    phone.wait_for_url(f"**/trips/{ada['trip']}/")

    assert verdicts(stage, ada) == ["SUPPLEMENT"]
    expect(phone.locator(".timeline")).to_contain_text("먼저 표시된")


def test_a_screen_without_a_line_strikes_its_code_out(
    window: Windows, screen: dict[str, str]
) -> None:
    page = shown(window, screen, cuttable=True)
    cut(page)

    expect(page.locator("site-display")).to_have_attribute("data-state", "lost", timeout=60_000)
    expect(page.locator("[data-part=lost]")).to_be_visible()
    expect(page.locator("[data-part=qr]")).to_be_hidden()
    struck = "(it) => getComputedStyle(it).textDecorationLine"
    assert page.locator("[data-part=code]").evaluate(struck) == "line-through"


def test_a_screen_keeps_its_token_and_shows_it_nowhere(
    window: Windows, screen: dict[str, str], server: Server
) -> None:
    page = shown(window, screen)
    assert "#" not in page.url
    page.reload()

    expect(page.locator("site-display")).to_have_attribute("data-state", "shown")
    assert screen["token"] not in server.log


def test_a_screen_with_a_wrong_token_says_so(window: Windows, screen: dict[str, str]) -> None:
    page = window(DESK, expected=["status of 404"])
    page.goto(f"/site/{screen['uid']}/display/#wrong")

    expect(page.locator("[data-part=unknown]")).to_be_visible()
    expect(page.locator("[data-part=code]")).to_be_empty()


def test_an_administrator_makes_a_screen_and_takes_it_back(window: Windows, stage: Stage) -> None:
    olga = stage("person", name="Olga", roles="administrator")
    desk = window(DESK, person=olga)
    desk.goto("/manage/sites/")
    desk.locator("[name=place]").select_option(label="Annex")
    desk.locator("[name=name]").fill("East gate")
    desk.locator("main form [type=submit]").click()
    desk.locator("[value=display-new]").click()
    address = desk.locator("#display-url").inner_text()

    wall = window(DESK, expected=["status of 404"])
    wall.goto(address)
    expect(wall.locator("[data-part=place]")).to_have_text("Annex · East gate")
    desk.locator("[value=display-revoked]").click()
    wall.goto(address)
    expect(wall.locator("[data-part=unknown]")).to_be_visible()
    desk.locator("[value=printed-new]").click()
    expect(desk.locator("code-tile svg")).to_be_visible()


# --- the tag --------------------------------------------------------------------------


def test_a_tag_opens_the_page_and_goes_along_with_the_touch(
    phone: Page, stage: Stage, ada: Person, screen: dict[str, str], server: Server
) -> None:
    said = stage("tag", site=screen["uid"], counter=1_000)
    phone.goto(f"/t#{said}")
    phone.locator("tag-landing a.button").click()
    press(phone, "arrive")
    becomes(phone, "no-position")

    assert verdicts(stage, ada) == ["SUFFICIENT"]
    assert said[2:20] not in server.log


def test_a_copied_tag_is_heard(
    phone: Page, stage: Stage, ada: Person, screen: dict[str, str]
) -> None:
    said = stage("tag", site=screen["uid"], counter=2_000)
    phone.goto("/")
    press(phone, "arrive")
    becomes(phone, "no-position")
    phone.goto(f"/t#{said}")
    phone.locator("[data-go]").click()
    phone.wait_for_url(f"**/trips/{ada['trip']}/")
    assert verdicts(stage, ada) == ["SUFFICIENT"]

    eve = stage("person", name="Eve", roles="traveller")
    approver = stage("person", name="Bora", roles="traveller approver")
    eve["trip"] = stage("trip", traveller=eve["uid"], approver=approver["uid"], place="Annex")[
        "uid"
    ]
    assert stage("touched_with", person=eve["uid"], trip=eve["trip"], site=said) == [
        "SUPPLEMENT",
        "flow.site-code-stale",
    ]


# --- the host -------------------------------------------------------------------------


@pytest.fixture
def arrived(phone: Page) -> Page:
    phone.goto("/")
    press(phone, "arrive")
    becomes(phone, "no-position")
    phone.locator(".way[data-to=host]").click()
    phone.locator("[data-show]").click()
    expect(phone.locator("code-tile svg")).to_be_visible()
    return phone


def url_of(phone: Page) -> str:
    return phone.locator("code-tile").get_attribute("data-text") or ""


def asked(window: Windows, url: str) -> Page:
    """The host's own phone."""
    page = window(PHONE, expected=["status of 409"])
    page.goto(url)
    return page


def confirm(host: Page, answer: str = "confirmed") -> None:
    host.locator("[name=name]").fill("Seo")
    host.locator("[name=department]").fill("Jinju, General Affairs")
    host.locator("[name=consent]").check()
    host.locator(f"form [value={answer}]").click()


def test_a_host_without_an_account_confirms_and_the_traveller_sees_it(
    window: Windows, arrived: Page, server: Server, stage: Stage, ada: Person
) -> None:
    url = url_of(arrived)
    host = asked(window, url)
    expect(host.locator("[data-slot=name]")).to_have_text("Ada")
    assert "#" not in host.url
    confirm(host)

    expect(host.locator("[data-view=done]")).to_be_visible()
    expect(arrived.locator(".alert--ok:visible")).to_contain_text("Seo")
    assert url.partition("#")[2] not in server.log
    assert "host.guest-link" in stage("reasons", trip=ada["trip"])


def test_a_no_is_asked_once_more_and_told_to_the_traveller(
    window: Windows, arrived: Page, stage: Stage, ada: Person
) -> None:
    host = asked(window, url_of(arrived))
    confirm(host, "denied")
    expect(host.locator("[data-view=sure]")).to_be_visible()
    host.locator("[data-act=deny]").click()

    expect(host.locator("[data-view=done]")).to_be_visible()
    expect(arrived.locator(".alert--warn")).to_contain_text("확인하지 않았어요")
    assert verdicts(stage, ada) == ["REVIEW"]


def test_a_host_may_think_better_of_it(
    window: Windows, arrived: Page, stage: Stage, ada: Person
) -> None:
    host = asked(window, url_of(arrived))
    confirm(host, "denied")
    host.locator("[data-act=deny]").click()
    host.locator("[data-act=change]").click()
    host.locator("form [value=confirmed]").click()
    expect(host.locator("[data-view=done]")).to_be_visible()

    assert "host.guest-link" in stage("reasons", trip=ada["trip"])
    assert "cross.host-denies" not in stage("reasons", trip=ada["trip"])


def test_who_does_not_agree_is_asked_for_nothing_more(window: Windows, arrived: Page) -> None:
    host = asked(window, url_of(arrived))
    host.locator("form [value=confirmed]").click()

    expect(host.locator("[data-part=wrong]")).to_be_visible()
    expect(host.locator("[data-view=question]")).to_be_visible()


def test_an_answered_code_is_answered(window: Windows, arrived: Page) -> None:
    url = url_of(arrived)
    first = asked(window, url)
    confirm(first)
    expect(first.locator("[data-view=done]")).to_be_visible()

    expect(asked(window, url).locator("[data-view=refused] h1")).to_have_text(
        "이미 답하신 확인이에요."
    )


def test_a_code_that_is_too_old_says_so(
    window: Windows, arrived: Page, stage: Stage, ada: Person
) -> None:
    host = asked(window, f"/host#{stage('old_ask', trip=ada['trip'])}")

    expect(host.locator("[data-view=refused] h1")).to_contain_text("시간이 지났어요")


def test_the_traveller_cannot_be_their_own_host(window: Windows, arrived: Page) -> None:
    url = url_of(arrived)
    own = arrived.context.new_page()
    own.goto(url)
    expect(own.locator("[data-view=refused] h1")).to_contain_text("스스로")

    # Nor signed out: the browser once asked.
    cookies = [one for one in arrived.context.cookies() if one["name"] == "asked"]
    arrived.context.clear_cookies()
    arrived.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were told
    own.goto("about:blank")
    own.goto(url)
    expect(own.locator("[data-view=refused] h1")).to_contain_text("스스로")


def test_the_hosts_page_is_small(window: Windows, arrived: Page) -> None:
    sizes: list[int] = []
    host = window(PHONE)
    host.on("response", lambda got: sizes.append(len(got.body())))
    host.goto(url_of(arrived))
    expect(host.locator("[data-view=question]")).to_be_visible()

    assert len(sizes) >= 3
    assert sum(sizes) <= 40 * 1024
    assert "import" not in host.locator("script").all_inner_texts()


def test_a_link_is_made_for_a_day(window: Windows, arrived: Page) -> None:
    arrived.locator("[name=mail]").fill("seo@jinju.example")
    arrived.locator("[data-link] [type=submit]").click()
    expect(arrived.locator("[data-part=link]")).to_be_visible()
    url = arrived.locator("[data-part=url]").inner_text()

    assert (arrived.locator("[data-part=mail]").get_attribute("href") or "").startswith("mailto:")
    expect(asked(window, url).locator("[data-view=question]")).to_be_visible()


def test_a_colleague_confirms_for_one_without_a_phone(
    window: Windows, arrived: Page, stage: Stage, ada: Person
) -> None:
    carl = stage("person", name="Carl", roles="traveller")
    stage("beside", trip=ada["trip"], person=carl["uid"])
    page = window(PHONE, person=carl)
    page.goto("/colleagues/")
    page.locator("form:has-text('Ada') [value=confirmed]").click()
    expect(page.locator("main")).to_contain_text("남겼습니다")

    assert "host.teammate" in stage("reasons", trip=ada["trip"])
