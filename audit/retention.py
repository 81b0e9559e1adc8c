"""What is kept how long, and what of it is over: the table of docs/privacy-impact.md as questions.

exact positions   60 days after the settlement; never settled: 1 year after the trip
drafts            30 days after they were written, and after their day
previewed sheets  30 days
access diary      2 years, exports beside it
files of exports  7 days          sign-ins that are over   at once
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from accounts.models import PeopleImport, Person
from audit.models import Export, RetentionHold
from audit.selectors import KEPT
from ledger.models import Access, Doomed
from trips.erasing import with_positions
from trips.models import Appeal, CheckIn, State, Trip

# A hold that nobody else agreed to lapses.
LAPSES = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Due:
    """Everything whose time is over at one moment."""

    at: datetime

    @property
    def positions(self) -> QuerySet[Trip]:
        """Trips whose exact positions go: nobody holds them."""
        return self.positions_over.exclude(self._held)

    @property
    def positions_held(self) -> QuerySet[Trip]:
        """Those that would go, were it not for a hold."""
        return self.positions_over.filter(self._held)

    @property
    def positions_over(self) -> QuerySet[Trip]:
        over = with_end(with_positions(Trip.objects.exclude(state=State.DRAFT, open_hash=None)))
        settled = Q(paid_at__lte=self._before(settings.KEEP_POSITION_DAYS))
        never = Q(paid_at=None, ended_at__lte=self._before(settings.KEEP_UNSETTLED_DAYS))
        # Whoever hears an appeal hears it with the evidence.
        return over.filter(settled | never).exclude(
            Exists(Appeal.objects.filter(trip=OuterRef("pk"), state=Appeal.State.OPEN))
        )

    @property
    def drafts(self) -> QuerySet[Trip]:
        limit = self._before(settings.KEEP_DRAFT_DAYS)
        drafts = Trip.objects.filter(state=State.DRAFT, open_hash=None, check_ins=None)
        # One that was ever held back stays beside its hold, which says why.
        drafts = drafts.filter(retention_holds=None)
        return drafts.filter(registered_at__lte=limit, ends_at__lte=limit)

    @property
    def sheets(self) -> QuerySet[PeopleImport]:
        """Sheets of people that were looked at and never applied."""
        limit = self._before(settings.KEEP_DRAFT_DAYS)
        return PeopleImport.objects.filter(uploaded_at__lte=limit).exclude(sheet=b"")

    @property
    def accesses(self) -> QuerySet[Access]:
        return Access.objects.filter(at__lte=self.diary_before)

    @property
    def exports(self) -> QuerySet[Export]:
        return Export.objects.filter(requested_at__lte=self.diary_before)

    @property
    def files(self) -> QuerySet[Export]:
        """Exports whose file can be taken no more."""
        over = Export.objects.filter(requested_at__lte=self.at - KEPT)
        return over.exclude(state=Export.State.GONE)

    @property
    def sessions(self) -> QuerySet[Session]:
        return Session.objects.filter(expire_date__lt=self.at)

    @property
    def diary_before(self) -> datetime:
        return self._before(settings.KEEP_DIARY_DAYS)

    @property
    def holds(self) -> QuerySet[RetentionHold]:
        return holds_in_force(at=self.at)

    @property
    def _held(self) -> Q:
        return Q(pk__in=self.holds.exclude(trip=None).values("trip")) | Q(
            traveller__in=self.holds.exclude(person=None).values("person")
        )

    def _before(self, days: int) -> datetime:
        return self.at - timedelta(days=days)

    def counts(self) -> dict[str, int]:
        """What the next run would do."""
        return {
            "accesses": self.accesses.count(),
            "drafts": self.drafts.count(),
            "export_files": self.files.count(),
            "exports": self.exports.count(),
            "keys_doomed": Doomed.objects.filter(destroyed_at=None).count(),
            "positions": self.positions.count(),
            "positions_held": self.positions_held.count(),
            "sessions": self.sessions.count(),
            "sheets": self.sheets.count(),
        }


def holds_in_force(*, at: datetime) -> QuerySet[RetentionHold]:
    """Agreed to, or asked for within the last week; and not lifted."""
    fresh = Q(agreed_at=None, asked_at__gt=at - LAPSES)
    return RetentionHold.objects.filter(Q(agreed_at__isnull=False) | fresh, lifted_at=None)


def goes_at(trip: Trip) -> datetime:
    """When the exact positions of *trip* are erased, as things stand; it comes ``with_end``."""
    paid: datetime | None = vars(trip)["paid_at"]
    ended: datetime = vars(trip)["ended_at"]
    if paid:
        return paid + timedelta(days=settings.KEEP_POSITION_DAYS)
    return ended + timedelta(days=settings.KEEP_UNSETTLED_DAYS)


def last_goes_at(person: Person) -> datetime | None:
    """When the last exact position of *person* goes; none where none is kept."""
    fixes = CheckIn.objects.filter(trip=OuterRef("pk")).exclude(best_fix=None)
    rows = with_end(Trip.objects.filter(Exists(fixes), traveller=person))
    return max((goes_at(trip) for trip in rows), default=None)


def holds_of(organisation_id: int) -> QuerySet[RetentionHold]:
    """Those of the office, newest first, whatever became of them."""
    own = Q(trip__traveller__organisation=organisation_id) | Q(person__organisation=organisation_id)
    people = ("asked_by", "agreed_by", "lifted_by", "person__department", "trip__traveller")
    return RetentionHold.objects.filter(own).select_related(*people).order_by("-pk")


def pages(trips: QuerySet[Trip], size: int) -> Iterator[list[int]]:
    """The keys of *trips* as they were when they were asked, *size* at a time."""
    keys = list(trips.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def with_end(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """``paid_at`` of the settlement that stands; ``ended_at``, planned or by the last touch."""
    last = Coalesce(Max("check_ins__recorded_at"), F("ends_at"))
    return trips.annotate(
        paid_at=Max("settlements__settled_at", filter=Q(settlements__voided_at=None)),
        ended_at=Greatest(F("ends_at"), last),
    )
