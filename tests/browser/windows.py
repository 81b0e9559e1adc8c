"""Browser windows that forgive nothing: one context each, every trouble written down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.line import hangs_on, line_to
from tests.browser.server import Server

# How long a press or a word may keep a test waiting: a bound on being stuck, no measure of speed.
# Some pages look for news only every few seconds, and the machine may be busy.
PATIENCE_MS = 20_000

# Told to the console, where it is met like any other complaint of the browser.
_REPORT = """addEventListener("securitypolicyviolation", (seen) =>
  console.error("refused by policy:", seen.violatedDirective, seen.blockedURI));"""


@dataclass
class Watch:
    """What went wrong in a window, but for what its test named beforehand.

    Without slots: Playwright writes on whose methods it calls.
    """

    origin: str
    expected: Sequence[str]
    troubles: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda seen: self._note(f"script: {seen.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def told(self) -> list[str]:
        """The troubles so far, which are then no more."""
        troubles, self.troubles = self.troubles, []
        return troubles

    def _console(self, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            where = said.location.get("url", "")
            self._note(f"console: {said.text} ({where})")

    def _request(self, asked: Request) -> None:
        ours = asked.url.startswith((f"{self.origin}/", "data:", "blob:"))
        if not ours:
            self._note(f"another origin: {asked.url}")

    def _response(self, got: Response) -> None:
        if got.status >= 500:
            self._note(f"{got.status}: {got.url}")

    def _note(self, trouble: str) -> None:
        if not any(re.search(one, trouble) for one in self.expected):
            self.troubles.append(trouble)


@dataclass(slots=True)
class Windows:
    """Opens windows, and at the end shows what was wrong with them."""

    server: Server
    browser: Browser
    open: list[tuple[BrowserContext, Watch]] = field(default_factory=list)
    lines: ExitStack = field(default_factory=ExitStack)

    def __call__(
        self,
        options: dict[str, Any],
        /,
        *,
        person: dict[str, str] | None = None,
        browser: Browser | None = None,
        expected: Sequence[str] = (),
        cuttable: bool = False,
        **more: Any,
    ) -> Page:
        """A blank page of its own context, *person* signed in; *expected* troubles are none.

        The line of one that is *cuttable* may be cut and mended.
        """
        origin = self.server.origin
        line = self.lines.enter_context(line_to(origin)) if cuttable else None
        if line:
            more["proxy"] = line.proxy
        context = (browser or self.browser).new_context(base_url=origin, **options, **more)
        if line:
            hangs_on(context, line)
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch(origin, expected)
        watch.over(context)
        context.add_init_script(_REPORT)
        self.open.append((context, watch))
        if person:
            value = self.server.stage("session", person=person["uid"])
            context.add_cookies([{"name": "session", "value": value, "url": origin}])
        return context.new_page()

    def pictures(self, folder: Path, name: str) -> None:
        """What stood there when a test failed."""
        folder.mkdir(parents=True, exist_ok=True)
        pages = [page for context, _ in self.open for page in context.pages]
        for number, page in enumerate(pages):
            page.screenshot(path=folder / f"{name}-{number}.png")

    def troubles(self) -> list[str]:
        """What went wrong since this was asked last."""
        for context, _ in self.open:
            for page in context.pages:
                # What is still on its way arrives; a page that just goes elsewhere is waited for.
                page.locator("html").wait_for(state="attached")
        return [trouble for _, watch in self.open for trouble in watch.told()]

    def close(self) -> list[str]:
        before = self.troubles()
        for context, _ in self.open:
            context.close()
        self.lines.close()
        return before + [trouble for _, watch in self.open for trouble in watch.told()]
