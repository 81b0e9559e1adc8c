"""The trips of a month as the facts of a batch of findings (travel-expenses.md §7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.telling import Tell, silent
from attest.allowance import Finding as Found
from attest.allowance import batch_from, claim_from, compute, find
from attest.errors import ClaimRefused
from attest.values import KST, month_bounds
from settlement.models import Absence, Month, Settlement, VehicleLog
from settlement.papers_beside import receipts_of
from trips.claim import claim_of
from trips.models import State, Trip
from trips.rules import rule_sets
from trips.selectors import with_touches

# Of what the claim says of a trip, what a finding asks for.
_SAME = ("id", "starts_at", "ends_at", "ordered", "public_car", "time_known", "evidenced")


def findings_in(month: Month, *, tell: Tell = silent) -> list[Found]:
    """What the core finds in the papers of *month*; *tell* hears how many trips were read."""
    return find(batch_from(batch_of(month, tell=tell)), rule_sets())


def batch_of(month: Month, *, tell: Tell = silent) -> dict[str, Any]:
    """Plain values; what the month does not know is left out, and its checks stay silent."""
    rows = _rows(month)
    count, trips = rows.count(), []
    for number, trip in enumerate(_trips(rows)):
        tell(number, count)
        trips.append(_trip(trip))
    said: dict[str, Any] = {
        "contract": "findings/1",
        "rule_set": month.organisation.rule_set,
        "trips": trips,
        "receipts": receipts_of(rows),
        "absences": [_absence(one) for one in _within(month, Absence)],
    }
    # A log that nobody brought is not one that says no car went out.
    if log := [_drive(one) for one in _within(month, VehicleLog)]:
        said["vehicle_log"] = log
    return said


def _rows(month: Month) -> QuerySet[Trip]:
    start, end = month_bounds(month.name)
    rows = Trip.objects.filter(
        traveller__organisation=month.organisation, starts_at__gte=start, starts_at__lt=end
    )
    # A month's standing sum is no trip: there is nothing to hold it against.
    rows = rows.exclude(source=Trip.Source.STANDING)
    return rows.exclude(state__in=[State.DRAFT, State.CANCELLED, State.VOIDED])


def _trips(rows: QuerySet[Trip]) -> Iterator[Trip]:
    rows = rows.select_related("traveller__organisation", "traveller__workplace")
    rows = with_touches(rows).prefetch_related(
        "distances",
        "companions__person",
        "settlements__lines",
        "traveller__standing_allowances",
    )
    return rows.order_by("pk").iterator(chunk_size=500)


def _trip(trip: Trip) -> dict[str, Any]:
    claim = claim_of([trip], person=trip.traveller)
    (told,) = claim["trips"]
    said = {name: told[name] for name in _SAME if name in told}
    said |= {
        "person": trip.traveller.ref,
        "destination_text": ", ".join(stop.text for stop in trip.stops.all())[:500],
        "companions": [one.person.ref for one in trip.companions.all()],
    }
    if told["destination"].get("same_site"):
        said["same_site"] = True
    if told["distances"]:
        said["round_trip_m"] = min(one["round_trip_m"] for one in told["distances"])
    # When it was approved elsewhere the sheet does not say.
    if trip.source == Trip.Source.PRODUCT and trip.approved_at:
        said |= {"approved_at": _time(trip.approved_at), "registered_at": _time(trip.registered_at)}
    if fares := told.get("fares"):
        said["fares"] = fares
    if (shown := told.get("evidenced", {})).keys() == {"starts_at", "ends_at"}:
        stayed = datetime.fromisoformat(shown["ends_at"]) - datetime.fromisoformat(
            shown["starts_at"]
        )
        said["stay_seconds"] = int(stayed.total_seconds())
    return said | _computed(claim) | _paid(trip.settlements.all())


def _computed(claim: dict[str, Any]) -> dict[str, Any]:
    """Whether it lies in the area, and what its nights cost beside their cap."""
    try:
        (trip,) = compute(claim_from(claim), rule_sets()).as_dict()["trips"]
    except ClaimRefused:
        # What cannot be computed is an exception of its own at the desk; here it stays silent.
        return {}
    said: dict[str, Any] = {"area": trip["area"]}
    for line in trip["lines"]:
        if line["rule"] == "R14":
            paid = line["inputs"]
            said |= {"lodging_paid": paid["paid"], "lodging_cap": paid["cap"]}
    return said


def _paid(settlements: Iterable[Settlement]) -> dict[str, Any]:
    for paid in settlements:
        if paid.voided_at is None:
            lines = [line for line in paid.lines.all() if line.item.startswith("in_area")]
            flat = sum(line.amount for line in lines if line.item != "in_area_actual")
            return {"flat_paid": flat, "area": "in"} if lines else {}
    return {}


def _drive(one: VehicleLog) -> dict[str, Any]:
    return {
        "vehicle": one.vehicle,
        "driver": one.driver.ref,
        "passengers": one.passengers,
        "starts_at": _time(one.starts_at),
        "ends_at": _time(one.ends_at),
    }


def _absence(one: Absence) -> dict[str, Any]:
    return {
        "person": one.person.ref,
        "kind": one.kind,
        "starts_at": _time(one.starts_at),
        "ends_at": _time(one.ends_at),
    }


def _within(month: Month, kind: type[Any]) -> Iterator[Any]:
    start, end = month_bounds(month.name)
    who = "driver" if kind is VehicleLog else "person"
    rows = kind.objects.filter(
        organisation=month.organisation, starts_at__lt=end, ends_at__gt=start
    )
    found: Iterator[Any] = rows.select_related(who).order_by("pk").iterator(chunk_size=500)
    return found


def _time(at: datetime) -> str:
    return at.astimezone(KST).replace(microsecond=0).isoformat()
