"""What a revision changes of the facts of a trip, and what the sum would be by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from settlement.models import Hold, Revision
from settlement.paying import for_judging, sum_of
from trips.claim import decided_with
from trips.models import Trip


@dataclass(frozen=True, slots=True)
class Change:
    """The area, the distance from the workplace, or both; what is none stays as it is.

    Or *back*: nothing that was decided before counts any more.
    """

    area: str = ""
    one_way_m: int | None = None
    method: str = ""
    back: bool = False

    def facts(self, reason: str) -> dict[str, Any] | None:
        """In the fields of the claim (travel-expenses.md §2); none to go back to the rules."""
        if self.back:
            return None
        said: dict[str, Any] = {}
        if self.area:
            said["area_decided"] = {"area": self.area, "reason": reason}
        if self.one_way_m is not None:
            said["distances"] = [
                {
                    "from": "workplace",
                    "one_way_m": self.one_way_m,
                    "round_trip_m": 2 * self.one_way_m,
                    "method": self.method,
                }
            ]
        return said


def change_of(row: Revision) -> Change:
    return Change(row.area, row.one_way_m, row.method, row.back)


def sums(trip: Trip, facts: dict[str, Any] | None) -> tuple[int | None, int | None]:
    """What *trip* comes to, and would by *facts*; none where it cannot be computed."""
    read = for_judging(Trip.objects.filter(pk=trip.pk)).get()
    before = sum_of(read).won
    read.decided = decided_with(read, facts)
    return before, sum_of(read).won


def proposed_of(hold: Hold) -> Revision | None:
    return hold.revisions.filter(state=Revision.State.PROPOSED).select_related("by").first()


def revisions_of(hold: Hold) -> QuerySet[Revision]:
    """Every one of *hold*, oldest first, with who said so."""
    return hold.revisions.select_related("by", "second")
