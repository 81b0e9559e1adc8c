"""What the leaves of a trip say (log.md §3): who, what for, where exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Person
from attest.log.leaf import (
    Approved,
    CheckedIn,
    Corrected,
    TripOpened,
    Voided,
    leaf_hash,
    read_leaf,
    time_text,
)
from attest.log.strict64 import encode64
from attest.record import Fix, lat_lon_e6
from attest.values import KST, Point
from trips.claim import farthest
from trips.models import CheckIn, Trip

_NO_HASH = bytes(32)


def opened(trip: Trip) -> TripOpened:
    return TripOpened(who=_person(trip), what=_purpose(trip), where=_exact(trip))


def opened_again(trip: Trip, *, reason: str) -> Corrected:
    """A request sent again: whole new values, beside the old ones."""
    new = _purpose(trip)
    who = {"actor": trip.traveller.ref}
    return Corrected(of=0, ofh=_open(trip), who=who, what={"reason": reason, "new": new})


def touched(
    touch: CheckIn, *, tok: bytes, best: Fix | None, assessment: Mapping[str, Any]
) -> CheckedIn:
    what = {
        "kind": touch.kind,
        "support": assessment["support"],
        "concern": assessment["concern"],
        "verdict": assessment["verdict"],
        "rules": assessment["weights_version"],
        "offset_ms": touch.offset_ms,
    }
    if touch.claimed_at:
        what["claimed_at"] = time_text(touch.claimed_at)
    if touch.place_words:
        what["place"] = touch.place_words
    who = {"person": touch.trip.traveller.ref}
    if touch.device:
        who["device"] = bytes(touch.device.digest).hex()
    return CheckedIn(tok=tok, who=who, what=what, where=_where(best))


def decided(
    trip: Trip, *, actor: str, instead_of: Person | None, decision: str, step: int, note: str
) -> Approved:
    what: dict[str, Any] = {"decision": decision, "step": step}
    if note:
        what["note"] = note
    who = {"actor": actor} | ({"instead_of": instead_of.ref} if instead_of else {})
    return Approved(of=0, ofh=_open(trip), who=who, what=what)


def taken_back(touch: CheckIn, *, actor: str, reason: str) -> Voided:
    ofh = bytes(touch.leaf_hash)
    return Voided(of=touch.leaf_n, ofh=ofh, who={"actor": actor}, what={"reason": reason})


def closed(trip: Trip, *, actor: str, reason: str, note: str) -> Voided:
    what = {"reason": reason} | ({"note": note} if note else {})
    return Voided(of=0, ofh=_open(trip), who={"actor": actor}, what=what)


def corrected(
    trip: Trip, *, actor: str, reason: str, new: Mapping[str, Any], touch: CheckIn | None = None
) -> Corrected:
    of, ofh = (touch.leaf_n, bytes(touch.leaf_hash)) if touch else (0, _open(trip))
    what = {"reason": reason, "new": dict(new)}
    return Corrected(of=of, ofh=ofh, who={"actor": actor}, what=what)


def renewed(touch: CheckIn, *, tok: bytes, actor: str, reason: str) -> Corrected:
    """Another token stands for *touch* from here on; everything else stays as it was."""
    ofh = bytes(touch.leaf_hash)
    what = {"reason": reason}
    return Corrected(of=touch.leaf_n, ofh=ofh, tok=tok, who={"actor": actor}, what=what)


def names_token(entry: bytes, *, touch: CheckIn, trip: Trip) -> bool:
    """Whether *entry* is the leaf that says which token stands for *touch*, of *trip*.

    Whoever could write the row, or sign with a key that leaked, still lacks the leaf.
    """
    if leaf_hash(entry) != bytes(touch.token_leaf):
        return False
    leaf = read_leaf(entry)
    told = (leaf.get("trip"), leaf.get("tok"))
    if told != (trip.log_id, encode64(bytes(touch.token_hash))):
        return False
    if leaf["t"] == "checkin":
        return bytes(touch.token_leaf) == bytes(touch.leaf_hash)
    told = (leaf["t"], leaf.get("ofh"))
    return told == ("correction", encode64(bytes(touch.leaf_hash)))


def _open(trip: Trip) -> bytes:
    return bytes(trip.open_hash) if trip.open_hash else _NO_HASH


def _person(trip: Trip) -> dict[str, Any]:
    person = trip.traveller
    return {
        "person": person.ref,
        "name": person.name,
        "dept": trip.department.name,
        "grade": person.grade,
    }


def _purpose(trip: Trip) -> dict[str, Any]:
    stop = farthest(trip, trip.traveller)
    home = trip.traveller.workplace.unit
    said: dict[str, Any] = {
        "purpose": trip.purpose,
        "starts": _minute(trip.starts_at),
        "ends": _minute(trip.ends_at),
        "vehicle": trip.vehicle,
        "stops": [stop.text for stop in trip.stops.all()],
    }
    if stop:
        said["area"] = "in" if stop.unit == home else "out"
    if trip.standing is not None:
        said["standing"] = trip.standing
    if trip.order_number:
        said["order"] = trip.order_number
    return said


def _exact(trip: Trip) -> dict[str, Any] | None:
    points = [Point.unpacked(box.open()) for stop in trip.stops.all() if (box := stop.box())]
    if not points:
        return None
    pairs = [lat_lon_e6(point.lat_e7, point.lon_e7) for point in points]
    return {"stops": [{"lat_e6": lat, "lon_e6": lon} for lat, lon in pairs]}


def _where(best: Fix | None) -> dict[str, Any] | None:
    if best is None:
        return None
    lat, lon = lat_lon_e6(best.lat_e7, best.lon_e7)
    return {"lat_e6": lat, "lon_e6": lon, "acc_m": -(-best.acc_cm // 100)}


def _minute(at: datetime) -> str:
    return at.astimezone(KST).strftime("%Y-%m-%dT%H:%M+09:00")
