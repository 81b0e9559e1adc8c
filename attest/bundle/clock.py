"""Times of leaves: never back without a word, never against an anchor, never from tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from attest.log.leaf import read_time

from .findings import Findings

SKEW: Final = timedelta(seconds=10)
BEAT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Somebody else saw the first *size* leaves, and says when; the auditor's own copy does not."""

    kind: str
    size: int
    at: datetime | None


class Clock:
    def __init__(self, findings: Findings, *, now: datetime, anchors: Sequence[Anchor]) -> None:
        self._findings, self._now, self._anchors = findings, now, anchors
        self._latest: datetime | None = None
        self._before: datetime | None = None
        self._beat = BEAT

    def see(self, index: int, leaf: dict[str, Any], where: dict[str, Any]) -> None:
        at = read_time(leaf["at"])
        self._against_anchors(index, at, where)
        if at > self._now + SKEW:
            self._findings.fail("time.future", column="at", found=leaf["at"], **where)
        if leaf["t"] == "clock-step":
            self._step(leaf, at, where)
        elif self._latest is not None and at < self._latest - SKEW:
            self._findings.fail("time.back", column="at", found=leaf["at"], **where)
        if self._before is not None and at - self._before > 2 * self._beat:
            self._findings.warn("time.silence", column="at", found=leaf["at"], **where)
        if leaf["t"] == "heartbeat":
            self._beat = timedelta(seconds=leaf["every"])
        self._before = at
        self._latest = at if self._latest is None else max(self._latest, at)

    def _step(self, leaf: dict[str, Any], at: datetime, where: dict[str, Any]) -> None:
        now = read_time(leaf["now"])
        if abs(at - now) > SKEW:
            self._findings.fail("time.back", column="now", found=leaf["now"], **where)
        self._findings.warn("time.step", column="at", found=leaf["cause"], **where)
        self._latest = now

    def _against_anchors(self, index: int, at: datetime, where: dict[str, Any]) -> None:
        for anchor in self._anchors:
            if anchor.at is None:
                continue
            if index >= anchor.size and at < anchor.at - SKEW:
                self._findings.fail("time.before_anchor", column="at", **where)
            if index < anchor.size and at > anchor.at + SKEW:
                self._findings.fail("time.after_anchor", column="at", **where)
