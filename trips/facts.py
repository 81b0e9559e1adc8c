"""What is known about a touch, gathered into the facts that ``attest.evidence`` weighs."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from accounts.browsers import mark_of
from accounts.passkeys import Assertion
from attest.record import Fix, Record
from attest.values import Point, metres_between
from trips import shadows
from trips.delivery import Delivery
from trips.models import CheckIn, Kind, Trip, TripStop

LONGEST_S = 31_622_400  # a leap year
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as far as could be checked: ``kind`` is that of the proof."""

    kind: str
    assertion: Assertion | None = None

    def facts(self, *, at: datetime) -> dict[str, Any]:
        """*at* is when it was made: a key that fell later still signed."""
        if self.assertion is None:
            return {"kind": "none"}
        device = self.assertion.device
        revoked = device is not None and device.revoked_at is not None and device.revoked_at <= at
        return {
            "kind": self.kind,
            "signature": "valid" if self.assertion.valid else "invalid",
            "user_verified": self.assertion.user_verified,
            "synced": self.assertion.synced,
            "revoked": revoked,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """The challenge a record names, and how it stood when the touch came in."""

    state: str
    age_s: int
    life_s: int


def facts_of(
    record: Record,
    *,
    trip: Trip,
    signer: Signer,
    asked: Asked,
    earlier: Sequence[CheckIn],
    cross: Mapping[str, Any],
    delivery: Delivery,
) -> dict[str, Any]:
    """The closed input contract of evidence.md §3, from this touch and those before it."""
    return {
        "v": 1,
        "trip": {
            "policy": trip.policy,
            "places": places_of(trip),
            "site_equipped": any(s.place and s.place.site_equipped for s in trip.stops.all()),
        },
        "signer": signer.facts(at=delivery.at),
        "challenge": {"state": asked.state, "age_s": asked.age_s, "life_s": asked.life_s},
        "delivery": _delivery(delivery),
        "position": {
            "state": record.state,
            "fixes": [fix_facts(fix) for fix in record.fixes],
            "errors_between": record.errors_between,
        },
        "device": _device(record, signer, delivery.at),
        "previous": _previous(earlier, delivery),
        "cross": dict(cross),
        "phase": "there" if delivery.at <= trip.ends_at else "after",
    }


def places_of(trip: Trip) -> list[dict[str, Any]]:
    """The planned places with a known point; opening one's own trip needs no diary."""
    found = []
    for stop in trip.stops.all():
        if point := point_of(stop):
            radius = max(10, min(50_000, stop.radius_m))
            found.append({"lat": point.lat, "lon": point.lon, "radius_m": radius})
    return found


def point_of(stop: TripStop) -> Point | None:
    # Erased with the traveller's positions; the place itself is the office's.
    box = stop.box() or (stop.place.box() if stop.place else None)
    return Point.unpacked(box.open()) if box else None


def fix_facts(fix: Fix) -> dict[str, Any]:
    said: dict[str, Any] = {
        "lat": fix.lat_e7 / 1e7,
        "lon": fix.lon_e7 / 1e7,
        "accuracy_m": fix.acc_cm / 100,
        "fix_ms": fix.fix_ms,
        "seen_ms": fix.seen_ms,
    }
    if fix.alt_cm is not None:
        said["altitude_m"] = fix.alt_cm / 100
    if fix.altacc_cm is not None:
        said["altitude_accuracy_m"] = fix.altacc_cm / 100
    return said


def planned_m(trip: Trip, fix: Fix) -> int | None:
    """To the nearest planned place, less the accuracy, up to whole 100 m; none if none is known."""
    points = [point for stop in trip.stops.all() if (point := point_of(stop))]
    if not points:
        return None
    here = Point(fix.lat_e7, fix.lon_e7)
    nearest = min(metres_between(here, point) for point in points) - fix.acc_cm / 100
    return max(0, ceil(nearest / 100) * 100)


def seconds_since(at: datetime, *, now: datetime) -> int:
    """Whole seconds, and no more of them than the contract counts: a late touch is no fault."""
    return min(max(0, int((now - at).total_seconds())), LONGEST_S)


def _device(record: Record, signer: Signer, at: datetime) -> dict[str, Any]:
    device = signer.assertion.device if signer.assertion else None
    enrolled = max(0, int((at - device.enrolled_at).total_seconds())) if device else None
    return {
        "form": record.device.form,
        "utc_offset_min": record.device.utc_offset_min,
        "automated": record.device.automated,
        "patched": record.device.patched,
        "motion": record.device.motion,
        "enrolled_s": enrolled,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "mode": delivery.mode,
        "delay_s": min(int(delivery.late.total_seconds()), LONGEST_S),
        "clock_skew_s": int(delivery.skew_ms / 1000),
        "inside_bounds": delivery.inside,
    }


def _previous(earlier: Sequence[CheckIn], delivery: Delivery) -> dict[str, Any] | None:
    """The touch before this one; where only bounds are known of either, nobody's speed is."""
    if not delivery.inside:
        return None
    for touch in reversed(earlier):
        if touch.made_at > delivery.at or not touch.time_known:
            continue
        if box := touch.box("best_fix"):
            fix = json.loads(box.open())
            return {
                "lat": fix["lat_e7"] / 1e7,
                "lon": fix["lon_e7"] / 1e7,
                "accuracy_m": fix["acc_cm"] / 100,
                "seconds_before": seconds_since(touch.made_at, now=delivery.at),
            }
    return None


@dataclass(frozen=True, slots=True)
class Marks:
    """Keyed hashes: of a burst of fixes whole, of its shape without times, of its best point.

    And of the browser it came from, and of the square metre it was made on.
    """

    burst: bytes | None = None
    shape: bytes | None = None
    point: bytes | None = None
    browser: bytes | None = None
    near: bytes | None = None


def marks_of(record: Record, best: Fix | None, *, key: bytes, browser: str = "") -> Marks:
    """Equal bursts give equal marks. Keyed: a bare hash of a place can be guessed."""
    seen = mark_of(browser) if browser else None
    if best is None:
        return Marks(browser=seen)
    whole = [(f.lat_e7, f.lon_e7, f.acc_cm, f.alt_cm, f.fix_ms) for f in record.fixes]
    shape = [row[:4] for row in whole]
    telling = len(record.fixes) >= 5 and len({row[:2] for row in whole}) >= 3
    return Marks(
        burst=_mark(key, "burst", whole),
        shape=_mark(key, "shape", shape) if telling else None,
        point=_mark(key, "point", [best.lat_e7, best.lon_e7]),
        browser=seen,
        near=shadows.mark(best, key=key),
    )


def cross_of(
    marks: Marks, *, trip: Trip, others: Sequence[CheckIn], companions: set[int]
) -> dict[str, Any]:
    """What *others* (touches that share a mark) say: a copied burst, one point on one day."""
    copied = any(
        (marks.burst and other.burst and bytes(other.burst) == marks.burst)
        or (marks.shape and other.burst_shape and bytes(other.burst_shape) == marks.shape)
        for other in others
    )
    same = {
        other.trip.traveller_id
        for other in others
        if marks.point and other.point_mark and bytes(other.point_mark) == marks.point
    } - {trip.traveller_id}
    point = "no" if not same else ("companion" if same <= companions else "other")
    return {"burst_copied": copied, "same_point": point}


def users_of(
    marks: Marks, *, trip: Trip, others: Sequence[CheckIn], at: datetime
) -> list[tuple[int, datetime]]:
    """Who touched from this browser within a day of *at*, and when; this touch first."""
    return [(trip.traveller_id, at)] + [
        (other.trip.traveller_id, other.made_at)
        for other in others
        if abs(other.made_at - at) <= _DAY
        and marks.browser
        and other.browser_mark
        and bytes(other.browser_mark) == marks.browser
    ]


def arrival_before(touches: Sequence[CheckIn], *, at: datetime) -> CheckIn | None:
    """The arrival or stop that a return made *at* belongs to."""
    came = (t for t in reversed(touches) if t.kind != Kind.RETURN and t.made_at <= at)
    return next((touch for touch in came if touch.time_known), None)


def _mark(key: bytes, what: str, value: Sequence[Any]) -> bytes:
    text = json.dumps([what, value], separators=(",", ":"))
    return hmac.digest(key, text.encode(), "sha256")
