"""Pages by key: the next begins behind the last, however long the list has grown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Device, Person, Post
from ledger.models import AccessSubject

SIZE = 25

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """*next* is where the next page begins; empty at the end."""

    rows: Sequence[Row]
    next: str = ""


def people_page(people: QuerySet[Person], *, after: str) -> Page[Person]:
    """By name. *after* is the ``uid`` of the last one seen, so no name stands in an address."""
    if (uid := _uid(after)) and (last := people.filter(uid=uid).first()):
        people = people.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    rows = list(people.order_by("name", "pk")[: SIZE + 1])
    return Page(rows[:SIZE], str(rows[SIZE - 1].uid) if len(rows) > SIZE else "")


def diary_page(looks: QuerySet[AccessSubject], *, before: str) -> Page[AccessSubject]:
    """Newest first. *before* is the moment and key of the last one seen."""
    at, pk = _moment(before)
    if at:
        looks = looks.filter(Q(access__at__lt=at) | Q(access__at=at, pk__lt=pk))
    rows = list(looks[: SIZE + 1])
    if len(rows) <= SIZE:
        return Page(rows)
    last = rows[SIZE - 1]
    return Page(rows[:SIZE], f"{last.access.at.isoformat()}~{last.pk}")


def post_page(posts: QuerySet[Post], *, before: str) -> Page[Post]:
    """Newest first. *before* is the ``uid`` of the last one seen."""
    if (uid := _uid(before)) and (last := posts.filter(uid=uid).first()):
        posts = posts.filter(pk__lt=last.pk)
    rows = list(posts[: SIZE + 1])
    return Page(rows[:SIZE], str(rows[SIZE - 1].uid) if len(rows) > SIZE else "")


def devices_page(devices: QuerySet[Device], *, before: str) -> Page[Device]:
    """Newest first. *before* is the ``uid`` of the last one seen."""
    if (uid := _uid(before)) and (last := devices.filter(uid=uid).first()):
        devices = devices.filter(pk__lt=last.pk)
    rows = list(devices.order_by("-pk")[: SIZE + 1])
    return Page(rows[:SIZE], str(rows[SIZE - 1].uid) if len(rows) > SIZE else "")


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> tuple[datetime | None, int]:
    """A cursor nobody gave out begins at the top."""
    moment, _, key = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        pk = int(key)
    except ValueError:
        return None, 0
    return (at, pk) if at.tzinfo and 0 < pk < 2**63 else (None, 0)
