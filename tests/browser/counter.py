"""At the clerk's counter: what is laid before it, and what it answers."""

from __future__ import annotations

import re
from time import time

from playwright.sync_api import Page, expect

from tests.browser.server import Stage


def receipt_of(stage: Stage) -> dict[str, str]:
    """Of a trip that can be paid: 20,000 won."""
    ada = stage("person", name="Ada", roles="traveller")
    bora = stage("person", name="Bora", roles="traveller approver")
    trip = stage("trip", traveller=ada["uid"], approver=bora["uid"], days=1)["uid"]
    stage("confirmed", trip=trip)
    made: dict[str, str] = stage("receipt", trip=trip)
    return made


def judged(desk: Page, genuine: str, payable: str) -> None:
    expect(desk.locator("verify-station")).to_have_attribute("data-state", "shown")
    for band, tone in (("genuine", genuine), ("payable", payable)):
        expect(desk.locator(f"[data-band={band}]")).to_have_class(f"verdict verdict--{tone}")


def won(desk: Page) -> str:
    return desk.locator("[data-band=payable] [data-part=won]").inner_text()


def numbered(desk: Page, receipt: dict[str, str]) -> None:
    """The number beside the answer is that of *receipt*, in its three groups."""
    number = "-".join(re.findall("....", receipt["spoken"]))
    expect(desk.locator("[data-part=number]")).to_contain_text(number)


def read(desk: Page, count: int) -> None:
    expect(desk.locator("[data-list] button.row")).to_have_count(count)


def scan(desk: Page, text: str, *, gap_ms: float = 1.2) -> None:
    """What a scanner in keyboard's clothing sends: trusted keys, each with its own time.

    However slowly a busy machine hands them on, their times say that it was a scanner.
    """
    cdp = desk.context.new_cdp_session(desk)
    # Of this machine, whatever the page was told: the browser takes no keys of tomorrow.
    now = time()
    for place, char in enumerate(text):
        said = {"timestamp": now + place * gap_ms / 1000, "key": char, "text": char}
        cdp.send("Input.dispatchKeyEvent", {"type": "keyDown", **said})
    end = {"timestamp": now + len(text) * gap_ms / 1000, "key": "Enter", "code": "Enter"}
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 13, **end})
    cdp.detach()
