"""What happens when a touch comes in, step by step: the trip, the signer, the facts, the row."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import Consent, Person
from attest.errors import IdReused, SiteCodeRefused
from attest.evidence import Assessment as Judged
from attest.evidence import assess, facts_from
from attest.keys import Sealer
from attest.record import Record, best_fix
from ledger.services.append import append
from trips import leaves, shadows
from trips.company import companions_of, declared, shadows_of
from trips.delivery import Delivery
from trips.envelope import Envelope
from trips.facts import (
    Marks,
    Signer,
    arrival_before,
    cross_of,
    facts_of,
    marks_of,
    seconds_since,
    users_of,
)
from trips.models import Assessment, Challenge, CheckIn, Kind, SiteTry, State, Trip
from trips.signing import asked_of, signer_of, use_up
from trips.site_reading import SiteKeys, seen
from trips.touch_reads import (
    adopt,
    begun_without_order,
    own_trip_held,
    touch_named,
    touches_near,
    waiting_papers,
)
from trips.touch_rows import leaf_of, row_of, seal_row
from trips.weighing import weights
from trips.whole import the_only_touch
from trips.writing import approver_of, next_number
from vault.ids import uuid7
from vault.sealed import seal as seal_field
from vault.together import insert, together, update

_DRAWS = 3


@dataclass(frozen=True, slots=True)
class Keys:
    """What a touch needs of the keyring, handed in by the service that may open it."""

    sealer: Sealer
    marks: bytes = field(repr=False)
    sites: SiteKeys | None = None


def once(
    person: Person,
    *,
    client_id: UUID,
    fingerprint: bytes,
    challenge: Challenge | None,
    record: Callable[[], CheckIn],
) -> tuple[CheckIn, bool]:
    """*record* a touch under the name its phone gave it, once; and say whether it was new.

    Nobody has to look for one whose *challenge* still waits to be used.
    """
    waits = challenge is not None and challenge.used_at is None
    if not waits and (earlier := _known(person, client_id, fingerprint)):
        return earlier, False
    for _ in range(_DRAWS):
        try:
            with transaction.atomic():
                return record(), True
        except IntegrityError as clash:
            # Two copies raced, and the other one was first.
            if earlier := _known(person, client_id, fingerprint):
                return earlier, False
            # Or the id or the number that was drawn is somebody's: others are drawn. Or the
            # challenge was used up meanwhile: it is weighed as one that was.
            refused = clash
            if challenge is not None:
                challenge.refresh_from_db(fields=["used_at"])
    raise refused


def _known(person: Person, client_id: UUID, fingerprint: bytes) -> CheckIn | None:
    found = touch_named(client_id)
    if found is None:
        return None
    if found.trip.traveller_id != person.pk or bytes(found.fingerprint) != fingerprint:
        raise IdReused("this id already names another touch")
    return found


def keep(
    person: Person,
    *,
    envelope: Envelope,
    challenge: Challenge | None,
    delivery: Delivery,
    fingerprint: bytes,
    keys: Keys,
) -> CheckIn:
    """Record one new touch of *person* and everything that follows from it."""
    record, now = envelope.record, delivery.received
    trip = _trip_for(person, record, delivery)
    signer = signer_of(person, envelope, challenge)
    asked = asked_of(person, record, challenge, signer, delivery)
    left_out = bool(record.fixes) and vars(trip)["consent"] != Consent.Answer.GIVEN
    if left_out:
        # Its signature was checked over all of it. From here on nobody has seen a position.
        envelope = envelope.without_position()
        record = envelope.record
    best = best_fix(record)
    marks = marks_of(record, best, key=keys.marks, browser=envelope.browser)
    around = shadows.marks_around(best, key=keys.marks) if best else []
    mine, others, beside = _earlier(trip, marks, around, delivery)
    companions = _companions(trip, others)
    cross = cross_of(marks, trip=trip, others=others, companions=companions)
    facts = facts_of(
        record, trip=trip, signer=signer, asked=asked, earlier=mine, cross=cross, delivery=delivery
    )
    facts["device"] |= _sharing(signer, marks, trip=trip, others=others, at=delivery.at)
    if _is_shadowed(trip, around, beside, key=keys.marks, at=delivery.at):
        facts["device"]["shadow"] = True
    facts |= _stay(record, [other for other in mine if other.trip_id == trip.pk], delivery)
    papers = waiting_papers(trip) if record.kind != Kind.RETURN else []
    facts["receipts"] = len(papers)
    facts["site"], wrong = _site(record, trip, keys.sites, delivery.at)
    judged = assess(facts_from(facts), weights())
    touch = row_of(trip, envelope, signer, best, marks, fingerprint, delivery)
    touch.left_out = left_out
    seal_row(touch, envelope, signer, best, keys.sealer)
    _open_trip(trip, now)
    rows = [assessment(touch, facts, judged, now), *_longer_stay(touch, mine, now)]
    trip.state = trip.after("return" if record.kind == Kind.RETURN else "arrive")
    with together():
        use_up(challenge, asked)
        leaf_of(touch, best, judged, now)
        insert(touch)
        insert(*rows)
        update(trip, "state", "open_hash")
    adopt(papers, touch=touch)
    if wrong:
        SiteTry.objects.create(check_in=touch, wrong=wrong)
    if not any(other.trip_id == trip.pk for other in mine):
        the_only_touch(trip, touch, rows)
    return touch


# --- the trip -------------------------------------------------------------------------


def _trip_for(person: Person, record: Record, delivery: Delivery) -> Trip:
    """The trip it names, locked; one without order where that is over or there is none.

    The row of a month's standing sum is nowhere to arrive at.

    A stop or return without a line names no trip that its arrival only made here: it goes on
    with the one that is under way.
    """
    if record.trip is not None:
        trip = own_trip_held(person, UUID(str(record.trip)))
        over = trip.state in {State.SETTLED, State.CANCELLED, State.VOIDED}
        if not over and trip.standing is None:
            return trip
    if record.kind != Kind.ARRIVE and (begun := begun_without_order(person, at=delivery.at)):
        return own_trip_held(person, begun)
    return _without_order(person, delivery)


def _without_order(person: Person, delivery: Delivery) -> Trip:
    now, at = delivery.received, delivery.at
    made = Trip.objects.create(
        number=next_number(now),
        traveller=person,
        department=person.department,
        approver=approver_of(person, now=now),
        purpose="",
        starts_at=at,
        ends_at=at,
        registered_at=now,
    )
    return own_trip_held(person, made.uid)


def _open_trip(trip: Trip, now: datetime) -> None:
    if trip.open_hash is None:
        trip.open_hash = append(event=leaves.opened(trip), trip=trip.line, at=now).hash


# --- what it was beside --------------------------------------------------------------


def _site(
    record: Record, trip: Trip, keys: SiteKeys | None, at: datetime
) -> tuple[dict[str, Any] | None, int]:
    """What its code of a place shows, and how many wrong ones it had: a smudge costs nothing."""
    if record.site is None or keys is None:
        return None, 0
    try:
        return seen(record.site, trip=trip, keys=keys, at=at).facts, 0
    except SiteCodeRefused as no:
        return None, int(no.why == "wrong")


def _earlier(
    trip: Trip, marks: Marks, around: Sequence[bytes], delivery: Delivery
) -> tuple[list[CheckIn], list[CheckIn], list[CheckIn]]:
    """Touches of this trip and of its traveller's last day, and of anybody that share a mark.

    And of others who stood beside it on the last day.
    """
    found = touches_near(trip, marks, around, at=delivery.at)
    rows, squares = sorted(found, key=attrgetter("made_at")), set(around)
    own = [r for r in rows if r.trip.traveller_id == trip.traveller_id and not r.withdrawn_at]
    beside = [
        row
        for row in rows
        if row.trip.traveller_id != trip.traveller_id and bytes(row.near_mark or b"") in squares
    ]
    return own, [row for row in rows if _alike(row, marks)], beside


def weighed_by(touch: CheckIn) -> dict[str, Any] | None:
    """The facts *touch* was weighed by last; none once they were erased."""
    box = touch.assessments.order_by("-pk")[0].box()
    return json.loads(box.open()) if box else None


def _companions(trip: Trip, others: Sequence[CheckIn]) -> set[int]:
    """Who travels along; asked only where somebody else's touch looks like this one."""
    if all(other.trip.traveller_id == trip.traveller_id for other in others):
        return set()
    return companions_of(trip)


def _is_shadowed(
    trip: Trip, around: Sequence[bytes], beside: Sequence[CheckIn], *, key: bytes, at: datetime
) -> bool:
    """Whether a stranger was beside its traveller at every touch of the last orders."""
    people = {other.trip.traveller_id for other in beside}
    found = shadows_of(trip, around, people, key=key, at=at) if people else set()
    return bool(found) and not found <= companions_of(trip)


def _sharing(
    signer: Signer, marks: Marks, *, trip: Trip, others: Sequence[CheckIn], at: datetime
) -> dict[str, Any]:
    """One phone for several people: declared beforehand with their names, or not.

    Declared counts for who shows finger, face or PIN alone: whoever else holds the phone that
    day could press for them, with a key that asks nobody.
    """
    users = users_of(marks, trip=trip, others=others, at=at)
    people = len({person for person, _ in users})
    if people < 2 or marks.browser is None:
        return {}
    shown = signer.kind == "passkey" and signer.assertion and signer.assertion.user_verified
    known = bool(shown) and declared(marks.browser, users)
    return {"shared": "declared" if known else "undeclared", "people": people}


def _alike(row: CheckIn, marks: Marks) -> bool:
    pairs = (
        (row.burst, marks.burst),
        (row.burst_shape, marks.shape),
        (row.point_mark, marks.point),
        (row.browser_mark, marks.browser),
    )
    return any(mine and theirs and bytes(mine) == theirs for mine, theirs in pairs)


# --- what it shows --------------------------------------------------------------------


def assessment(touch: CheckIn, facts: dict[str, Any], judged: Judged, now: datetime) -> Assessment:
    uid = uuid7()
    said = json.loads(judged.as_json())
    key = touch.trip.key("loc")
    return Assessment(
        uid=uid,
        check_in=touch,
        facts=seal_field(
            json.dumps(facts).encode(), key=key, table="trips_assessment", row=uid, field="facts"
        ),
        weights_version=judged.weights_version,
        verdict=judged.verdict,
        support=judged.support,
        concern=judged.concern,
        reasons=said["reasons"],
        missing=said["missing"],
        missing_mode=said["missing_mode"] or "",
        at=now,
    )


def _stay(record: Record, here: Sequence[CheckIn], delivery: Delivery) -> dict[str, int]:
    """An arrival that comes in after its return was longer than a moment from the first."""
    if record.kind == Kind.RETURN or not delivery.inside:
        return {}
    left = [t for t in here if t.kind == Kind.RETURN and t.time_known and t.made_at > delivery.at]
    return {"stay_s": seconds_since(delivery.at, now=left[0].made_at)} if left else {}


def _longer_stay(touch: CheckIn, mine: Sequence[CheckIn], now: datetime) -> list[Assessment]:
    """A return shows how long its arrival lasted: the arrival is weighed again."""
    if touch.kind != Kind.RETURN:
        return []
    here = [t for t in mine if t.trip_id == touch.trip_id]
    arrival = arrival_before(here, at=touch.made_at)
    if arrival is None or not touch.time_known:
        return []
    arrival.trip = touch.trip
    facts = weighed_by(arrival)
    if facts is None:
        return []
    facts["stay_s"] = seconds_since(arrival.made_at, now=touch.made_at)
    return [assessment(arrival, facts, assess(facts_from(facts), weights()), now)]
