"""Every page, as everybody sees it: in both languages and themes, small and large, by keyboard."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import BROKEN, HANGUL
from tests.browser.chromium import DESK, PHONE
from tests.browser.server import Server, Stage
from tests.browser.town import NO_PAGES, PAGES, Town, town_of
from tests.browser.windows import Windows

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Fewer pixels than a phone has, for the same picture: drawing them is most of the work.
SMALL_PHONE: dict[str, Any] = {**PHONE, "device_scale_factor": 1.5}
LIGHT: dict[str, Any] = {**SMALL_PHONE, "color_scheme": "light"}
DARK: dict[str, Any] = {**SMALL_PHONE, "locale": "en-US", "color_scheme": "dark"}
# The page that is not there says so with this, and a window without a service worker with that.
EXPECTED = ["status of 404", "Service Worker registration blocked"]


@pytest.fixture(scope="session")
def town(stage: Stage) -> Town:
    return town_of(stage)


def opened(window: Windows, town: Town, whose: str, address: str, options: dict[str, Any]) -> Page:
    return led_to(window(options, person=town.people.get(whose)), town, whose, address)


def led_to(page: Page, town: Town, whose: str, address: str) -> Page:
    page.goto(town.address(address))
    # Whoever is signed in and led to the door would see one page everywhere.
    assert whose == "stranger" or "/login/" not in page.url
    page.evaluate("() => document.fonts.ready.then(() => 1)")
    return page


@dataclass(frozen=True, slots=True)
class Pane:
    """Windows kept from page to page, one a person: to open it is half the work of a look."""

    windows: Windows
    town: Town
    options: dict[str, Any]
    picture: Callable[[Page, str], None]
    kept: dict[str, Page] = field(default_factory=dict)

    def __call__(self, whose: str, address: str) -> Page:
        """The page as it stands there before anything is pressed, with axe in it."""
        if whose not in self.kept:
            self.kept[whose] = self._opened(whose)
        page = self.kept[whose]
        # Another fragment alone would lead to no other page.
        page.goto("about:blank")
        page.emulate_media(forced_colors="none")
        page.set_viewport_size(PHONE["viewport"])
        led_to(page, self.town, whose, address)
        page.evaluate(AXE.read_text())
        return page

    def harmless(self, page: Page, name: str) -> None:
        _unrolled(page)
        self.picture(page, name)
        assert _violations(page) == []
        assert page.evaluate(SMALL) == []
        assert page.locator("h1:visible").count() == 1

    def _opened(self, whose: str) -> Page:
        person = self.town.people.get(whose)
        more: dict[str, Any] = {"bypass_csp": True, "service_workers": "block"}
        return self.windows(self.options, person=person, expected=EXPECTED, **more)


@pytest.fixture(scope="module")
def panes(
    server: Server, browser: Browser, town: Town, picture: Callable[[Page, str], None]
) -> Iterator[dict[str, Pane]]:
    made = {
        name: Pane(Windows(server, browser), town, options, picture)
        for name, options in (("light", LIGHT), ("dark", DARK))
    }
    yield made
    for pane in made.values():
        pane.windows.close()


@pytest.fixture
def by_daylight(panes: dict[str, Pane]) -> Iterator[Pane]:
    yield panes["light"]
    assert panes["light"].windows.troubles() == []


@pytest.fixture
def by_night(panes: dict[str, Pane]) -> Iterator[Pane]:
    yield panes["dark"]
    assert panes["dark"].windows.troubles() == []


def named(whose: str, address: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{whose}{address}").strip("-")


def test_no_page_is_left_out() -> None:
    """Every address there is stands among the pages, or among those that are none."""
    plain = {re.sub(r"[?#].*", "", address) for _, address in PAGES}
    seen = {route for route in routes() if any(re.fullmatch(_shape(route), one) for one in plain)}

    assert routes() - seen == NO_PAGES
    assert seen & NO_PAGES == set()


def _shape(route: str) -> str:
    """A row of the town where a route names one by its number."""
    rows = re.sub(r"<uuid:\w+>", r"\\{\\w+\\}", route)
    return "/" + re.sub(r"<[^>]+>", "[^/]+", rows)


def routes() -> set[str]:
    """Of pages: what programs and readers of the log ask for stands elsewhere."""
    found: set[str] = set()
    waiting: list[tuple[str, Any]] = [("", get_resolver())]
    while waiting:
        before, resolver = waiting.pop()
        for one in resolver.url_patterns:
            route = before + str(one.pattern)
            if isinstance(one, URLPattern):
                found.add(route)
            else:
                waiting.append((route, one))
    return {route for route in found if not route.startswith(("api/", "log/", "^"))}


every_page = pytest.mark.parametrize(
    ("whose", "address"), PAGES, ids=[named(*page) for page in PAGES]
)


# --- looks --------------------------------------------------------------------------------


@every_page
def test_nothing_stands_in_the_way_by_daylight_in_korean(
    by_daylight: Pane, whose: str, address: str
) -> None:
    page = by_daylight(whose, address)
    by_daylight.harmless(page, f"{named(whose, address)}-360-ko-light")

    page.set_viewport_size({"width": 1280, "height": 900})
    by_daylight.harmless(page, f"{named(whose, address)}-1280-ko-light")
    assert page.locator("html").get_attribute("lang") == "ko"


@every_page
def test_nothing_stands_in_the_way_by_night_in_english(
    by_night: Pane, whose: str, address: str
) -> None:
    page = by_night(whose, address)
    by_night.harmless(page, f"{named(whose, address)}-360-en-dark")
    assert page.evaluate(HANGUL) == []
    assert page.locator("html").get_attribute("lang") == "en"

    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(WIDER) == []
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert page.evaluate(WIDER) == []
    assert page.evaluate(BROKEN, UNBROKEN) == []
    by_night.harmless(page, f"{named(whose, address)}-320-en-large")
    page.emulate_media(forced_colors="active")
    assert page.evaluate(BARE) == []


# What is pressed: letters under each other are no word.
UNBROKEN = ".button"


@pytest.mark.parametrize("language", ["ko-KR", "en-US"])
@pytest.mark.parametrize(("whose", "address"), [("dora", "/"), ("bora", "/")])
def test_no_word_of_the_touch_or_the_bottom_bar_is_broken(
    window: Windows, town: Town, whose: str, address: str, language: str
) -> None:
    page = opened(window, town, whose, address, SMALL_PHONE | {"locale": language})
    page.set_viewport_size({"width": 320, "height": 640})
    sizes = ("100%", "150%", "200%")

    assert page.locator("check-in .touch, .bottom-bar").count() == 2
    assert {size: page.evaluate(BROKEN_AT, size) for size in sizes} == {size: [] for size in sizes}


BROKEN_AT = f"""(size) => {{
  document.documentElement.style.fontSize = size;
  return ({BROKEN})("check-in, .bottom-bar");
}}"""


def _violations(page: Page) -> Any:
    """What axe finds, of any level. The page has it already."""
    return page.evaluate(
        """(values) => axe.run(document, { runOnly: { type: "tag", values } }).then(
          ({ violations }) => violations.map(({ id, nodes }) =>
            [id, ...nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)]))""",
        TAGS,
    )


def _unrolled(page: Page) -> None:
    """All of it at once: bars that stick take their own place, and lie over nothing."""
    page.evaluate(
        """() => document.querySelectorAll(".top-bar, .bottom-bar")
          .forEach((bar) => { bar.style.position = "static"; })"""
    )


# Everything to press, but for links inside a sentence (WCAG 2.5.8).
SMALL = """() => [...document.querySelectorAll(
    "button, summary, select, textarea, input:not([type=hidden]), a[href]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .map((one) => one.matches("[type=checkbox], [type=radio], [type=file]")
    ? one.closest("label") ?? one : one)
  .filter((one) => !one.matches(".skip-link") && getComputedStyle(one).display !== "inline")
  .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
  .filter(([, { width, height }]) => Math.min(width, height) < 47.5)
  .map(([html, { width, height }]) => `${width} × ${height}: ${html}`)"""


# What a reader of forced colours would not see: a ground that carries a meaning, without a line.
BARE = """() => [...document.querySelectorAll(
    ".card, .alert, .result, .verdict, .pill, .chip, .badge, .seal, .button, .touch, .input")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => {
    const { borderTopWidth, borderTopStyle, borderBottomWidth, borderBottomStyle } =
      getComputedStyle(one);
    const lines = [[borderTopWidth, borderTopStyle], [borderBottomWidth, borderBottomStyle]];
    return !lines.some(([width, style]) => parseFloat(width) >= 1 && style !== "none");
  })
  .map((one) => one.outerHTML.slice(0, 120))"""


# What sticks out, where anything does. What scrolls by itself may. A phone shrinks a page that
# is too wide until it fits, and then calls that its inner width: only the screen tells.
WIDER = """() => document.documentElement.scrollWidth <= screen.width ? [] :
  [...document.body.querySelectorAll("*")]
    .map((one) => [one.getBoundingClientRect().right, one.outerHTML.slice(0, 100)])
    .filter(([right]) => right > screen.width + 1)
    .map(([right, html]) => `${Math.round(right)}: ${html}`)"""


# --- by keyboard ----------------------------------------------------------------------------

BY_KEYBOARD = (
    ("stranger", "/login/", DESK),
    ("dora", "/", PHONE),
    ("ada", "/trips/new/", PHONE),
    ("ada", "/trips/{returned}/receipt/", PHONE),
    ("bora", "/approvals/{returned}/", PHONE),
    ("felix", "/settlement/scan/", DESK),
    ("felix", "/settlement/batches/{open}/", DESK),
    ("iris", "/audit/trips/", DESK),
    ("olga", "/manage/people/{ada}/", DESK),
)


@pytest.mark.parametrize(
    ("whose", "address", "options"), BY_KEYBOARD, ids=[named(*one[:2]) for one in BY_KEYBOARD]
)
def test_every_stop_of_the_keyboard_is_seen(
    window: Windows, town: Town, whose: str, address: str, options: dict[str, Any]
) -> None:
    page = opened(window, town, whose, address, options)
    page.evaluate("() => { document.activeElement?.blur(); }")
    stops = [_stop(page) for _ in range(page.evaluate(STOPS))]

    assert stops
    assert [stop for stop in stops if not stop["ring"]] == []
    assert [stop for stop in stops if not stop["seen"]] == []
    assert [stop["place"] for stop in stops] == sorted(stop["place"] for stop in stops)


def _stop(page: Page) -> dict[str, Any]:
    page.keyboard.press("Tab")
    said: dict[str, Any] = page.evaluate(STOP)
    return said


# A group of radio buttons is one stop.
STOPS = """() => {
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled)
    .filter((one) => one.type !== "hidden" && one.tabIndex >= 0)
    .filter((one) => one.type !== "radio" || (!groups.has(one.name) && groups.add(one.name)))
    .length;
}"""
STOP = """() => {
  const one = document.activeElement;
  const box = one.matches("[type=radio], [type=checkbox], [type=file]");
  const shown = box ? one.closest("label") ?? one : one;
  const { left, top, width, height } = shown.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  const rings = [one, shown, ...shown.querySelectorAll("*")].map((it) => getComputedStyle(it));
  return {
    html: one.outerHTML.slice(0, 120),
    place: [...document.querySelectorAll("*")].indexOf(one),
    ring: rings.some((it) => it.outlineStyle !== "none" && parseFloat(it.outlineWidth) >= 2),
    seen: there !== null && (shown.contains(there) || there.contains(shown)),
  };
}"""


def test_the_skip_link_leads_past_the_bar(window: Windows, town: Town) -> None:
    page = opened(window, town, "ada", "/trips/", DESK)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


# --- what is delivered ------------------------------------------------------------------------


def test_the_title_is_drawn_in_our_own_letters(window: Windows, town: Town) -> None:
    page = opened(window, town, "ada", "/trips/", PHONE)
    cdp = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        cdp.send(f"{domain}.enable")
    root = cdp.send("DOM.getDocument")["root"]["nodeId"]
    title = cdp.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    fonts = cdp.send("CSS.getPlatformFontsForNode", {"nodeId": title})["fonts"]

    assert {(font["familyName"], font["isCustomFont"]) for font in fonts} == {
        ("Pretendard GOV", True)
    }


@pytest.mark.parametrize(
    ("whose", "address"), [("dora", "/"), ("felix", "/settlement/scan/"), ("stranger", "/login/")]
)
def test_every_module_is_hashed_and_there(
    window: Windows, town: Town, whose: str, address: str
) -> None:
    page = opened(window, town, whose, address, DESK)
    addresses = page.evaluate(
        """() => [
          ...Object.values(JSON.parse(document.querySelector("[type=importmap]").textContent).imports),
          ...[...document.querySelectorAll("script[src]")].map(({ src }) => new URL(src).pathname),
        ]"""
    )

    assert len(addresses) > 20
    for one in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.js$", one)
        answer = page.request.get(one)
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
        for name in re.findall(r'(?:from|import)\s*\(?"(\.[^"]+)"', answer.text()):
            assert page.evaluate(MAPPED, [name, one]), f"{one} imports {name}"


MAPPED = """([name, from]) => new URL(name, new URL(from, location)).pathname in
  JSON.parse(document.querySelector("[type=importmap]").textContent).imports"""

KB = 1024


def test_the_touch_page_weighs_no_more_than_it_may(window: Windows, town: Town) -> None:
    """All of it as sent, on a cold phone (ux.md §13), letters with it. A name may ask for more."""
    page = window(PHONE, person=town.people["dora"])
    page.goto("/", wait_until="networkidle")
    sent = page.evaluate(WEIGHTS)
    weigh = {kind: sum(size for _, k, size in sent if k == kind) for _, kind, _ in sent}
    # Pages are pressed by the proxy before this server (docs/operations.md).
    weigh["/"] = len(gzip.compress(page.content().encode()))
    faces = sorted(name for name, kind, _ in sent if kind == "woff2")

    assert 0 < weigh["js"] <= 20 * KB
    assert 0 < weigh["css"] <= 10 * KB
    assert sum(weigh.values()) <= 80 * KB
    assert [re.sub(r"\..*", "", face) for face in faces] == [
        "/static/fonts/PretendardGOV-400-first",
        "/static/fonts/PretendardGOV-700-first",
    ]
    # Small modules, asked for in one breath.
    assert len(sent) <= 32


WEIGHTS = """() => [
  ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
].map(({ name, encodedBodySize }) => {
  const { pathname } = new URL(name);
  return [pathname, pathname.split(".").at(-1), encodedBodySize];
})"""
