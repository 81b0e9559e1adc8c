"""The touch page before Lighthouse, as a phone loads it: `make lighthouse`.

Five loads of a signed-in traveller's page with a trip on it, each by a browser of its own;
the median of each category stands beside its limit (ux.md §13), and below it the run fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.browser.chromium import chromium
from tests.browser.server import ROOT, Server, collected, running

TOOL = ROOT / "bench/lighthouse/node_modules/.bin/lighthouse"
LIMITS = {"performance": 98, "accessibility": 100, "best-practices": 100}
TIMES = {
    "largest-contentful-paint": 1_800,
    "total-blocking-time": 100,
    "cumulative-layout-shift": 0.02,
}
LOADS = 5


def main() -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir(mode=0o700)
        with running(folder / "data", static=collected(ROOT / "build/browser/static")) as server:
            headers = folder / "headers.json"
            headers.write_text(json.dumps({"Cookie": f"session={_signed_in(server)}"}))
            reports = [_load(server, headers) for _ in range(LOADS)]
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


def _load(server: Server, headers: Path) -> dict[str, Any]:
    said = subprocess.run(
        [
            str(TOOL),
            server.origin,
            "--quiet",
            "--output=json",
            "--form-factor=mobile",
            f"--only-categories={','.join(LIMITS)}",
            f"--extra-headers={headers}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "CHROME_PATH": chromium()},
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
