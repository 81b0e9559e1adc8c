"""The touch page before Lighthouse, as a phone loads it: `make lighthouse`.

Five loads of a signed-in traveller's page with a trip on it, each by a browser of its own;
the median of each category stands beside its limit (ux.md §13), and below it the run fails.
The session is a cookie of the browser, as a phone has it: one that is only said in the headers
of the measurement is gone from what the page asks for by itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import IO, Any, cast
from urllib.parse import urlsplit

from playwright.sync_api import Playwright, sync_playwright

from tests.browser.chromium import ARGS, chromium
from tests.browser.server import ROOT, Server, collected, running

TOOL = ROOT / "bench/lighthouse/node_modules/.bin/lighthouse"
LIMITS = {"performance": 98, "accessibility": 100, "best-practices": 100}
TIMES = {
    "largest-contentful-paint": 1_800,
    "total-blocking-time": 100,
    "cumulative-layout-shift": 0.02,
}
LOADS = 5
_LISTENS = "DevTools listening on "


def main() -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir(mode=0o700)
        static = collected(ROOT / "build/browser/static")
        with running(folder / "data", static=static) as server, sync_playwright() as playwright:
            session = _signed_in(server)
            reports = []
            for number in range(LOADS):
                profile = folder / f"phone-{number}"
                with _phone(playwright, server, profile, session=session) as port:
                    reports.append(_load(server, port))
    return _told(reports)


def _signed_in(server: Server) -> str:
    stage = server.stage
    ada, bora = (
        stage("person", name=name, roles=roles)["uid"]
        for name, roles in (("Ada", "traveller"), ("Bora", "traveller approver"))
    )
    stage("consent", person=ada)
    stage("trip", traveller=ada, approver=bora)
    return str(stage("session", person=ada))


@contextmanager
def _phone(playwright: Playwright, server: Server, profile: Path, *, session: str) -> Iterator[str]:
    """A browser that never was here, signed in; the port it is driven by."""
    args = [*ARGS, "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    with subprocess.Popen(
        [chromium(), *args], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as browser:
        # Closed once it was heard: what nobody reads would one day hold the browser up.
        with cast("IO[str]", browser.stderr) as words:
            said = next(line for line in words if line.startswith(_LISTENS))
        port = urlsplit(said.removeprefix(_LISTENS).strip()).port
        driven = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        driven.contexts[0].add_cookies(
            [{"name": "session", "value": session, "url": server.origin}]
        )
        driven.close()
        try:
            yield str(port)
        finally:
            browser.terminate()


def _load(server: Server, port: str) -> dict[str, Any]:
    said = subprocess.run(
        [
            str(TOOL),
            server.origin,
            "--quiet",
            "--output=json",
            "--form-factor=mobile",
            f"--only-categories={','.join(LIMITS)}",
            f"--port={port}",
            # Or the sign-in goes with the rest; a new profile has nothing else.
            "--disable-storage-reset",
        ],
        check=True,
        capture_output=True,
    )
    report: dict[str, Any] = json.loads(said.stdout)
    return report


def _told(reports: list[dict[str, Any]]) -> int:
    fell = 0
    for name, limit in LIMITS.items():
        score = median(100 * one["categories"][name]["score"] for one in reports)
        fell += score < limit
        sys.stdout.write(f"{name:<28}{score:8.0f}  at least {limit}\n")
    for name, most in TIMES.items():
        value = median(one["audits"][name]["numericValue"] for one in reports)
        sys.stdout.write(f"{name:<28}{value:8.2f}  at most {most}\n")
    for name in {n for one in reports for n, audit in one["audits"].items() if _failed(audit)}:
        sys.stdout.write(f"  below its best: {name}\n")
    return int(fell > 0)


def _failed(audit: dict[str, Any]) -> bool:
    return bool(audit["scoreDisplayMode"] == "binary" and audit["score"] == 0)


if __name__ == "__main__":
    sys.exit(main())
