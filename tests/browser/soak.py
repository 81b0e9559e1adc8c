"""A phone that has no luck: killed, cut off, answered to nobody, in two tabs at once.

`python -m tests.browser.soak --rounds 200 --seed 1` plays it against the real server. What the
phone said it kept must be recorded once: none lost, none doubled. Each round is somebody new
on the same phone, and can be played again from its seed.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import (
    Error,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

from tests.browser import line
from tests.browser.chromium import chromium
from tests.browser.pockets import Pocket, pocket_of
from tests.browser.server import ROOT, Server, collected, running

BATCHES = "**/api/v1/check-ins/batches"
CUTS = ("none", "offline", "answer", "request", "kill", "tabs")
# From here on the touch is on the disk: the page said so, or is past it.
KEPT = {"sending", "queued", "ok", "weak", "no-position", "supplement", "invalid", "sent-late"}
LONGEST_MS = 60_000
SLOW_MS = 5_000
_ANY = re.compile("^(queued|ok|weak|no-position|supplement|invalid)$")


@dataclass
class Tally:
    rounds: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    pressed: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        cuts = ", ".join(f"{cut} {count}" for cut, count in sorted(self.pressed.items()))
        return (
            f"{self.rounds} rounds, {self.pressed.total()} touches ({cuts}):"
            f" {len(self.lost)} lost, {len(self.doubled)} doubled"
        )


@dataclass
class Round:
    """One trip of somebody new: touches, each with a cut, and at the end a line."""

    name: str
    chance: Random
    server: Server
    pocket: Pocket
    tally: Tally
    kept: Counter[str] = field(default_factory=Counter)

    def play(self) -> None:
        page = self._somebody()
        expect(page.locator("check-in")).to_have_attribute("data-provided", "")
        expect(page.locator("keep-offline")).to_have_attribute("data-state", "ready")
        for _ in range(self.chance.randint(2, 4)):
            kinds = self._offered(page)
            if kinds:
                page = self._touch(page, self.chance.choice(kinds), self.chance.choice(CUTS))
        self._mended(page)
        self._judge()

    def _offered(self, page: Page) -> list[str]:
        """What may be pressed here. A touch that was cut before it was signed is signed first."""
        send = page.locator("check-in [data-act=send]:visible")
        if send.count():
            send.click()
            expect(page.locator("check-in")).to_have_attribute("data-state", _ANY)
            self.pocket.open(page)
        buttons = page.locator("check-in form button[name=kind]:not([data-how]):visible")
        if not buttons.count():
            # What had waited was just sent, and its receipt stands in the way.
            self.pocket.open(page)
        kinds: list[str] = buttons.evaluate_all("(all) => all.map(({ value }) => value)")
        return [kind for kind in kinds if not self.kept[kind] + self.kept[f"maybe {kind}"]]

    def _somebody(self) -> Page:
        """The phone goes into new hands: half of them with a passkey, half with none."""
        stage = self.server.stage
        bora = stage("person", name="Bora", roles="traveller approver")
        ada = stage("person", name="Ada", roles="traveller")
        stage("consent", person=ada["uid"])
        stage("trip", traveller=ada["uid"], approver=bora["uid"])
        signs = self.chance.random() < 0.5
        passkey = stage("passkey", person=ada["uid"]) if signs else None
        if self.pocket.context is None:
            self.pocket.person, self.pocket.passkey = ada, passkey
            return self.pocket.start()
        self.pocket.hand_to(ada, passkey)
        return self.pocket.open(self.pocket.context.pages[0])

    def _touch(self, page: Page, kind: str, cut: str) -> Page:
        tabs = [page]
        if cut == "tabs":
            tabs.append(page.context.new_page())
            tabs[1].goto("/me/outbox/")
        if cut in {"offline", "tabs"}:
            line.cut(page)
        elif cut in {"answer", "request"}:
            page.route(BATCHES, _unanswered if cut == "answer" else _unheard)
        try:
            button = page.locator(f"check-in form button[value={kind}]:not([data-how])")
            button.click(timeout=SLOW_MS)
        except Error:
            # What had waited was sent at this moment, and its receipt took the place.
            for tab in tabs[1:]:
                tab.close()
            return self._fresh(page)
        self.tally.pressed[cut] += 1
        if cut == "kill":
            page.wait_for_timeout(self.chance.uniform(0, 900))
            self._count(page, kind)
            self.pocket.kill()
            return self._again(self.chance.random() < 0.5)
        expect(page.locator("check-in")).to_have_attribute("data-state", _ANY, timeout=LONGEST_MS)
        self._count(page, kind)
        if self.chance.random() < 0.3:
            self.pocket.kill()
            return self._again(self.chance.random() < 0.5)
        (line.cut if self.chance.random() < 0.3 else line.mended)(page)
        for tab in tabs[1:]:
            tab.close()
        return self._fresh(page)

    def _count(self, page: Page, kind: str) -> None:
        """Whether it is said to be kept; a touch that was not may still come."""
        state = page.locator("check-in").get_attribute("data-state")
        self.kept[kind if state in KEPT else f"maybe {kind}"] += 1

    def _again(self, offline: bool) -> Page:  # noqa: FBT001 -- as the dice say
        return self.pocket.start(offline=offline)

    def _fresh(self, page: Page) -> Page:
        page.unroute_all(behavior="ignoreErrors")
        return self.pocket.open(page)

    def _mended(self, page: Page) -> None:
        line.mended(page)
        page = self._fresh(page)
        send = page.locator("check-in [data-act=send]:visible")
        pill = page.locator("waiting-pill")
        for _ in range(20):
            page.wait_for_timeout(150)
            if pill.get_attribute("data-count") == "0":
                return
            # Killed before it was signed: the finger is asked for once more.
            if send.count():
                send.click()
                page.wait_for_timeout(500)
            page.goto("/me/outbox/")
            page.locator("out-box").wait_for()
            page = self.pocket.open(page)
        raise AssertionError(f"{self.name}: the outbox does not empty")

    def _judge(self) -> None:
        rows = self.server.stage("touches", person=self.pocket.person["uid"])
        found = Counter(row["kind"] for row in rows)
        for kind in ("arrive", "stop", "return"):
            sure, maybe = self.kept[kind], self.kept[f"maybe {kind}"]
            if found[kind] < sure:
                self.tally.lost.append(f"{self.name} {kind}")
            if found[kind] > sure + maybe:
                self.tally.doubled.append(f"{self.name} {kind}")


def _unanswered(route: Route) -> None:
    """The server hears and records; nobody hears its answer."""
    try:
        route.fetch()
        route.abort()
    except Error:
        # The browser was killed meanwhile: there is nobody left to tell.
        return


def _unheard(route: Route) -> None:
    route.abort()


def soak(
    playwright: Playwright, server: Server, folder: Path, *, rounds: int, seed: int, say: Any
) -> Tally:
    tally = Tally()
    with pocket_of(playwright, server, folder, person={}) as pocket:
        for number in range(rounds):
            name = f"seed {seed} round {number}"
            Round(name, Random(f"{seed} {number}"), server, pocket, tally).play()
            tally.rounds += 1
            if tally.rounds % 10 == 0:
                say(str(tally))
    return tally


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    words = argparse.ArgumentParser(description="A phone that has no luck.")
    words.add_argument("--rounds", type=int, default=200)
    words.add_argument("--seed", type=int, default=1)
    said = words.parse_args()
    chromium()
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder, "server")
        place.mkdir()
        static = collected(ROOT / "build" / "browser" / "static")
        with running(place, static=static) as server:
            tally = soak(
                playwright,
                server,
                Path(folder, "phone"),
                rounds=said.rounds,
                seed=said.seed,
                say=_say,
            )
    for told in (str(tally), *tally.lost, *tally.doubled):
        _say(told)
    return 1 if tally.lost or tally.doubled else 0


if __name__ == "__main__":
    sys.exit(main())
