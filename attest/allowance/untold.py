"""What an out-of-area claim leaves open: facts without which its sum would be a guess.

The contract lets them be left out, and then nothing is paid for them. Who pays on the
sum asks here first, whether somebody has said that there was nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from attest.errors import Fault

from . import words
from .claim import Trip

# A trip may last for years; a page tells the first evenings.
EVENINGS_TOLD = 31


def untold(trip: Trip, *, at: str) -> list[Fault]:
    """``facts.missing`` for the day settlement was asked and each evening without a night."""
    asked = [] if trip.claimed_on else [words.fault("facts.missing", f"{at}.claimed_on")]
    return [*asked, *islice(_evenings(trip, at), EVENINGS_TOLD)]


def _evenings(trip: Trip, at: str) -> Iterator[Fault]:
    told = {night.day for night in trip.nights} | {*trip.not_needed_dates}
    day = trip.dates.first
    while day < trip.dates.last:
        if day not in told:
            yield words.fault("facts.missing", f"{at}.nights", str(day))
        day += timedelta(days=1)
