"""Payable, or why not: one order of questions for the station, the batch and the payment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from attest.allowance import claim_from, compute, part_of
from attest.errors import ClaimRefused, Fault
from attest.values import KST
from settlement.models import Hold, Payable, Settlement
from settlement.standing import STANDING, standing_stands
from trips.claim import claim_of
from trips.expected import UNTOLD, untold_costs
from trips.fuel import code_of
from trips.models import Appeal, Correction, Paper, Photo, StandingAllowance, State, Trip
from trips.rules import rule_sets
from trips.selectors import newest_assessment, standing, verdict_of, with_touches

# A person looked and said why the money may be paid all the same (ux.md §7.3).
ACCEPTING = ("explained", "other-proof", "two-person-review")
# And here why it may not, for good.
CLOSING = ("duplicate-left-out", "referred")
# What is asked of a trip that nobody pressed anything on.
UNTOUCHED = "evidence.supplement"
OVERLAP, SERIOUS = "claim.overlap", "serious"
# A serious finding holds the money until a clerk has said which trip the paper belongs to.
REUSED = "receipt.reused"
_DAY = timedelta(days=1)
_PAYABLE = (State.CONFIRMED, State.SETTLED)
# So many trips of one person can be weighed at once; far more than a chain of days has.
_MOST = 199


@dataclass(frozen=True, slots=True)
class Sum:
    """What the engine says of one trip beside the others of its day."""

    claim: dict[str, Any] = field(repr=False)
    result: dict[str, Any] = field(repr=False)
    own: dict[str, Any] = field(repr=False)
    code: str = ""
    faults: Sequence[dict[str, str]] = ()

    @property
    def won(self) -> int | None:
        return self.own.get("total")


@dataclass(frozen=True, slots=True)
class Answer:
    """The second line of a scan: *payable*, the code that decided, and the sum."""

    payable: Payable
    code: str
    sum: Sum
    settlement: Settlement | None = None


def judge(trip: Trip) -> Answer:
    """The first that holds, in the order of 01-model.md §5. *trip* comes with its touches."""
    paid = settlement_of(trip)
    total = sum_of(trip)
    if paid is not None:
        return Answer(Payable.SETTLED, "settled", total, paid)
    payable, code = _first(trip, total)
    return Answer(payable, code, total)


def _first(trip: Trip, total: Sum) -> tuple[Payable, str]:
    touches = standing(trip)
    if touches and all(newest_assessment(t).verdict == "INVALID" for t in touches):
        return Payable.RECORD, "claim.record-invalid"
    if trip.state != State.CONFIRMED:
        return Payable.APPROVAL, "claim.unapproved"
    if vars(trip)["corrected"]:
        return Payable.EXCEPTION, "claim.correction-open"
    if vars(trip)["appealed"]:
        return Payable.EXCEPTION, "claim.appeal-open"
    holds = list(trip.holds.all())
    blocking = [h for h in holds if h.blocking and h.state != Hold.State.RESOLVED]
    blocking += [h for h in holds if h.resolution_code in CLOSING]
    if blocking:
        return Payable.EXCEPTION, blocking[0].reason_code
    explained = total.code == OVERLAP and _accepted(holds, OVERLAP)
    if total.code and not explained:
        return Payable.EXCEPTION, total.code
    if (reused_at := vars(trip)["reused"]) and not _accepted(holds, REUSED, since=reused_at):
        return Payable.EXCEPTION, REUSED
    if trip.standing is not None:
        # Its evidence are the settled trips it counts, each looked at by itself.
        return (Payable.PAYABLE, "payable") if total.won else (Payable.ZERO, "zero")
    verdict = verdict_of(trip)
    why = f"evidence.{verdict.lower()}"
    if verdict in {"REVIEW", "SUPPLEMENT", "INVALID"} and not _accepted(
        holds, why, since=_judged_at(trip)
    ):
        return Payable.REVIEW if verdict == "REVIEW" else Payable.SUPPLEMENT, why
    return (Payable.PAYABLE, "payable") if total.won else (Payable.ZERO, "zero")


def _accepted(holds: Sequence[Hold], why: str, *, since: datetime | None = None) -> bool:
    # A yes to one question is none to another: else one clerk alone could accept a review.
    # Nor is it one to what was learnt *since*: a host's no, an office trace, one more paper.
    return any(
        h.reason_code == why
        and h.resolution_code in ACCEPTING
        and (since is None or (h.resolved_at is not None and h.resolved_at >= since))
        for h in holds
    )


def _judged_at(trip: Trip) -> datetime | None:
    """When the newest of the verdicts that stand was reached."""
    return max((newest_assessment(touch).at for touch in standing(trip)), default=None)


def settlement_of(trip: Trip) -> Settlement | None:
    """The one that was not taken back. *trip* comes from ``for_judging``."""
    known = vars(trip)
    return known["paid"] if known["paid_pk"] else None


def sum_of(trip: Trip) -> Sum:
    """Compute *trip* with the trips of its person that share a date; never a guess."""
    alone = trip.standing is not None or not vars(trip)["accompanied"]
    others = [] if alone else _of_the_same_dates(trip)
    trips = [trip, *others]
    claim = claim_of(trips, person=trip.traveller)
    try:
        facts = claim_from(claim)
        computed = compute(facts, rule_sets())
    except ClaimRefused as refused:
        return Sum(claim, {}, {}, code_of(refused.faults), _told(refused.faults))
    if lacking := untold_costs(facts, computed):
        return Sum(claim, {}, {}, UNTOLD, _told(lacking))
    result = computed.as_dict()
    own = part_of(result, str(trip.uid)) or {}
    by_id = {said["id"]: said for said in result["trips"]}
    code = "" if _others_stand(others, by_id) else "claim.day-changed"
    # Before an overlap, which a clerk may explain away: the month's sum would change in silence.
    code = code or ("" if standing_stands(trip, claim, own) else STANDING)
    code = code or _overlap(trip, result) or _told_twice(trip, others)
    return Sum(claim, result, own, code)


def _overlap(trip: Trip, result: dict[str, Any]) -> str:
    """Nobody is in two places: a night or a meal told on two trips would be paid twice."""
    told = [
        said["data"].get("trips", []) for said in result["warnings"] if said["level"] == SERIOUS
    ]
    return OVERLAP if any(str(trip.uid) in trips for trips in told) else ""


def _told_twice(trip: Trip, others: Sequence[Trip]) -> str:
    """A sheet that tells no clock, and a touch of the same day: perhaps one trip, told twice.

    Not where a person has said of the row, knowing the touch, that it is another trip.
    """
    for other in others:
        pair = sorted((trip, other), key=lambda one: one.source != Trip.Source.SHEET)
        row, touched = pair
        if row.source != Trip.Source.SHEET or touched.source != Trip.Source.PRODUCT:
            continue
        if row.time_known or not _share_a_day(row, touched):
            continue
        decided = row.sheet_rows.exclude(reason="").filter(decided_at__gte=touched.registered_at)
        if not decided.exists():
            return OVERLAP
    return ""


def _share_a_day(one: Trip, other: Trip) -> bool:
    (first, last), (start, end) = _dates([one]), _dates([other])
    return first <= end and start <= last


def _told(faults: Sequence[Fault]) -> list[dict[str, str]]:
    return [{"code": f.code, "path": f.path, "ko": f.ko, "en": f.en} for f in faults]


def _of_the_same_dates(trip: Trip) -> list[Trip]:
    """Confirmed or settled trips of this person that share a date with *trip*; few by nature.

    Also by way of another: what a day pays depends on every trip of it, and so on along
    a chain of trips that each begin on the day the last one ended.
    """
    mine = _payable().filter(traveller=trip.traveller_id).exclude(pk=trip.pk)
    mine = with_touches(mine).prefetch_related("distances", "settlements")
    span, found = _dates([trip]), list[Trip]()
    while True:
        near = mine.filter(starts_at__lt=span[1] + _DAY, ends_at__gte=span[0])
        found = list(near.order_by("starts_at", "pk")[:_MOST])
        wider = _dates([trip, *found])
        if wider == span or len(found) == _MOST:
            return found
        span = wider


def _dates(trips: Sequence[Trip]) -> tuple[datetime, datetime]:
    """The beginnings of the first and the last day that *trips* touch."""
    first, last = (min(trip.starts_at for trip in trips), max(trip.ends_at for trip in trips))
    return _midnight(first), _midnight(last)


def _midnight(at: datetime) -> datetime:
    return at.astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0)


def _payable() -> QuerySet[Trip]:
    rows = Trip.objects.filter(state__in=_PAYABLE)
    return rows.exclude(source=Trip.Source.STANDING)


def _others_stand(others: Sequence[Trip], by_id: dict[str, dict[str, Any]]) -> bool:
    """Would every trip settled before still come out as it was paid?"""
    for other in others:
        paid = [row for row in other.settlements.all() if row.voided_at is None]
        if paid and by_id[str(other.uid)]["total"] != paid[0].total:
            return False
    return True


def judging(trips: QuerySet[Trip], *, size: int = 200) -> Iterator[Trip]:
    """*trips* as ``judge`` wants them, so many read at once.

    Of neighbours in time the database says only that they are near; here it is known which of
    them share a date, so that nobody looks for company where there is none.
    """
    rows = for_judging(trips).iterator(chunk_size=size)
    while some := list(islice(rows, size)):
        _tell_company(some)
        yield from some


def _tell_company(trips: Sequence[Trip]) -> None:
    near = [trip for trip in trips if vars(trip)["accompanied"]]
    if not near:
        return
    first, last = _dates(near)
    people = {trip.traveller_id for trip in near}
    # By the person alone: asked for its state too, SQLite would go through the whole month.
    rows = Trip.objects.filter(traveller__in=people, starts_at__lt=last + _DAY, ends_at__gte=first)
    days = defaultdict[int, list[tuple[int, datetime, datetime]]](list)
    for pk, who, start, end, state, source in rows.values_list(
        "pk", "traveller", "starts_at", "ends_at", "state", "source"
    ):
        if state in _PAYABLE and source != Trip.Source.STANDING:
            days[who].append((pk, _midnight(start), _midnight(end)))
    for trip in near:
        start, end = _dates([trip])
        vars(trip)["accompanied"] = any(
            pk != trip.pk and begins <= end and start <= ends
            for pk, begins, ends in days[trip.traveller_id]
        )


def for_judging(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """What ``judge`` reads of each trip, in a fixed number of queries."""
    return with_touches(at_the_desk(trips)).prefetch_related("holds", "distances")


def at_the_desk(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """What ``judge`` reads beside a trip's own stops, touches, holds and distances.

    ``paid`` is its settlement that was not taken back. ``accompanied`` is false where no
    other trip of this person lies within a day of it: then nobody has to look for them.
    ``corrected`` is whether a correction still waits for its answer, ``appealed`` an appeal.
    ``allowed`` is whether this person ever had a standing allowance: else nobody asks for it.
    ``filed`` is whether there are papers or photos to look at, ``reused`` when the last came that
    lies with another trip too.
    """
    near = _payable().filter(traveller=OuterRef("traveller")).exclude(pk=OuterRef("pk"))
    near = near.filter(
        starts_at__lt=OuterRef("ends_at") + _DAY,
        ends_at__gt=OuterRef("starts_at") - _DAY,
    )
    asked = Correction.objects.filter(trip=OuterRef("pk"), state=Correction.State.OPEN)
    unheard = Appeal.objects.filter(trip=OuterRef("pk"), state=Appeal.State.OPEN)
    papers = Paper.objects.filter(trip=OuterRef("pk"))
    again = papers.filter(why=Paper.Why.ELSEWHERE).order_by("-added_at")
    photos = Photo.objects.filter(check_in__trip=OuterRef("pk"))
    unvoided = FilteredRelation("settlements", condition=Q(settlements__voided_at=None))
    return (
        trips.annotate(
            paid=unvoided,
            accompanied=Exists(near),
            corrected=Exists(asked),
            appealed=Exists(unheard),
            allowed=Exists(StandingAllowance.objects.filter(person=OuterRef("traveller"))),
        )
        .annotate(filed=Exists(papers) | Exists(photos))
        .annotate(reused=Subquery(again.values("added_at")[:1]))
        .annotate(paid_pk=F("paid__pk"))
        .select_related(
            "traveller__organisation",
            "traveller__department",
            "traveller__workplace",
            "approver",
            "paid__clerk",  # type: ignore[misc]  # the plugin knows no filtered relations
        )
    )
