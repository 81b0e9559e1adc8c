"""What is taken off the lines of a trip: rules R35, R34 and R40, in this order."""

from __future__ import annotations

from . import words
from .claim import ITEMS, Trip
from .rules import Ask
from .sheet import Sheet


def other_payers(sheet: Sheet, trip: Trip) -> None:
    """R35: what another body bore is not paid again, item by item."""
    for entry in trip.other_payer:
        left = sheet.left[entry.item]
        less = min(entry.amount, left)
        sheet.write(
            "other_payer",
            -less,
            rule="R35",
            why=words.other_payer(entry.who, entry.item, less),
            ask=Ask(sheet.rules),
            inputs={"item": entry.item, "borne": entry.amount, "left": left},
            of=entry.item,
        )


def reduction(sheet: Sheet) -> None:
    """R34: an agency may cut, never raise; what is left goes down to a won."""
    cuts = sheet.rules.table.get("reduction", {})
    for item in (item for item in ITEMS if item in cuts and sheet.left[item]):
        ask, left = Ask(sheet.rules), sheet.left[item]
        percent = ask.number(f"reduction.{item}")
        less = left - left * (100 - percent) // 100
        if less == 0:
            continue
        sheet.write(
            "reduction",
            -less,
            rule="R34",
            why=words.reduction(item, percent, less),
            ask=ask,
            decided_by=f"reduction.{item}",
            inputs={"item": item, "left": left, "percent": percent},
            of=item,
        )


def rounding(sheet: Sheet) -> None:
    """R40: the sum of the trip goes down to the step; a line only if won fall off."""
    ask, left = Ask(sheet.rules), sheet.total
    step = ask.number("rounding.trip_step")
    if (less := left % step) == 0:
        return
    sheet.write(
        "rounding",
        -less,
        rule="R40",
        why=words.rounding(step, less),
        ask=ask,
        decided_by="rounding.trip_step",
        inputs={"sum": left, "step": step},
    )
