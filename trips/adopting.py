"""A trip that was asked for and approved elsewhere, as a sheet of the office tells it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Person
from trips.plan import Plan


@dataclass(frozen=True, slots=True)
class Adopted:
    """*note* says where it was approved: it stands in the log beside the decision."""

    traveller: Person
    plan: Plan
    note: str
    time_known: bool = True
