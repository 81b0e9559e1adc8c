"""Facts of a batch, contract ``findings/1`` (travel-expenses.md §7)."""

from __future__ import annotations

from functools import partial

from attest.errors import ClaimRefused, Fault

from . import words
from .batch import Absence, Batch, Drive, Paper, Segment, Span, Told
from .claim import NEVER
from .document import read_json
from .facts import DEFAULT_RULE_SET, Refused, evidenced_from, unseen_id
from .facts_costs import loose_fare_from
from .reading import DATE, FLAG, ID, METRES, TEXT, TIME, WON, Fields, whole, word

CONTRACT = "findings/1"
SECONDS = whole(0, 10**9)


def batch_from(said: object) -> Batch:
    """One batch of plain JSON values, or :class:`ClaimRefused` with all its faults."""
    if not isinstance(said, dict):
        raise ClaimRefused([words.fault("facts.type", "")])
    faults: list[Fault] = []
    fields = Fields(said, "", faults)
    batch = _batch(fields)
    fields.close()
    if faults:
        raise ClaimRefused(faults)
    return batch


def read_batch(text: str | bytes) -> Batch | Refused:
    try:
        return batch_from(read_json(text))
    except ClaimRefused as refusal:
        return Refused(None, refusal.faults, CONTRACT)
    except ValueError:
        return Refused(None, (words.fault("facts.json", ""),), CONTRACT)


def _batch(f: Fields) -> Batch:
    if f.need("contract", TEXT) != CONTRACT and f.sound("contract"):
        f.fault("facts.contract", "contract")
    rule_set = f.may("rule_set", ID, DEFAULT_RULE_SET)
    trips = f.each("trips", partial(_trip, seen=set()))
    if not f.has("trips"):
        f.fault("facts.missing", "trips")
    log = f.each("vehicle_log", _drive)
    return Batch(
        rule_set=rule_set,
        trips=trips,
        vehicle_log=log if f.has("vehicle_log") else None,
        absences=f.each("absences", _absence),
        receipts=f.each("receipts", _paper),
    )


def _trip(f: Fields, *, seen: set[str]) -> Told:
    return Told(
        id=unseen_id(f, seen),
        person=f.need("person", ID),
        span=_span(f),
        area=f.may("area", word("in", "out", "none"), None),
        destination=f.may("destination_text", TEXT, None),
        same_site=f.may("same_site", FLAG, default=False),
        ordered=f.may("ordered", FLAG, default=True),
        approved_at=f.may("approved_at", TIME, None),
        registered_at=f.may("registered_at", TIME, None),
        time_known=f.may("time_known", FLAG, default=True),
        public_car=f.may("public_car", word("none", "part", "whole"), None),
        round_trip_m=f.may("round_trip_m", METRES, None),
        flat_paid=f.may("flat_paid", WON, None),
        evidenced=f.part_or_empty("evidenced", evidenced_from, NEVER),
        stay_seconds=f.may("stay_seconds", SECONDS, None),
        companions=f.all_of("companions", ID),
        lodging_paid=f.may("lodging_paid", WON, None),
        lodging_cap=f.may("lodging_cap", WON, None),
        fares=f.each("fares", _segment),
    )


def _span(f: Fields) -> Span:
    span = Span(f.need("starts_at", TIME), f.need("ends_at", TIME))
    if f.sound("starts_at", "ends_at") and span.ends_at < span.starts_at:
        f.fault("trip.end_before_start", "ends_at")
    return span


def _segment(f: Fields) -> Segment:
    fare = loose_fare_from(f)
    return Segment(fare.own_car.role, fare.amount, fare.status)


def _drive(f: Fields) -> Drive:
    f.may("vehicle", TEXT, "")
    driver = f.need("driver", ID)
    return Drive((driver, *f.all_of("passengers", ID)), _span(f))


def _absence(f: Fields) -> Absence:
    person = f.need("person", ID)
    return Absence(person, f.need("kind", word("leave", "overtime", "training")), _span(f))


def _paper(f: Fields) -> Paper:
    person = f.may("person", ID, None)
    trip, digest = f.need("trip", ID), f.need("digest", TEXT)
    f.may("amount", WON, None)
    return Paper(trip, person, digest, f.may("date", DATE, None))
