"""A phone with a profile on disk: it is killed, started cold, with and without a line."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.acts import hurry, near
from tests.browser.chromium import ARGS, PHONE, UNSAID, chromium
from tests.browser.line import Line, hangs_on, line_to
from tests.browser.passkeys import Passkeys
from tests.browser.server import Server
from tests.browser.windows import PATIENCE_MS


@dataclass(slots=True)
class Pocket:
    """*person*'s phone. What it keeps lies in *folder*, and outlives every start."""

    playwright: Playwright
    server: Server
    line: Line
    folder: Path
    person: dict[str, str]
    passkey: dict[str, str] | None = None
    options: dict[str, Any] = field(default_factory=lambda: dict(PHONE))
    context: BrowserContext | None = None
    keys: Passkeys | None = None

    def start(self, *, offline: bool = False) -> Page:
        """Today's page, as a finger on the icon opens it."""
        (self.line.cut if offline else self.line.mend)()
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder,
            executable_path=chromium(),
            args=[*ARGS, UNSAID],
            base_url=self.server.origin,
            proxy=self.line.proxy,
            offline=offline,
            permissions=["geolocation"],
            geolocation=near(),
            **self.options,
        )
        hangs_on(self.context, self.line)
        self.context.set_default_timeout(PATIENCE_MS)
        page = self.context.pages[0]
        self.keys = Passkeys.of(page)
        self.hand_to(self.person, self.passkey)
        return self.open(page)

    def hand_to(self, person: dict[str, str], passkey: dict[str, str] | None) -> None:
        """Into somebody's hands, who signs in; *passkey* is all that their chip holds."""
        self.person, self.passkey = person, passkey
        assert self.context
        assert self.keys
        value = self.server.stage("session", person=person["uid"])
        # Set at each start: one that was killed had half a minute of cookies not yet on disk.
        self.context.add_cookies([{"name": "session", "value": value, "url": self.server.origin}])
        self.keys.forget()
        if passkey:
            self.keys.put(passkey)

    def open(self, page: Page) -> Page:
        page.goto("/")
        hurry(page)
        expect(page.locator("check-in")).to_have_attribute("data-awake", "")
        return page

    def ready(self) -> Page:
        """Started with a line, until everything for the time without one is here."""
        page = self.start()
        expect(page.locator("keep-offline")).to_have_attribute("data-state", "ready")
        expect(page.locator("check-in")).to_have_attribute("data-provided", "")
        return page

    def kill(self) -> None:
        """As an empty battery does: nothing is asked, nothing is said."""
        assert self.context
        pid = _browser_of(self.folder)
        with self.context.expect_event("close"):
            os.kill(pid, signal.SIGKILL)
        self.context = None

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None


@contextmanager
def pocket_of(
    playwright: Playwright, server: Server, folder: Path, **said: Any
) -> Iterator[Pocket]:
    with line_to(server.origin) as line:
        pocket = Pocket(playwright, server, line, folder, **said)
        try:
            yield pocket
        finally:
            pocket.close()


def _browser_of(folder: Path) -> int:
    """The process that was started with *folder* as its profile, and started all others."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        its_own = f"--user-data-dir={folder}" in words
        if its_own and not any(word.startswith("--type=") for word in words):
            return int(place.name)
    raise AssertionError("no browser with this profile")
