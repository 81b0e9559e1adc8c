"""What a touch asks of the database, each question worded once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    BinaryField,
    Case,
    DateTimeField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    When,
)

from accounts.consents import POSITION
from accounts.models import Consent, Person
from trips import shadows
from trips.facts import Marks
from trips.models import MOST_PAPERS, Challenge, CheckIn, Paper, StandingAllowance, State, Trip
from trips.whole import measured, with_its_stops
from trips.writing import held
from vault.prepared import Prepared

_PK, _UID, _MARK = BigIntegerField(), UUIDField(), BinaryField()
_DAY = timedelta(days=1)
# As many touches as one answer weighs, whatever a day has brought.
_MOST = 200
_AROUND = [f"around_{number}" for number in range(shadows.SQUARES)]
_NEAR_COLUMNS = (
    "uid",
    "kind",
    "recorded_at",
    "earliest_at",
    "claimed_at",
    "best_fix",
    "burst",
    "burst_shape",
    "point_mark",
    "browser_mark",
    "near_mark",
    "withdrawn_at",
    "trip__traveller",
)


def touch_named(client_id: UUID) -> CheckIn | None:
    """The touch a phone gave this name."""
    return _NAMED.first(client_id=client_id)


def own_trip_held(person: Person, uid: UUID) -> Trip:
    """The trip of *person*, its row held until the deed is done, with where it leads.

    And with ``consent``, what they said last to having their position recorded.
    """
    trip = _HELD.first(uid=uid, traveller=person.pk)
    if trip is None:
        raise Trip.DoesNotExist
    return with_its_stops(trip)


def begun_without_order(person: Person, *, at: datetime) -> UUID | None:
    """The trip that a touch of the last day made for *person*, and that is still under way."""
    made = Trip.objects.filter(traveller=person, purpose="", state=State.TRAVELLING)
    begun = made.filter(approved_at=None, starts_at__range=(at - _DAY, at)).order_by("-starts_at")
    return begun.values_list("uid", flat=True).first()


def waiting_papers(trip: Trip) -> list[int]:
    """Papers put to *trip* before it was touched; asked only where its row says there are some."""
    if not vars(trip)["papered"]:
        return []
    waiting = Paper.objects.filter(trip=trip, check_in=None, counted=True)
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:MOST_PAPERS])


def adopt(papers: list[int], *, touch: CheckIn) -> None:
    """From now on these papers belong to *touch*."""
    if papers:
        Paper.objects.filter(pk__in=papers).update(check_in=touch)


def challenge_named(uid: UUID) -> Challenge | None:
    return _CHALLENGE.first(uid=uid)


def touches_near(
    trip: Trip, marks: Marks, around: Sequence[bytes], *, at: datetime
) -> list[CheckIn]:
    """Touches of *trip* and of its traveller's last day, and of anybody that share a mark.

    And of the last day those on the squares *around*. Of too many the traveller's own come
    first, then those that share a mark: a full hall hides neither.
    """
    squares = dict(zip_longest(_AROUND, around))
    found = _NEAR(
        trip=trip.pk,
        traveller=trip.traveller_id,
        since=at - _DAY,
        burst=marks.burst,
        shape=marks.shape,
        point=marks.point,
        browser=marks.browser,
        **squares,
    )
    return found[::-1]


def _named(client_id: UUID) -> QuerySet[CheckIn]:
    related = ("trip__traveller__organisation", "trip__traveller__workplace")
    return CheckIn.objects.filter(client_id=client_id).select_related(*related)


def _held(uid: UUID, traveller: int) -> QuerySet[Trip]:
    waiting = Paper.objects.filter(trip=OuterRef("pk"), check_in=None, counted=True)
    said = Consent.objects.filter(person=OuterRef("traveller"), purpose=POSITION)
    newest = said.order_by("-at", "-pk").values("answer")[:1]
    mine = held().filter(uid=uid, traveller=traveller)
    # Few have a month's sum: who has none need not be asked for it when the touch is answered.
    allowed = StandingAllowance.objects.filter(person=OuterRef("traveller"))
    return mine.annotate(
        papered=Exists(waiting),
        consent=Subquery(newest),
        measured=measured(),
        allowed=Exists(allowed),
    )


def _challenge(uid: UUID) -> QuerySet[Challenge]:
    return Challenge.objects.select_related("trip", "device").filter(uid=uid)


def _near(
    trip: int,
    traveller: int,
    since: datetime,
    burst: bytes | None,
    shape: bytes | None,
    point: bytes | None,
    browser: bytes | None,
    **around: bytes | None,
) -> QuerySet[CheckIn]:
    every = CheckIn.objects.order_by().values("pk")
    standing = every.filter(withdrawn_at=None)
    # One part an index: joined by OR they would be found by reading every touch there is.
    near = standing.filter(trip=trip).union(
        standing.filter(trip__traveller=traveller, recorded_at__gte=since),
        # A mark that is not there equals nothing.
        every.filter(burst=burst),
        every.filter(burst_shape=shape),
        every.filter(point_mark=point, recorded_at__gte=since),
        standing.filter(near_mark__in=list(around.values()), recorded_at__gte=since),
        every.filter(browser_mark=browser, recorded_at__gte=since),
    )
    found = CheckIn.objects.filter(pk__in=near).select_related("trip").only(*_NEAR_COLUMNS)
    shared = Q(burst=burst) | Q(burst_shape=shape) | Q(point_mark=point) | Q(browser_mark=browser)
    first = Case(When(trip__traveller=traveller, then=0), When(shared, then=1), default=2)
    return found.order_by(first, "-recorded_at", "-pk")[:_MOST]


_NAMED = Prepared(_named, client_id=_UID)
_HELD = Prepared(_held, uid=_UID, traveller=_PK)
_CHALLENGE = Prepared(_challenge, uid=_UID)
_NEAR = Prepared(
    _near,
    trip=_PK,
    traveller=_PK,
    since=DateTimeField(),
    burst=_MARK,
    shape=_MARK,
    point=_MARK,
    browser=_MARK,
    **dict.fromkeys(_AROUND, _MARK),
)
