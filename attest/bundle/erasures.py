"""Erasing against hiding: what is shut as erased must be covered, what is covered not shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from attest.log.leaf import read_time

from .columns import GROUPS, Row
from .findings import Findings

JSONL: Final = "data/leaves.jsonl"

Span = tuple[int, int]


class _Spans:
    """Numbers that come rising, kept as few [a, b)."""

    __slots__ = ("spans",)

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def add(self, number: int) -> None:
        if self.spans and self.spans[-1][1] == number:
            self.spans[-1] = (self.spans[-1][0], number + 1)
        else:
            self.spans.append((number, number + 1))

    def within(self, ranges: Iterable[Span]) -> Iterable[int]:
        for start, stop in ranges:
            for a, b in self.spans:
                yield from range(max(a, start), min(b, stop))


class Erasures:
    """*retention* is ``rules/retention.json``: days each group is kept at least."""

    def __init__(self, findings: Findings, *, start: int, retention: bytes | None) -> None:
        self._findings, self._start = findings, start
        self._open = {group: _Spans() for group in GROUPS}
        self._erased = {group: _Spans() for group in GROUPS}
        self._erasures: list[dict[str, Any]] = []
        self._times: dict[int, str] = {}
        self._days = _days(retention)

    def announce(self, leaf: dict[str, Any]) -> None:
        if leaf["t"] == "erasure":
            self._erasures.append(leaf)

    def see(self, row: Row) -> None:
        self.announce(dict(row.leaf))
        for group in GROUPS:
            state = row.state(group)
            if state == "open":
                self._open[group].add(row.index)
            elif state == "erased":
                self._erased[group].add(row.index)
                self._times[row.index] = row.leaf["at"]

    def close(self) -> None:
        for group in GROUPS:
            self._check_covered(group)
        for leaf in self._erasures:
            for index in self._open[leaf["group"]].within(_ranges(leaf)):
                self._fail("row.erased_but_shown", index, leaf["group"])
            self._check_time(leaf)

    def _check_covered(self, group: str) -> None:
        whole = [(0, 1 << 62)]
        own = set(self._covered(group))
        others = {i for one in GROUPS if one != group for i in self._covered(one, of=group)}
        for index in self._erased[group].within(whole):
            if index not in own:
                code = "erasure.group" if index in others else "erasure.range"
                self._fail(code, index, group)

    def _covered(self, group: str, *, of: str = "") -> Iterable[int]:
        """The erased leaves of group *of* that erasures of *group* cover."""
        for leaf in self._erasures:
            if leaf["group"] == group:
                yield from self._erased[of or group].within(_ranges(leaf))

    def _check_time(self, leaf: dict[str, Any]) -> None:
        if leaf["reason"] != "retention":
            return
        days = self._days.get(leaf["group"])
        at = read_time(leaf["at"])
        for index in self._erased[leaf["group"]].within(_ranges(leaf)):
            if days is None or at < read_time(self._times[index]) + timedelta(days=days):
                self._fail("erasure.too_early", index, leaf["group"])

    def _fail(self, code: str, index: int, group: str) -> None:
        row = index - self._start + 1
        self._findings.fail(code, file=JSONL, leaf=index, row=row, column=group)


def _ranges(leaf: Mapping[str, Any]) -> list[Span]:
    return [(a, b) for a, b in leaf["ranges"]]


def _days(raw: bytes | None) -> dict[str, int]:
    """By group; nothing where there is no such file, or it says something else."""
    try:
        said = json.loads(raw or b"{}")
        return {
            group: said[f"{group}_days"]
            for group in GROUPS
            if type(said.get(f"{group}_days")) is int
        }
    except (ValueError, AttributeError):
        return {}
