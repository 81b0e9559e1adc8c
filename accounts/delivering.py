"""What waits to be handed over: which is next, and how often it is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)

# How long after the first, second … try the next one comes; after the last it is given up.
WAITS = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)


@transaction.atomic
def claimed(waiting: QuerySet[Row], *, now: datetime) -> Row | None:
    """Of *waiting* the one that has been due longest, put off to its next try.

    Its rows have ``due_at`` and ``tries``. Nothing is held afterwards: whoever spoke with the
    world writes down what became of it only where ``tries`` is still theirs.
    """
    free = waiting.select_for_update(of=("self",), skip_locked=True)
    row: Any = free.filter(due_at__lte=now).order_by("due_at", "pk").first()
    if row is None:
        return None
    row.tries += 1
    row.due_at = now + WAITS[min(row.tries, len(WAITS)) - 1]
    row.save(update_fields=["tries", "due_at"])
    return row  # type: ignore[no-any-return]  # of the rows that were asked for
