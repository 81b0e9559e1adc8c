"""A clock that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest


@dataclass(slots=True)
class Clock:
    """What every door reads for the time."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def later(self, **by: float) -> datetime:
        """Let time pass: ``clock.later(seconds=15)``."""
        self.at += timedelta(**by)
        return self.at


@contextmanager
def stopped(at: datetime) -> Iterator[Clock]:
    clock = Clock(at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", clock)
        yield clock
