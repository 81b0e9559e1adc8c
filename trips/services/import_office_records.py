"""An office lays its own traces beside touches; each touch near one is weighed again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Person
from attest.errors import BatchChanged
from attest.values import Point, metres_between
from ledger.services.append import append
from ledger.services.disclose import Look, Reader, disclose
from trips import leaves
from trips.models import CheckIn, OfficeRecord
from trips.office_plan import OfficePlan, Step, plan_of
from trips.office_sheet import Entry
from trips.reweighing import said_of, weigh_as
from trips.writing import locked

KEPT, _MINUTE = timedelta(days=90), timedelta(minutes=1)


@transaction.atomic
def import_office_records(
    reader: Reader,
    *,
    person: Person,
    entries: Sequence[Entry],
    digest: bytes,
    reason: str,
    now: datetime,
) -> OfficePlan:
    """Apply exactly the plan whose *digest* was previewed. A line near no touch leaves nothing.

    Where a touch was is opened for this, and so stands in its traveller's diary first.
    """
    plan = plan_of(person.organisation, entries)
    if plan.digest != digest:
        raise BatchChanged("the touches near this sheet have changed since it was looked at")
    OfficeRecord.objects.filter(imported_at__lt=now - KEPT).delete()
    _keep(plan, person, now)
    touches = list(plan.touches.values())
    looks = [look for touch in touches for look in _looks(touch)]
    opened = disclose(
        reader=reader,
        looks=looks,
        method="report",
        action="office-records",
        purpose="audit",
        reason=reason,
        at=now,
    )
    for number, touch in enumerate(touches):
        fix, facts = (json.loads(one) for one in opened[2 * number : 2 * number + 2])
        _weigh(touch, plan.near[touch.pk], fix, facts, person, now)
    return plan


def _keep(plan: OfficePlan, person: Person, now: datetime) -> None:
    rows = [
        OfficeRecord(
            person=step.person,
            kind=step.kind,
            place=step.place,
            at=step.at,
            imported_by=person,
            imported_at=now,
        )
        for step in plan.steps
        if step.fate == "kept" and step.at
    ]
    # The same sheet again adds nothing.
    OfficeRecord.objects.bulk_create(rows, ignore_conflicts=True)


def _looks(touch: CheckIn) -> list[Look]:
    traveller = touch.trip.traveller
    newest = touch.assessments.order_by("-pk")[0]
    boxes = (touch.box("best_fix"), newest.box())
    return [Look(traveller, "position", box) for box in boxes]


def _weigh(
    touch: CheckIn,
    steps: Sequence[Step],
    fix: dict[str, int],
    facts: dict[str, Any],
    person: Person,
    now: datetime,
) -> None:
    """The trace nearest in time counts. One that says what was known already changes nothing."""
    touch.trip = locked(touch.trip)
    step = min(steps, key=lambda one: abs(_apart(touch, one)))
    trace = {"km": _km(step, fix), "minutes": round(_apart(touch, step) / _MINUTE)}
    known = facts.get("office_trace")
    if known and abs(known["minutes"]) <= abs(trace["minutes"]):
        return
    row = weigh_as(touch, facts | {"office_trace": trace}, now=now)
    # How far it was says where the touch was: that stays in the sealed facts.
    new = {"item": "office-record", "kind": step.kind, "assessment": said_of(row)}
    event = leaves.corrected(
        touch.trip, actor=person.ref, reason="office-record", new=new, touch=touch
    )
    append(event=event, trip=touch.trip.line, at=now)


def _apart(touch: CheckIn, step: Step) -> timedelta:
    """Negative before the touch."""
    return (step.at or touch.recorded_at) - touch.recorded_at


def _km(step: Step, fix: dict[str, int]) -> float:
    """From the office to the edge of where the touch was; its plan has looked for the point."""
    box = step.place.box() if step.place else None
    if box is None:
        raise BatchChanged("this place has lost its point")
    here = Point(fix["lat_e7"], fix["lon_e7"])
    metres = metres_between(here, Point.unpacked(box.open())) - fix["acc_cm"] / 100
    return round(max(0.0, metres) / 1000, 1)
