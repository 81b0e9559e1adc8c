"""Why a move is refused, where its reader can do something about it: in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from attest.errors import DutiesClash, MoveRefused

MOVES: Mapping[str, Any] = {
    "standing.counted-anew": _("This sum was counted anew meanwhile. Please look at it once more."),
    "standing.months-crossed": _("The last month lies before the first."),
    "standing.months-taken": _("One of these months has a standing allowance already."),
    "standing.ends-outside": _("A standing allowance ends within its own months."),
    "settlement.void": _("This settlement was taken back already."),
    "settlement.other-month": _(
        "This settlement stands on another month's statement since. Please look at it again."
    ),
    "settlement.on-the-way": _(
        "Its money is on the way. It can be taken back once the bank has answered."
    ),
    "settlement.counted": _(
        "The standing allowance that was paid counts this day. Take that back first."
    ),
    "second.own": _("You said the first yes yourself. Somebody else has to say the second."),
    "reason.missing": _("Please give a reason."),
    "batch.foreign": _("This batch is another clerk's."),
    "batch.open": _("This batch was not signed by its first clerk yet."),
    "batch.waiting": _("This batch was signed and waits for a second clerk."),
    "batch.settled": _("This batch was settled already. Nothing is paid a second time."),
    "batch.dropped": _("This batch was given up. Its trips can be laid into another."),
    "month.rows-waiting": _("Rows of the sheet still wait for a decision."),
    "month.not-begun": _("This month has not begun yet."),
    "month.not-over": _("The days of a month are counted once it is over."),
    "month.open": _("This month is open already."),
    "payments.unanswered": _("Please bring in the bank's answer to the last file first."),
    "clawback.recovered": _("This money is written down as back already."),
    "hold.resolved": _("This was resolved already."),
    "hold.for-two": _("Two clerks look at this: one alone cannot resolve it."),
    "hold.not-proposed": _("No change is proposed here, or it was decided already."),
    "row.decided": _("This row was decided already."),
    "row.trip-taken": _("Another row of this sheet is that trip already."),
    "row.person": _("Please choose whose row this is."),
    "trip.no-approver": _("Nobody may approve for this person: their department has no approver."),
    "trip.paid": _("This trip is settled: its settlement has to be taken back first."),
    "trip.not-over": _("The traveller is not back yet, and the planned end is not over."),
    "trip.too-late": _("The time to take it back is over."),
    "correction.open": _("A correction of this trip still waits for its answer."),
    "correction.decided": _("This correction was answered already."),
}


def of_move(refused: MoveRefused | DutiesClash) -> dict[str, str]:
    """Its code and its sentence; nothing where only the general one fits."""
    if not refused.why:
        return {}
    return {"code": refused.why, "detail": str(MOVES[refused.why])}


def sentence_of(refused: MoveRefused | DutiesClash) -> str:
    """For a page that stays where it is; who has no sentence of its own is refused as anywhere."""
    if not refused.why:
        raise refused
    return str(MOVES[refused.why])
