"""A worker that makes what waits and is killed at one of its beats, in a process of its own.

python -m tests.audit.killed LEAVES-A-PART BEATS
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from attest.bundle import workbook  # noqa: E402 -- the rows need their settings first
from audit.preparing import prepare_exports  # noqa: E402
from tests.clock import stopped  # noqa: E402


class Beats:
    """The worker's clock, which it reads at every beat; the last one is its end."""

    def __init__(self, most: int, at: datetime) -> None:
        self.left, self.at = most, at

    def __call__(self) -> datetime:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.at


if __name__ == "__main__":
    length, beats, now = sys.argv[1:]
    workbook.PART = int(length)  # type: ignore[misc]  # a short part for a short bundle
    with stopped(datetime.fromisoformat(now)) as clock:
        prepare_exports(clock=Beats(int(beats), clock.at))
