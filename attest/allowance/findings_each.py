"""What one trip says about itself, and what the log, the leave and the papers say of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from .batch import Batch, Paper, Told
from .finding import Finding, finding, folded
from .rules import Ask
from .spans import Spans

Asks = Mapping[str, Ask | None]

BARE = {
    "",
    "관내",
    "관외",
    "시내",
    "도내",
    "군내",
    "구내",
    "출장지",
    "현장",
    "관내일원",
    "관내 일원",
    "시내일원",
    "관내전역",
}
BAND_M = 100
EARLY_SECONDS = 30 * 60
SHORT_SECONDS = 600


def each(batch: Batch, asks: Asks) -> Iterator[Finding]:
    """One finding a trip and code."""
    beside = _Beside(batch)
    for trip in batch.trips:
        yield from _near(trip, asks[trip.id])
        yield from _place(trip)
        yield from _order(trip)
        yield from _hours(trip, asks[trip.id])
        yield from _costs(trip)
        if trip.time_known:
            yield from beside.car(trip)
            yield from beside.absence(trip)
        yield from beside.paper(trip)


# -- the trip alone --------------------------------------------------------------------


def _near(trip: Told, ask: Ask | None) -> Iterator[Finding]:
    metres = trip.round_trip_m
    if metres is None or ask is None or ask.word("in_area.near_rule") == "flat":
        return
    limit_m = ask.number("in_area.near_round_trip_m")
    if trip.area == "in" and metres <= limit_m and trip.flat_paid:
        yield finding("near.flat_paid", [trip], round_trip_m=metres, won=trip.flat_paid)
    if abs(metres - limit_m) <= BAND_M:
        yield finding("near.band", [trip], round_trip_m=metres, limit_m=limit_m)


def _place(trip: Told) -> Iterator[Finding]:
    if trip.same_site:
        yield finding("place.same_site", [trip])
    if trip.destination is not None and folded(trip.destination) in BARE:
        yield finding("place.bare", [trip], destination=trip.destination)


def _order(trip: Told) -> Iterator[Finding]:
    span = trip.span
    if not trip.ordered:
        yield finding("order.missing", [trip])
    if not trip.time_known:
        return
    if trip.approved_at is not None and trip.approved_at > span.starts_at:
        yield finding("order.late", [trip], approved_at=trip.approved_at.isoformat())
    if trip.registered_at is not None and trip.registered_at > span.ends_at:
        yield finding("entry.late", [trip], registered_at=trip.registered_at.isoformat())


def _hours(trip: Told, ask: Ask | None) -> Iterator[Finding]:
    shown = trip.evidenced.seconds
    if trip.area == "in" and shown is not None and ask is not None:
        full = ask.number("in_area.full_seconds")
        if shown < full <= trip.seconds:
            yield finding("hours.below_four", [trip], claimed=trip.seconds, evidenced=shown)
    back = trip.evidenced.ends_at
    if back is not None and trip.time_known:
        early = int((trip.span.ends_at - back).total_seconds())
        if early >= EARLY_SECONDS:
            yield finding("hours.early_return", [trip], seconds=early)
    if trip.stay_seconds is not None and trip.stay_seconds < SHORT_SECONDS:
        yield finding("stay.short", [trip], stay_seconds=trip.stay_seconds)


def _costs(trip: Told) -> Iterator[Finding]:
    passenger = sum(fare.amount or 0 for fare in trip.fares if fare.role == "passenger")
    if passenger:
        yield finding("fare.passenger", [trip], won=passenger)
    cancelled = [fare for fare in trip.fares if fare.status == "cancelled"]
    if cancelled:
        yield finding("fare.cancelled_ticket", [trip], won=sum(f.amount or 0 for f in cancelled))
    paid, cap = trip.lodging_paid, trip.lodging_cap
    if paid is not None and cap is not None and paid > cap:
        yield finding("lodging.over_cap", [trip], paid=paid, cap=cap)


# -- beside the trip -------------------------------------------------------------------


class _Beside:
    """The log, the absences and the papers, ready to be asked about a trip."""

    def __init__(self, batch: Batch) -> None:
        self._log_given = batch.vehicle_log is not None
        driven = defaultdict(list)
        for drive in batch.vehicle_log or ():
            for person in {*drive.people}:
                driven[person].append(drive.span)
        absent = defaultdict(list)
        for absence in batch.absences:
            absent[absence.person, absence.kind].append(absence.span)
        self._driven = {person: Spans(spans) for person, spans in driven.items()}
        self._absent = {key: Spans(spans) for key, spans in absent.items()}
        self._papers: defaultdict[str, list[Paper]] = defaultdict(list)
        for paper in batch.receipts:
            self._papers[paper.trip].append(paper)

    def car(self, trip: Told) -> Iterator[Finding]:
        if not self._log_given or trip.public_car is None:
            return
        in_car = self._driven.get(trip.person, Spans()).meet(trip.span)
        if in_car and trip.public_car == "none":
            yield finding("car.undeclared", [trip])
        if not in_car and trip.public_car != "none":
            yield finding("car.no_log", [trip], public_car=trip.public_car)

    def absence(self, trip: Told) -> Iterator[Finding]:
        for kind in ("leave", "overtime", "training"):
            if self._absent.get((trip.person, kind), Spans()).meet(trip.span):
                yield finding(f"absence.{kind}", [trip])

    def paper(self, trip: Told) -> Iterator[Finding]:
        papers = self._papers.get(trip.id, [])
        strange = {str(p.day) for p in papers if p.day is not None and p.day not in trip.dates}
        if strange:
            yield finding("receipt.date", [trip], dates=sorted(strange))
