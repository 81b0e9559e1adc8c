"""Working days in Korea: Monday to Friday, less public holidays and their substitute days.

Holidays come from the table of the ``holidays`` package. Days the government names later
(임시공휴일) are in it once the package is renewed: a date that was told does not move.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from holidays import country_holidays

from attest.values import KST


def working_day_after(at: datetime, *, days: int) -> date:
    """The last day of a period of so many working days that begins the day after *at*."""
    day = at.astimezone(KST).date()
    off = country_holidays("KR", years=[day.year, day.year + 1])
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in off:
            days -= 1
    return day
