"""After a leak: how many touches the log knows since that hour, and of how many trips."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from attest.log.leaf import read_leaf, time_text
from ledger.models import Leaf, Outbox

# A leaf that committed late may stand behind younger ones.
LATE = timedelta(days=1)


def count_touches(*, since: datetime) -> tuple[int, int]:
    touches = [
        leaf["trip"]
        for leaf in takewhile(lambda leaf: leaf["at"] >= time_text(since - LATE), _backwards())
        if leaf["t"] == "checkin" and leaf["at"] >= time_text(since)
    ]
    return len(touches), len(set(touches))


def _backwards() -> Iterator[dict[str, Any]]:
    """Every leaf there is, the newest first."""
    for rows in (Outbox.objects.order_by("-pk"), Leaf.objects.order_by("-index")):
        for entry in rows.values_list("entry", flat=True).iterator():
            yield read_leaf(bytes(entry))
