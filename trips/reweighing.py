"""A touch is weighed again when something came to it that it had not shown before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attest.evidence import assess, facts_from
from trips.models import Assessment, CheckIn, Kind, Paper, Trip
from trips.touching import assessment, weighed_by
from trips.weighing import weights


def weigh_again(touch: CheckIn, *, now: datetime, **changed: Any) -> Assessment | None:
    """The facts it was weighed by last, with *changed* in them. The earlier answers stay.

    Nothing where the facts were erased: the last verdict stands.
    """
    facts = weighed_by(touch)
    return None if facts is None else weigh_as(touch, facts | changed, now=now)


def weigh_as(touch: CheckIn, facts: dict[str, Any], *, now: datetime) -> Assessment:
    """By *facts*, for who has opened the earlier ones by way of the diary."""
    row = assessment(touch, facts, assess(facts_from(facts), weights()), now)
    row.save(force_insert=True)
    return row


def weighed_with(paper: Paper, *, now: datetime) -> dict[str, Any]:
    """What its touch shows now that *paper* came or went, for the leaf; nothing without a touch."""
    touch: CheckIn | None = paper.check_in
    if touch is None:
        return {}
    touch.trip = paper.trip
    count = touch.papers.filter(counted=True).count()
    return again(weigh_again(touch, now=now, receipts=count))


def again(row: Assessment | None) -> dict[str, Any]:
    """``assessment`` for the leaf of what led to it; nothing where it was too late to weigh."""
    return {"assessment": said_of(row)} if row else {}


def said_of(row: Assessment) -> Mapping[str, Any]:
    """The new answer, for the leaf of what led to it."""
    return {
        "verdict": row.verdict,
        "support": row.support,
        "concern": row.concern,
        "rules": row.weights_version,
    }


def touch_at(trip: Trip, at: datetime) -> CheckIn | None:
    """The arrival or stop that something of *at* belongs to: the last before it, else the first."""
    touches = trip.check_ins.filter(withdrawn_at=None).exclude(kind=Kind.RETURN)
    before = touches.filter(recorded_at__lte=at).order_by("-recorded_at", "-pk").first()
    return before or touches.order_by("recorded_at", "pk").first()
