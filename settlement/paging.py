"""Newest first, 25 at a time, going on after the last row that was seen."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

SIZE = 25

Row = TypeVar("Row", bound=Model)


def page(rows: QuerySet[Row], *, after: UUID | None) -> tuple[list[Row], UUID | None]:
    """A page of *rows* (ordered by ``-pk``), and the uid to ask for the next with."""
    if after is not None:
        seen: QuerySet[Any] = QuerySet(rows.model).filter(uid=after)
        rows = rows.filter(pk__lt=seen.values("pk")[:1])
    found = list(rows[: SIZE + 1])
    shown = found[:SIZE]
    last: Any = shown[-1] if len(found) > SIZE else None
    return shown, last.uid if last else None


def after_of(text: str) -> UUID | None:
    """The ``after`` of an address; a broken one begins at the top."""
    try:
        return UUID(text)
    except ValueError:
        return None
