"""Which told cost has its paper beside it: by sum, and by day where both say one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from attest.values import KST
from trips.models import Paper, Trip


@dataclass(frozen=True, slots=True)
class ToldCost:
    """A cost its traveller told with a paper; *paper* is none where no such one is attached."""

    won: int
    evidence: str
    day: date | None
    paper: Paper | None

    @property
    def evidence_word(self) -> str:
        known = dict(Paper.Kind.choices)
        return str(known.get(self.evidence, self.evidence))


def told_with_papers(trip: Trip, papers: Iterable[Paper]) -> list[ToldCost]:
    """Every cost that speaks of a paper, in the order told. A paper stands for one cost."""
    free = [paper for paper in papers if paper.counted]
    found = []
    for won, evidence, day in _spoken_of(trip.costs or {}):
        paper = next((one for one in free if one.amount == won and _fits(one, day)), None)
        if paper:
            free.remove(paper)
        found.append(ToldCost(won, evidence, day, paper))
    return found


def _spoken_of(costs: dict[str, Any]) -> Iterator[tuple[int, str, date | None]]:
    rows = [*costs.get("actual_costs", ()), *costs.get("fares", ()), *costs.get("nights", ())]
    for row in rows:
        won = row.get("amount", row.get("paid", row.get("shared", {}).get("total")))
        evidence = row.get("evidence", "none")
        if evidence != "none" and won is not None:
            said = row.get("evidence_date", row.get("date"))
            yield won, evidence, date.fromisoformat(said) if said else None


def _fits(paper: Paper, day: date | None) -> bool:
    """The bill of a night is often written the next morning."""
    written = paper.at.astimezone(KST).date()
    return day is None or written in {day, day + timedelta(days=1)}
