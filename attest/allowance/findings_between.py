"""What several trips say together: twice, at once, more than a day or a month allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .batch import Batch, Paper, Told
from .finding import Finding, finding, finding_of, folded
from .findings_each import Asks
from .spans import Spans

MONTH_THRESHOLD = 300_000


def between(batch: Batch, asks: Asks) -> Iterator[Finding]:
    """One finding a pair, a person and day, a person and month, a digest, a trip."""
    by_person: defaultdict[str, list[Told]] = defaultdict(list)
    for trip in batch.trips:
        by_person[trip.person].append(trip)
    for trips in by_person.values():
        yield from _pairs(trips)
        yield from _over_day_cap(trips, asks)
        yield from _over_month(trips)
    yield from _companions(batch, by_person)
    yield from _papers(batch)


def _pairs(trips: list[Told]) -> Iterator[Finding]:
    ordered = sorted(trips, key=lambda trip: (trip.span.starts_at, trip.span.ends_at, trip.id))
    for n, one in enumerate(ordered):
        for other in ordered[n + 1 :]:
            same = _same(one, other)
            # Trips of no length may start together and still be the same one.
            if other.span != one.span and other.span.starts_at >= one.span.ends_at:
                break
            if same:
                yield finding("trip.duplicate", [one, other])
            elif one.time_known and other.time_known and _overlap(one, other):
                yield finding("trip.overlap", [one, other])


def _same(one: Told, other: Told) -> bool:
    if one.destination is None or other.destination is None or one.span != other.span:
        return False
    return folded(one.destination) == folded(other.destination)


def _overlap(one: Told, other: Told) -> bool:
    first, second = one.span, other.span
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at


def _over_day_cap(trips: list[Told], asks: Asks) -> Iterator[Finding]:
    days = defaultdict(list)
    for trip in trips:
        if trip.area == "in" and trip.flat_paid:
            days[trip.day].append(trip)
    for day, paid in days.items():
        ask, won = asks[paid[0].id], sum(trip.flat_paid or 0 for trip in paid)
        if ask is not None and won > (cap := ask.number("in_area.day_cap")):
            yield finding("day.over_cap", paid, date=str(day), won=won, cap=cap)


def _over_month(trips: list[Told]) -> Iterator[Finding]:
    months = defaultdict(list)
    for trip in trips:
        if trip.flat_paid:
            months[f"{trip.day:%Y-%m}"].append(trip)
    for month, paid in months.items():
        won = sum(trip.flat_paid or 0 for trip in paid)
        if won > MONTH_THRESHOLD:
            yield finding("month.over_threshold", paid, month=month, won=won)


def _companions(batch: Batch, by_person: dict[str, list[Told]]) -> Iterator[Finding]:
    clocked = {
        person: Spans(trip.span for trip in trips if trip.time_known)
        for person, trips in by_person.items()
    }
    for trip in batch.trips:
        if not trip.time_known:
            continue
        missing = [
            person
            for person in dict.fromkeys(trip.companions)
            if not clocked.get(person, Spans()).meet(trip.span)
            and not _may_be_there(by_person.get(person, []), trip)
        ]
        if missing:
            yield finding("companion.missing", [trip], companions=missing)


def _may_be_there(trips: list[Told], trip: Told) -> bool:
    """A trip of unknown hours on one of these dates: nobody can say."""
    dates = trip.dates
    return any(
        other.dates.first <= dates.last and dates.first <= other.dates.last
        for other in trips
        if not other.time_known
    )


def _papers(batch: Batch) -> Iterator[Finding]:
    known = {trip.id: trip.person for trip in batch.trips}
    under: defaultdict[str, list[Paper]] = defaultdict(list)
    for paper in batch.receipts:
        under[paper.digest].append(paper)
    for digest, papers in under.items():
        # The other trip may lie outside the batch: the paper says whose it was.
        ids = {paper.trip for paper in papers}
        people = {known.get(paper.trip, paper.person) for paper in papers}
        if len(ids) > 1:
            yield finding_of("receipt.reused", ids, filter(None, people), digest=digest)
