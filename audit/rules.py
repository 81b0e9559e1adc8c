"""Which rules spoke in a week, and how often people decided otherwise (evidence.md §5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F

from accounts.models import Organisation
from settlement.models import Hold
from settlement.paying import ACCEPTING
from trips.models import Assessment, Verdict

WEEK = timedelta(days=7)
# Fewer say nothing about a rule.
ENOUGH = 10
_KINDS = frozenset({"integrity", "concern", "policy"})


@dataclass(slots=True)
class Rule:
    code: str
    verdicts: Counter[str] = field(default_factory=Counter)
    overturned: int = 0

    @property
    def spoke(self) -> int:
        return self.verdicts.total()

    @property
    def doubtful(self) -> bool:
        """Overturned more than half the time: a lower weight is to be thought about."""
        return self.spoke >= ENOUGH and 2 * self.overturned > self.spoke


def rules_of(office: Organisation, *, until: datetime) -> list[Rule]:
    """What weighed against a touch in the seven days before *until*, most frequent first.

    Counted by check-in, by its newest assessment; codes alone are read, nothing is opened.
    Overturned: a hold for this very verdict of its trip that a person accepted.
    """
    accepted = _accepted(office, until)
    found: dict[str, Rule] = {}
    for trip, verdict, reasons in _newest(office, until):
        against = verdict != Verdict.SUFFICIENT and (trip, f"evidence.{verdict.lower()}")
        for code in {one["code"] for one in reasons if one["kind"] in _KINDS}:
            rule = found.setdefault(code, Rule(code))
            rule.verdicts[verdict] += 1
            rule.overturned += against in accepted
    return sorted(found.values(), key=lambda rule: (-rule.spoke, rule.code))


def _newest(
    office: Organisation, until: datetime
) -> Iterator[tuple[int, str, list[dict[str, str]]]]:
    rows = Assessment.objects.filter(
        check_in__trip__traveller__organisation=office,
        check_in__recorded_at__gt=until - WEEK,
        check_in__recorded_at__lte=until,
        check_in__withdrawn_at=None,
    ).order_by("check_in", "pk")
    names = rows.annotate(trip=F("check_in__trip")).values_list(
        "check_in", "trip", "verdict", "reasons"
    )
    kept: tuple[int, int, str, list[dict[str, str]]] | None = None
    for row in names.iterator(chunk_size=2_000):
        if kept and kept[0] != row[0]:
            yield kept[1:]
        kept = row
    if kept:
        yield kept[1:]


def _accepted(office: Organisation, until: datetime) -> set[object]:
    rows = Hold.objects.filter(
        trip__traveller__organisation=office,
        trip__check_ins__recorded_at__gt=until - WEEK,
        resolution_code__in=ACCEPTING,
    )
    return set(rows.values_list("trip", "reason_code"))
