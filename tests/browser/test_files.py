"""Papers and photos in a real browser: a camera that sees a film, a file that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.chromium import DESK, PHONE
from tests.browser.film import HEIGHT, WIDTH, write_y4m
from tests.browser.passkeys import Passkeys
from tests.browser.server import Stage
from tests.browser.windows import Windows

LOST = "Failed to load resource: net::ERR_"
Person = dict[str, str]


def person(stage: Stage, name: str, roles: str) -> Person:
    made: Person = stage("person", name=name, roles=roles)
    return made


@pytest.fixture
def bora(stage: Stage) -> Person:
    return person(stage, "Bora", "traveller approver")


@pytest.fixture
def ada(stage: Stage, bora: Person) -> Person:
    made = person(stage, "Ada", "traveller")
    made["trip"] = stage("trip", traveller=made["uid"], approver=bora["uid"])["uid"]
    return made


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """What the camera sees: a green field, hour after hour."""
    film = tmp_path / "site.y4m"
    frames = [Image.new("RGB", (WIDTH, HEIGHT), (40, 140, 60))] * 4
    write_y4m(film, frames, width=WIDTH, height=HEIGHT, fps=10)
    return film


@pytest.fixture
def phone(
    window: Windows, stage: Stage, ada: Person, camera: Callable[[Path], Browser], site: Path
) -> Page:
    """Ada's, with her passkey, before the page that takes a photo."""
    browser = camera(site)
    page = window(PHONE, person=ada, browser=browser, permissions=["camera"], expected=[LOST])
    Passkeys.of(page, stage("passkey", person=ada["uid"]))
    page.goto(f"/trips/{ada['trip']}/photo/")
    return page


def becomes(page: Page, state: str) -> None:
    expect(page.locator("site-photo")).to_have_attribute("data-state", state)


def act(page: Page, name: str) -> None:
    page.locator(f"site-photo [data-view]:not([hidden]) [data-act={name}]").click()


def photographed(page: Page) -> str:
    """Up to the look at what was taken; the code that stood there."""
    becomes(page, "explain")
    act(page, "agree")
    becomes(page, "camera")
    code = page.locator(".photo-view__code").inner_text()
    act(page, "take")
    becomes(page, "look")
    return code


def reasons(stage: Stage, ada: Person) -> list[str]:
    return [code for row in stage("touches", person=ada["uid"]) for code in row["reasons"]]


def test_a_photo_is_taken_signed_and_sent(phone: Page, stage: Stage, ada: Person) -> None:
    code = photographed(phone)
    act(phone, "use")
    becomes(phone, "done")

    assert {"photo.challenge-code", "who.passkey-bound"} <= set(reasons(stage, ada))
    phone.goto(f"/trips/{ada['trip']}/")
    expect(phone.get_by_text(code).first).to_be_visible()
    link = phone.locator("a[href*='/api/v1/uploads/']").get_attribute("href")
    kept = Image.open(BytesIO(phone.request.get(str(link)).body()))
    assert kept.size == (WIDTH, HEIGHT)
    red, green, blue = kept.getpixel((WIDTH - 10, 10))  # type: ignore[misc]  # RGB
    assert green > max(red, blue) + 50
    # The bar of the code, burned in: black, with white in it.
    bar = kept.crop((0, HEIGHT - 60, 120, HEIGHT)).convert("L")
    assert bar.getextrema()[0] < 20  # type: ignore[operator]  # one band
    assert bar.getextrema()[1] > 200  # type: ignore[operator]


def test_nobody_is_asked_for_the_camera_before_they_said_yes(
    phone: Page, stage: Stage, ada: Person
) -> None:
    becomes(phone, "explain")
    assert phone.evaluate("() => document.querySelector('site-photo video').srcObject") is None

    phone.get_by_role("link", name="다른 방법 고르기").click()

    expect(phone).to_have_url(f"{phone.url.split('/trips/')[0]}/trips/{ada['trip']}/add/")
    assert reasons(stage, ada) == []


def test_a_photo_whose_answer_was_lost_is_sent_again_and_is_one(
    phone: Page, stage: Stage, ada: Person
) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    photographed(phone)
    phone.route("**/photo", lose, times=1)
    act(phone, "use")
    expect(phone.locator("site-photo [data-alert]")).to_be_visible()
    becomes(phone, "look")

    act(phone, "use")
    becomes(phone, "done")

    assert reasons(stage, ada).count("photo.challenge-code") == 1


def test_a_camera_that_may_not_be_used_leaves_the_other_ways(
    window: Windows, stage: Stage, ada: Person
) -> None:
    page = window(PHONE, person=ada)
    Passkeys.of(page, stage("passkey", person=ada["uid"]))
    page.goto(f"/trips/{ada['trip']}/photo/")
    act(page, "agree")

    becomes(page, "refused")

    expect(page.get_by_text("카메라를 켤 수 없어요")).to_be_focused()


def test_a_paper_is_chosen_told_and_seen_by_the_clerk(
    window: Windows, stage: Stage, ada: Person
) -> None:
    felix = person(stage, "Felix", "traveller clerk")
    picture = BytesIO()
    Image.new("RGB", (300, 200), (250, 240, 200)).save(picture, "JPEG")
    page = window(PHONE, person=ada)
    page.goto(f"/trips/{ada['trip']}/add/")
    form = page.locator("form[action$='/papers/']")
    if not form.is_visible():
        page.get_by_text("서류 붙이기").first.click()
    form.locator("[name=file]").set_input_files(
        {"name": "slip.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    form.locator("[name=paper]").select_option("toll")
    form.locator("[name=amount]").fill("2400")
    form.locator("[name=clock]").fill("23:59")
    form.locator("[type=submit]").click()
    page.wait_for_url(f"**/trips/{ada['trip']}/")
    expect(page.get_by_text("2,400원").first).to_be_visible()

    desk = window(DESK, person=felix)
    desk.goto(f"/settlement/trips/{ada['trip']}/files/")
    desk.get_by_text("여기서 보기").click()

    shown = desk.locator("img.photo-taken")
    expect(shown).to_be_visible()
    desk.wait_for_function("() => document.querySelector('img.photo-taken').naturalWidth === 300")
