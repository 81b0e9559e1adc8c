"""Out-of-area trips (근무지외), R11: fares, daily allowance, meals and lodging."""

from __future__ import annotations

from datetime import date

from .claim import Trip
from .days import Days, days
from .fares import fares
from .journey import Journey, is_late
from .nights import nights
from .sheet import Sheet


def out_of_area(sheet: Sheet, *, trip: Trip, brought: Days) -> None:
    """Write the out-of-area lines. *brought*: what earlier trips had for each date."""
    if trip.standing_duty:
        sheet.warn("standing_overlap")
    journey = Journey(trip, sheet, is_late(trip, sheet))
    fares(journey)
    days(journey, brought)
    nights(journey)


def money_on(day: date, brought: Days) -> bool:
    """Did *day* bring anything to an out-of-area trip?"""
    number = day.toordinal()
    return bool(brought.daily.on(number) or brought.meals.on(number))
