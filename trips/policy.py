"""Which evidence a kind of trip needs (evidence.md §4.4).

Set with the plan and shown in the order; nothing that is learnt later changes it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from attest.values import KST
from trips.plan import Plan

STANDARD, BOTH_ENDS = "standard", "both-ends"
WITNESS, WITNESS_BOTH_ENDS = "witness", "witness-both-ends"

# Who is away at this hour has spent the night there.
MORNING = time(6)

NEEDS = {
    BOTH_ENDS: _("A touch on arrival and one on return"),
    WITNESS: _("A site code, or somebody at the place who confirms the visit"),
    WITNESS_BOTH_ENDS: _(
        "A touch on arrival and one on return; and a site code, or somebody at the place who"
        " confirms the visit"
    ),
}


def policy_of(plan: Plan) -> str:
    """By the nights of *plan*, and by what the office marked its places with."""
    witness = any(stop.place and stop.place.needs_witness for stop in plan.stops)
    if _has_a_night(plan):
        return WITNESS_BOTH_ENDS if witness else BOTH_ENDS
    return WITNESS if witness else STANDARD


def _has_a_night(plan: Plan) -> bool:
    """Away at midnight and still away in the morning: an evening that ends late is none."""
    tomorrow = plan.starts_at.astimezone(KST).date() + timedelta(days=1)
    return plan.ends_at >= datetime.combine(tomorrow, MORNING, KST)
