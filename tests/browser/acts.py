"""What people do in their windows, and what they wait for: a state, never a moment."""

from __future__ import annotations

import re

from playwright.sync_api import Geolocation, Page, expect

from tests.aside import aside
from tests.browser.passkeys import Passkeys
from tests.browser.server import Stage

QUIET = 4
# What a console says of a request that found no line.
LOST = "Failed to load resource: net::ERR_"
Ada = dict[str, str]


def near(accuracy: float = 12) -> Geolocation:
    """By the district office, in seven decimals as phones give them."""
    north, west = aside()
    return {
        "latitude": round(35.2536571 + north / 1e7, 7),
        "longitude": round(128.6403217 - west / 1e7, 7),
        "accuracy": accuracy,
    }


def sign_in(page: Page, person: dict[str, str]) -> None:
    """Through the door, with number and password; the product then offers a passkey."""
    page.goto("/login/")
    page.locator("[name=number]").fill(person["number"])
    page.locator("[name=password]").fill(person["password"])
    page.locator("form:has([name=password]) [type=submit]").click()
    page.wait_for_url("**/enrol/**")


def enrol(page: Page) -> Passkeys:
    """A passkey, made on the product's own page; it leads on to where the person wanted to go."""
    keys = Passkeys.of(page)
    page.locator("passkey-enrol [type=submit]").click()
    page.wait_for_url(lambda url: "/enrol/" not in url)
    assert keys.count() == 1
    return keys


def press(page: Page, kind: str) -> None:
    """The large place to touch."""
    page.locator(f"check-in button.touch[value={kind}]").click()


def agree(page: Page) -> None:
    """Yes to the position, asked once."""
    expect(page.locator("check-in")).to_have_attribute("data-state", "explain")
    page.locator("check-in [data-act=with]").click()


def becomes(page: Page, state: str) -> None:
    expect(page.locator("check-in")).to_have_attribute("data-state", state)


def qr_of(page: Page) -> bytes:
    """A photograph of the code on the screen."""
    return page.locator("check-in .qr-tile svg").screenshot()


def hurry(page: Page) -> None:
    """The position settles at once: here nothing is learnt from waiting four seconds."""
    page.locator("check-in").evaluate("(it) => { it.dataset.settleMs = '0'; }")


def modules_of(page: Page) -> list[str]:
    """The code as it was drawn, module by module: ``M4 4h7v1h-7z`` is a run of seven.

    The next of its row, ``m9 0h2v1h-2z``, begins nine modules after it did.
    """
    drawn = page.locator("check-in .qr-tile svg")
    side = int((drawn.get_attribute("viewBox") or "").split()[-1])
    rows = [["0"] * side for _ in range(side)]
    path = drawn.locator("path").last.get_attribute("d") or ""
    x = y = 0
    for pen, dx, dy, length in re.findall(r"([Mm])(\d+) (\d+)h(\d+)v1h-\d+z", path):
        x, y = int(dx) + x * (pen == "m"), int(dy) + y * (pen == "m")
        rows[y][x : x + int(length)] = "1" * int(length)
    return ["".join(row[QUIET:-QUIET]) for row in rows[QUIET:-QUIET]]


# Hangul that is not said to be Korean, in a page of another language.
HANGUL = """() => {
  if (document.documentElement.lang === "ko") return [];
  const hangul = /\\p{Script=Hangul}/u;
  const own = (node) => node.closest("[lang]").lang.startsWith("ko");
  const found = [];
  const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    if (hangul.test(text.data) && !own(text.parentElement)) found.push(text.data.trim());
  for (const one of document.querySelectorAll("*"))
    for (const name of ["aria-label", "alt", "title", "placeholder", "value", "content"])
      if (hangul.test(one.getAttribute(name) ?? "") && !own(one))
        found.push(`${name}: ${one.getAttribute(name)}`);
  return found;
}"""


# Words of *roots* that begin on one line and end on another.
BROKEN = """(roots) => {
  const found = [];
  const broken = (text, from, to) => {
    const range = document.createRange();
    range.setStart(text, from);
    range.setEnd(text, to);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  };
  for (const root of document.querySelectorAll(roots)) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode())
      if (text.parentElement.checkVisibility({ visibilityProperty: true }))
        for (const { 0: word, index } of text.data.matchAll(/\\S+/g))
          if (broken(text, index, index + word.length)) found.push(word);
  }
  return found;
}"""


def kept(stage: Stage, ada: Ada) -> list[tuple[str, str]]:
    return [(row["kind"], row["verdict"]) for row in stage("touches", person=ada["uid"])]
