"""The access diary of a month, in numbers by reader: what an auditor reads and signs for."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from statistics import median
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import ExtractHour
from django.utils import timezone

from accounts.models import Organisation, Person
from attest.log.leaf import canonical
from attest.values import KST
from ledger.models import Access

ACTION = "access-review"
# Three times as many as is usual for the duty, and no less than this: worth a question.
TIMES, LEAST = 3, 30
NIGHTS = 10
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reader:
    """What one person looked at in one duty. *unusual* says why it is worth a question."""

    ref: str
    name: str
    department: str
    role: str
    looks: int
    people: int
    exact: int
    nights: int
    unusual: tuple[str, ...] = ()


def bounds(month: str) -> tuple[datetime, datetime] | None:
    """From its first moment in Korea to that of the next month; none if it is no month."""
    if not (match := _MONTH.fullmatch(month)):
        return None
    year, number = int(match[1]), int(match[2])
    if not 2000 <= year < 9999:
        return None
    then = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=KST), datetime(*then, 1, tzinfo=KST)


def readers_of(organisation: Organisation, month: str) -> list[Reader]:
    """By name; everybody of the office who looked at somebody in *month*."""
    first, last = bounds(month) or (None, None)
    if first is None or last is None:
        return []
    found = [_reader(row) for row in _counts(organisation, first, last)]
    usual = {role: median(one.looks for one in found if one.role == role) for role in _roles(found)}
    return [_marked(one, usual[one.role]) for one in found]


def review_hash(organisation: Organisation, month: str, readers: list[Reader]) -> bytes:
    """What is signed: these numbers of this month, and no others."""
    said = [asdict(one) | {"unusual": list(one.unusual)} for one in readers]
    about = {"month": month, "organisation": str(organisation.uid), "readers": said}
    return sha256(b"tripseal/access-review/1\0" + canonical(about)).digest()


def people_in(readers: list[Reader]) -> QuerySet[Person]:
    return Person.objects.filter(ref__in=[one.ref for one in readers])


def _counts(organisation: Organisation, first: datetime, last: datetime) -> QuerySet[Any]:
    looks = Access.objects.filter(actor__organisation=organisation, at__gte=first, at__lt=last)
    hour = ExtractHour("at", tzinfo=timezone.get_default_timezone())
    return (
        looks.annotate(hour=hour)
        .values("actor", "role")
        .annotate(
            ref=Max("actor__ref"),
            name=Max("actor__name"),
            department=Max("actor__department__name"),
            looks=Count("pk", distinct=True),
            people=Count("subjects__person", distinct=True),
            exact=Count("pk", distinct=True, filter=Q(subjects__depth="position")),
            nights=Count("pk", distinct=True, filter=Q(hour__gte=22) | Q(hour__lt=6)),
        )
        .order_by("name", "actor", "role")
    )


def _reader(row: dict[str, Any]) -> Reader:
    return Reader(**{name: row[name] for name in Reader.__slots__ if name in row})


def _roles(readers: list[Reader]) -> set[str]:
    return {one.role for one in readers}


def _marked(one: Reader, usual: float) -> Reader:
    why = []
    if one.looks >= LEAST and one.looks > TIMES * usual:
        why.append("many")
    if one.exact:
        why.append("exact")
    if one.nights >= NIGHTS:
        why.append("nights")
    return Reader(**(asdict(one) | {"unusual": tuple(why)}))
