"""The browser under test: which one, how it is started, and what it pretends to be."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Without it `navigator.webdriver` is true, and the touch honestly says so.
UNSAID = "--disable-blink-features=AutomationControlled"

_KOREA: dict[str, Any] = {"locale": "ko-KR", "timezone_id": "Asia/Seoul"}
PHONE: dict[str, Any] = {
    **_KOREA,
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/156.0.0.0 Mobile Safari/537.36",
}
DESK: dict[str, Any] = {**_KOREA, "viewport": {"width": 1280, "height": 900}}


def chromium() -> str:
    """The browser under test. A missing one fails the run: an unseen page is an unproven page."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.access(path, os.X_OK):
        raise pytest.UsageError(
            f"No Chromium at {path}. Run 'make test' as root or with passwordless sudo so that it"
            " can install the Debian package 'chromium', or set CHROMIUM to an installed one."
        )
    return path


def version() -> str:
    said = subprocess.run([chromium(), "--version"], capture_output=True, text=True, check=True)
    return said.stdout.strip()


def launch(playwright: Playwright, *, film: Path | None = None, automated: str = "no") -> Browser:
    """A browser; with *film* before its camera, for a film must be there before it starts."""
    # A process for each window and one to spare would be a fifth of the time.
    args = [*ARGS, "--renderer-process-limit=2"]
    if automated == "no":
        args.append(UNSAID)
    if film:
        args += [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ]
    return playwright.chromium.launch(executable_path=chromium(), args=args)
