"""Does anything in a list of spans overlap this one? Asked often, answered by bisection."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

from .batch import Span


class Spans:
    def __init__(self, spans: Iterable[Span] = ()) -> None:
        ordered = sorted(spans, key=lambda span: span.starts_at)
        self._starts = [span.starts_at for span in ordered]
        # The latest end so far: the only one that can still reach into a later span.
        self._ends: list[datetime] = list(accumulate((span.ends_at for span in ordered), max))

    def meet(self, span: Span) -> bool:
        """Both start before the other ends; ends that touch share no moment."""
        before = bisect_left(self._starts, span.ends_at)
        return before > 0 and span.starts_at < self._ends[before - 1]
