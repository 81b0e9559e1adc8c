"""Reads of the auditor's room; every question is asked by an auditor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self, TypedDict
from unicodedata import normalize

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import Department, Person
from attest.values import KST
from audit.models import Export
from ledger.stretch import erased_since
from settlement.models import Settlement
from trips.models import Assessment, CheckIn, Decision, Kind, State, Trip, TripStop, Verdict

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Told(TypedDict):
    """What ``with_verdict`` adds to a trip; *won* once it was paid."""

    verdict: str
    won: int | None


# Trips on which a delegate decided for the approver.
BY_DELEGATE = "delegate"
# How long the file of an export can be taken.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Filter:
    """What an auditor asks for. Empty means: no limit."""

    since: str = ""
    until: str = ""
    department: str = ""
    person: str = ""
    place: str = ""
    state: str = ""
    verdict: str = ""
    decided: str = ""

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """From a form, a session or JSON; what is none of what can be chosen is left out."""
        kept = {name: _spelled(said.get(name))[:100] for name in cls.__slots__}
        for name in ("since", "until"):
            if _day(kept[name]) is None:
                kept[name] = ""
        if kept["state"] not in State.values:
            kept["state"] = ""
        if kept["verdict"] not in Verdict.values:
            kept["verdict"] = ""
        if kept["decided"] != BY_DELEGATE:
            kept["decided"] = ""
        return cls(**kept)

    def as_dict(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}


def trips_audited_by(caller: Person, asked: Filter) -> QuerySet[WithAnnotations[Trip, Told]]:
    """Trips of the auditor's office that fit *asked*, each with its verdict, newest first."""
    trips = Trip.objects.filter(traveller__organisation=caller.organisation_id)
    trips = trips.exclude(state=State.DRAFT, open_hash=None)
    if day := _day(asked.since):
        trips = trips.filter(starts_at__gte=datetime.combine(day, time.min, KST))
    if day := _day(asked.until):
        trips = trips.filter(starts_at__lt=datetime.combine(day, time.min, KST) + timedelta(days=1))
    if asked.department:
        trips = trips.filter(department__name=asked.department)
    if asked.person:
        trips = trips.filter(traveller__name__contains=asked.person)
    if asked.place:
        stops = TripStop.objects.filter(trip=OuterRef("pk"), text__contains=asked.place)
        touches = CheckIn.objects.filter(trip=OuterRef("pk"), place_words__contains=asked.place)
        trips = trips.filter(Q(Exists(stops)) | Q(Exists(touches)))
    if asked.decided:
        stood_in = Decision.objects.filter(trip=OuterRef("pk"), instead_of__isnull=False)
        trips = trips.filter(Exists(stood_in))
    if asked.state:
        trips = trips.filter(state=asked.state)
    told = with_verdict(trips)
    if asked.verdict:
        told = told.filter(verdict=asked.verdict)
    return told.order_by("-starts_at", "-pk")


def with_verdict(trips: QuerySet[Trip]) -> QuerySet[WithAnnotations[Trip, Told]]:
    """The verdict of a trip (01-model.md §4) as a column, so that it can be searched."""
    newest = Assessment.objects.filter(check_in=OuterRef("pk")).order_by("-pk").values("verdict")
    touches = CheckIn.objects.filter(trip=OuterRef("pk"), withdrawn_at=None).annotate(
        said=Subquery(newest[:1])
    )
    arrived = touches.exclude(kind=Kind.RETURN)
    return trips.annotate(
        verdict=Case(
            When(~Exists(touches), then=Value("")),
            When(Exists(touches.filter(said="REVIEW")), then=Value("REVIEW")),
            When(Exists(arrived.filter(said="SUFFICIENT")), then=Value("SUFFICIENT")),
            When(~Exists(touches.exclude(said="INVALID")), then=Value("INVALID")),
            default=Value("SUPPLEMENT"),
        ),
        won=Subquery(
            Settlement.objects.filter(trip=OuterRef("pk"), voided_at=None).values("total")[:1]
        ),
    )


def for_rows(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """What a row shows, in a fixed number of queries."""
    return trips.select_related("traveller", "department", "approver").prefetch_related(
        "stops", "check_ins", "settlements__clerk"
    )


def departments_of(caller: Person) -> QuerySet[Department]:
    return Department.objects.filter(organisation=caller.organisation_id).order_by("name")


def exports_of(caller: Person) -> QuerySet[Export]:
    """Every auditor of the office sees what was taken away, and by whom."""
    rows = Export.objects.filter(auditor__organisation=caller.organisation_id)
    return rows.select_related("auditor").order_by("-pk")


def is_outdated(export: Export) -> bool:
    """Whether something a bundle shows was erased since it was made."""
    if export.size is None:
        return False
    return erased_since(export.size, export.start, export.stop, groups=export.groups)


def files_taken_by(caller: Person, *, at: datetime) -> QuerySet[Export]:
    """Own exports of the last seven days: an older one has to be asked for again."""
    return exports_of(caller).filter(
        auditor=caller, requested_at__gt=at - KEPT, state=Export.State.READY
    )


def _spelled(said: object) -> str:
    """As names are spelled here, and a leaf takes it: Hangul typed letter by letter, a tab."""
    text = normalize("NFC", str(said or ""))
    return "".join(one if one.isprintable() else " " for one in text).strip()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
