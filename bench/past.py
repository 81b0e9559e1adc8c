"""An office with a long past: trips and the sealed leaves they left, as many as are wanted.

Leaves, salts, openings and data keys are the product's own, and so is the sequencer that gives
them their places. Only the rows go in many at a time: a deed after the other would take a day.
Five leaves a trip; people travel in turn, a year goes by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from multiprocessing import get_context
from secrets import token_bytes
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import Grant, Person, Role
from attest.log.leaf import (
    Approved,
    CheckedIn,
    Event,
    Leaf,
    Settled,
    TripOpened,
    build,
    groups,
)
from attest.values import month_of
from bench import town
from bench.history import settled
from ledger.models import Opening, Outbox, TripHead
from ledger.services.sequence import sequence
from settlement.announcing import announce_rules
from trips.models import State, Trip, TripStop
from trips.models.trip import new_log_id
from vault.sealed import KeyName, seal_opening

EACH, AT_ONCE = 5, 500
YEAR = timedelta(days=365)
_LASTS = timedelta(hours=4, minutes=30)


@dataclass(frozen=True, slots=True)
class Past:
    auditor: town.Resident
    trips: int
    leaves: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """A trip before it is a row: who makes its leaves needs no database."""

    number: int
    log_id: str
    at: datetime
    person: Person
    approver: str


# A leaf as it is written: entry, hash, and of each opening its group, key, nonce and content.
_Made = tuple[bytes, bytes, list[tuple[str, str, bytes, bytes]]]


def lived(leaves: int, *, people: int = 100) -> Past:
    """At least so many *leaves* behind an auditor, who may ask for them."""
    now = timezone.now()
    here = town.built(travellers=people + 1, clerks=0, now=now)
    *travellers, auditor = here.residents
    until = now + timedelta(days=30)
    Grant.objects.create(
        person=auditor.person, role=Role.AUDITOR, since=now - timedelta(days=1), until=until
    )
    start, count = now - YEAR, -(-leaves // EACH)
    with transaction.atomic():
        announce_rules(at=start)
    plans = [
        _Plan(
            number,
            new_log_id(),
            start + YEAR * number / count,
            travellers[number % len(travellers)].person,
            here.approver.ref,
        )
        for number in range(count)
    ]
    some = [plans[first : first + AT_ONCE] for first in range(0, count, AT_ONCE)]
    connection.close()
    with get_context("fork").Pool(2) as makers:
        for those, lines in zip(some, makers.imap(_lines, some), strict=True):
            with transaction.atomic():
                _keep(those, lines, here.approver)
    # Placed at the end: the log's own beat is of now, and all of this lies before it.
    return Past(auditor, count, sequence(now=timezone.now()))


def _keep(plans: Sequence[_Plan], lines: Sequence[list[_Made]], approver: Person) -> None:
    trips = Trip.objects.bulk_create(
        Trip(
            number=f"BT25-{plan.number:07d}",
            log_id=plan.log_id,
            traveller=plan.person,
            department_id=plan.person.department_id,
            approver=approver,
            purpose=_purpose(plan),
            starts_at=plan.at,
            ends_at=plan.at + _LASTS,
            registered_at=plan.at,
            state=State.CONFIRMED,
            open_hash=line[0][1],
        )
        for plan, line in zip(plans, lines, strict=True)
    )
    TripStop.objects.bulk_create(
        TripStop(trip=trip, sequence=0, unit="48120", text="시험구청") for trip in trips
    )
    _insert(
        Outbox,
        ("entry", "leaf_hash", "at"),
        (
            (entry, hashed, plan.at)
            for plan, line in zip(plans, lines, strict=True)
            for entry, hashed, _ in line
        ),
    )
    _insert(
        Opening,
        ("leaf_hash", "group", "dek", "nonce", "sealed"),
        (
            (hashed, group, key, nonce, sealed)
            for line in lines
            for _, hashed, openings in line
            for group, key, nonce, sealed in openings
        ),
    )
    _insert(
        TripHead,
        ("trip", "n", "leaf_hash", "hashes"),
        (
            (plan.log_id, len(line) - 1, line[-1][1], b"".join(hashed for _, hashed, _ in line))
            for plan, line in zip(plans, lines, strict=True)
        ),
    )


def _insert(rows: type[Model], names: Sequence[str], values: Iterable[tuple[Any, ...]]) -> None:
    """By COPY where there is one: an object a row takes longer than sealing what is in it."""
    if connection.vendor != "postgresql":
        rows._default_manager.bulk_create(
            rows(**dict(zip(names, one, strict=True))) for one in values
        )
        return
    columns = ", ".join(f'"{name}"' for name in names)
    into = f'COPY "{rows._meta.db_table}" ({columns}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for one in values:
            copy.write_row(one)


def _lines(plans: Sequence[_Plan]) -> list[list[_Made]]:
    return [_line(plan) for plan in plans]


def _line(plan: _Plan) -> list[_Made]:
    line: list[Leaf] = []
    for event in _deeds(plan, line):
        pc = line[-1].hash if line else None
        salts = {group: token_bytes(32) for group in groups(event)}
        line.append(build(event, at=plan.at, salts=salts, trip=plan.log_id, n=len(line), pc=pc))
    return [(leaf.entry, leaf.hash, list(_openings(plan, leaf))) for leaf in line]


def _deeds(plan: _Plan, line: Sequence[Leaf]) -> Iterator[Event]:
    who = plan.person
    told: Mapping[str, Any] = {"person": who.ref, "name": who.name, "dept": "총무과", "grade": 2}
    what: dict[str, Any] = {
        "area": "in",
        "purpose": _purpose(plan),
        "starts": f"{plan.at:%Y-%m-%dT%H:%M}+00:00",
        "ends": f"{plan.at + _LASTS:%Y-%m-%dT%H:%M}+00:00",
        "vehicle": "transit",
        "stops": ["시험구청"],
    }
    yield TripOpened(who=told, what=what)
    fix = {"lat_e6": 35_253_647, "lon_e6": 128_640_312, "acc_m": 13}
    for kind in ("arrive", "return"):
        seen = {"kind": kind, "place": "용호동", "support": 71, "concern": 0}
        seen |= {"verdict": "SUFFICIENT", "rules": "1"}
        tok = sha256(f"{plan.log_id}/{kind}".encode()).digest()
        yield CheckedIn(tok=tok, who={"person": who.ref}, what=seen, where=fix)
    decided = {"decision": "approve", "step": 2}
    yield Approved(of=0, ofh=line[0].hash, who={"actor": plan.approver}, what=decided)
    digest = sha256(b"".join(leaf.hash for leaf in line)).digest()
    paid_to = {"actor": plan.approver, "person": who.ref}
    yield Settled(count=len(line), digest=digest, who=paid_to, what=settled())


def _openings(plan: _Plan, leaf: Leaf) -> Iterator[tuple[str, str, bytes, bytes]]:
    for group, plain in leaf.openings.items():
        key = KeyName(plan.person.ref, month_of(plan.at), group)
        yield group, str(key), *seal_opening(plain, key=key, leaf_hash=leaf.hash)


def _purpose(plan: _Plan) -> str:
    return f"도로 점검 {plan.number}"
