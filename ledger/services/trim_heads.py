"""Signed heads that nobody will ask for again go; the log itself is never pruned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import TruncHour

from ledger.models import Anchor, Checkpoint

# As long as an export can be taken, and a day: its head is asked for by its size. A witness or
# an authority that answers later than this answers to the last head of an hour.
KEPT = timedelta(days=8)
AT_ONCE = 5_000


def trim_heads(*, now: datetime) -> int:
    """How many went: old ones, but the last of each hour and those that somebody outside saw.

    Any two heads are shown to follow from each other by the tree, whether their rows are there
    or not. Safe to repeat; the database itself refuses any other (``ledger.guarding``).
    """
    later = Checkpoint.objects.filter(size__gt=OuterRef("size")).order_by("size")
    seen = Anchor.objects.filter(size=OuterRef("size"))
    old = Checkpoint.objects.filter(signed_at__lt=now - KEPT).annotate(
        hour=TruncHour("signed_at", tzinfo=UTC),
        next_hour=TruncHour(Subquery(later.values("signed_at")[:1]), tzinfo=UTC),
    )
    surplus = old.filter(~Exists(seen), hour=F("next_hour")).order_by("size")
    gone = 0
    while sizes := list(surplus.values_list("size", flat=True)[:AT_ONCE]):
        gone += Checkpoint.objects.filter(size__in=sizes).delete()[0]
    return gone
