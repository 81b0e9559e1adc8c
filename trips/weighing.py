"""A touch is weighed again when something came to it that it had not shown before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attest.evidence import assess, facts_from
from trips.facts import weights
from trips.models import Assessment, CheckIn, Kind, Trip
from trips.touching import assessment, weighed_by


def weigh_again(touch: CheckIn, *, now: datetime, **changed: Any) -> Assessment:
    """The facts it was weighed by last, with *changed* in them. The earlier answers stay."""
    facts = weighed_by(touch) | changed
    row = assessment(touch, facts, assess(facts_from(facts), weights()), now)
    row.save(force_insert=True)
    return row


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
