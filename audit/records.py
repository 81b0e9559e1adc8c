"""A person's own records: what is kept of them, until when, and all of it to take away.

Reading one's own records leaves no trace in the diary. Nothing sealed is opened but one's own
statements; an exact position is said to be kept, never shown.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.cells import safe
from accounts.models import Person
from accounts.selectors import consents_of, devices_of
from audit.retention import goes_at, with_end
from audit.sheet import kst
from ledger.selectors import diary_of
from trips.models import Assessment, CheckIn, Correction, Trip
from trips.selectors import newest_assessment
from trips.showing import position_of

# More than anybody's working life brings.
MOST = 50_000
_AT_ONCE = 200

_TOUCH_HEAD = (
    *("시각 (KST, UTC+09:00)", "출장번호", "구분", "장소"),
    *("위치", "판정", "이유", "취소 시각"),
)

Row = dict[str, Any]


def touches_of(person: Person) -> QuerySet[CheckIn]:
    """Newest first, each with its assessments."""
    weighed = Prefetch("assessments", queryset=Assessment.objects.defer("facts").order_by("pk"))
    rows = CheckIn.objects.filter(trip__traveller=person).select_related("trip")
    return (
        rows.defer("record", "best_fix").prefetch_related(weighed).order_by("-recorded_at", "-pk")
    )


def touch_row(touch: CheckIn) -> Row:
    weighed = newest_assessment(touch)
    return {
        "at": touch.recorded_at,
        "trip": touch.trip.number,
        "kind": touch.kind,
        "place": touch.place_words,
        "position": position_of(touch),
        "verdict": weighed.verdict,
        "reasons": weighed.reasons,
        "withdrawn_at": touch.withdrawn_at,
    }


def trips_of(person: Person) -> QuerySet[Trip]:
    """Newest first, each with when its positions go."""
    rows = with_end(Trip.objects.filter(traveller=person)).select_related("traveller")
    return rows.annotate(fixes=_kept_fixes()).order_by("-starts_at", "-pk")


def trip_row(trip: Trip) -> Row:
    kept = vars(trip)["fixes"] > 0
    return {
        "number": trip.number,
        "starts_at": trip.starts_at,
        "state": trip.state,
        "positions": vars(trip)["fixes"],
        "erased_on": goes_at(trip) if kept else None,
        "erased_at": trip.erased_at,
    }


def consent_rows(person: Person) -> Iterator[Row]:
    for one in consents_of(person)[:MOST]:
        yield {
            "at": one.at,
            "purpose": one.purpose,
            "answer": one.answer,
            "text_version": one.text_version,
        }


def device_rows(person: Person) -> Iterator[Row]:
    for one in devices_of(person)[:MOST]:
        yield {
            "name": one.name,
            "kind": one.kind,
            "state": one.state,
            "enrolled_at": one.enrolled_at,
            "revoked_at": one.revoked_at,
        }


def access_rows(person: Person) -> Iterator[Row]:
    for one in diary_of(person.pk)[:MOST].iterator(chunk_size=_AT_ONCE):
        yield {
            "at": one.access.at,
            "name": one.access.actor.name,
            "department": one.access.actor.department.name,
            "role": one.access.role,
            "depth": one.depth,
            "action": one.access.action,
            "purpose": one.access.purpose,
            "reason": one.access.reason,
            "reference": one.access.reference,
        }


def correction_rows(person: Person) -> Iterator[Row]:
    rows = Correction.objects.filter(trip__traveller=person).select_related("trip")
    for one in rows.order_by("-pk")[:MOST].iterator(chunk_size=_AT_ONCE):
        yield {
            "at": one.at,
            "trip": one.trip.number,
            "what": one.what,
            "value": one.value,
            "reason": one.reason,
            "state": one.state,
            "answer": one.answer,
            "answered_at": one.answered_at,
        }


def json_of(person: Person) -> Iterator[bytes]:
    """Everything, one row at a time: memory does not grow with a long working life."""
    touches = touches_of(person)[:MOST].iterator(chunk_size=_AT_ONCE)
    trips = trips_of(person)[:MOST].iterator(chunk_size=_AT_ONCE)
    parts: list[tuple[str, Iterable[Row]]] = [
        ("touches", map(touch_row, touches)),
        ("trips", map(trip_row, trips)),
        ("accesses", access_rows(person)),
        ("consents", consent_rows(person)),
        ("devices", device_rows(person)),
        ("corrections", correction_rows(person)),
    ]
    about = {"name": person.name, "department": person.department.name, "grade": person.grade}
    yield b'{"person":' + _spelled(about)
    for name, rows in parts:
        yield f',\n"{name}":['.encode()
        for number, row in enumerate(rows):
            yield (b",\n" if number else b"\n") + _spelled(row)
        yield b"]"
    yield b"}\n"


def csv_of(person: Person) -> Iterator[bytes]:
    """The touches as a sheet; no spreadsheet computes a cell of it."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield b"\xef\xbb\xbf" + writer.writerow(_TOUCH_HEAD).encode()
    for touch in touches_of(person)[:MOST].iterator(chunk_size=_AT_ONCE):
        row = touch_row(touch)
        why = " / ".join(str(one["why_ko"]) for one in row["reasons"])
        cells = (row["trip"], row["kind"], row["place"], row["position"], row["verdict"], why)
        said = (kst(row["at"]), *cells, kst(row["withdrawn_at"]))
        yield writer.writerow([safe(cell) for cell in said]).encode()


def diary_csv_of(person: Person) -> Iterator[bytes]:
    """Who looked, as a sheet."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    head = ("시각 (KST, UTC+09:00)", "이름", "부서", "직무", "범위", "행위", "목적", "사유", "대상")
    yield b"\xef\xbb\xbf" + writer.writerow(head).encode()
    for row in access_rows(person):
        at, *rest = row.values()
        yield writer.writerow([safe(cell) for cell in (kst(at), *rest)]).encode()


class _Echo:
    def write(self, text: str) -> str:
        return text


def _spelled(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=_time).encode()


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _kept_fixes() -> Any:
    fixes = CheckIn.objects.filter(trip=OuterRef("pk")).exclude(best_fix=None).order_by()
    counted = fixes.values("trip").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
