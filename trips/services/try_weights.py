"""What a draft of the weights would have said of touches that were made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import Organisation
from attest.evidence import Assessment as Judged
from attest.evidence import Weights, assess, facts_from, read_weights
from ledger.services.disclose import Look, Reader, disclose
from trips.models import Assessment, CheckIn, WeightSet
from trips.selectors import newest_assessment
from trips.weighing import by_version

# So many of the newest are weighed again, so many looked at in one entry of the diary.
MOST, TOGETHER = 2_000, 200


@dataclass(slots=True)
class Trial:
    """Counts alone: who tries a draft sees nobody's position."""

    weighed: int = 0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        return sum(count for (old, new), count in self.verdicts.items() if old != new)


def try_weights(
    row: WeightSet, *, office: Organisation, reader: Reader, days: int, now: datetime
) -> Trial:
    """Weigh the newest touches of the last *days* again. Everybody weighed reads of it."""
    draft, trial = read_weights(row.text), Trial()
    touches = _touches(office, days, now)
    for start in range(0, len(touches), TOGETHER):
        for old, new in _weighed(touches[start : start + TOGETHER], draft, reader, now):
            trial.weighed += 1
            trial.verdicts[old.verdict, new.verdict] += 1
            trial.rules.update(_differing(old, new))
    return trial


def _touches(office: Organisation, days: int, now: datetime) -> list[CheckIn]:
    rows = CheckIn.objects.filter(
        trip__traveller__organisation=office,
        recorded_at__gt=now - timedelta(days=days),
        withdrawn_at=None,
    ).exclude(assessments__facts=None)
    rows = rows.select_related("trip__traveller").prefetch_related("assessments")
    return list(rows.order_by("-recorded_at")[:MOST])


def _weighed(
    touches: Sequence[CheckIn], draft: Weights, reader: Reader, now: datetime
) -> Iterable[tuple[Judged, Judged]]:
    rows: list[Assessment] = [newest_assessment(touch) for touch in touches]
    opened = disclose(
        reader=reader,
        looks=[
            Look(touch.trip.traveller, "position", row.box())
            for touch, row in zip(touches, rows, strict=True)
        ],
        method="report",
        action="weights.trial",
        purpose="weights",
        reference=draft.weights_version,
        at=now,
    )
    for row, raw in zip(rows, opened, strict=True):
        facts = facts_from(json.loads(raw))
        yield assess(facts, by_version(row.weights_version)), assess(facts, draft)


def _differing(old: Judged, new: Judged) -> Iterable[tuple[str, int]]:
    """Which rules bring other points than before, and how many more or fewer."""
    before = {one.code: one.points for one in old.reasons}
    after = {one.code: one.points for one in new.reasons}
    for code in before.keys() | after.keys():
        if difference := after.get(code, 0) - before.get(code, 0):
            yield code, difference
