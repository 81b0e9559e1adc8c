"""What a draft of the rules would have paid for trips that were settled, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import Organisation
from accounts.telling import Tell, silent
from attest.allowance import RuleSets, claim_from, compute, part_of, read_sets
from attest.errors import ClaimRefused
from settlement.models import RuleSet, Settlement
from settlement.selectors import settled_lately
from trips.rules import rule_texts

# So many of those that differ are listed.
LISTED = 100

_FIRST_DAY = re.compile(r"^(\s*valid_from\s*=\s*)[0-9-]{10}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Difference:
    """A trip by its number alone, and the lines that differ."""

    number: str
    before: int
    after: int
    lines: Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Trial:
    computed: int = 0
    changed: int = 0
    won: int = 0
    refused: int = 0
    rows: list[Difference] = field(default_factory=list)


def try_rules(
    row: RuleSet, *, office: Organisation, days: int, now: datetime, tell: Tell = silent
) -> Trial:
    """As if *row* had held from the first day on. The facts are those each trip was settled by."""
    draft, trial = _as_if_always(row), Trial()
    paid = settled_lately(office, days=days, now=now)
    count = paid.count()
    for one in paid.iterator(chunk_size=200):
        tell(trial.computed, count)
        trial.computed += 1
        try:
            after = _own(one, compute(claim_from(one.claim), draft).as_dict())
        except ClaimRefused:
            trial.refused += 1
            continue
        before = _own(one, one.result)
        if before["total"] == after["total"]:
            continue
        trial.changed += 1
        trial.won += after["total"] - before["total"]
        if len(trial.rows) < LISTED:
            lines = _differing(before["lines"], after["lines"])
            number = one.trip.number
            trial.rows.append(Difference(number, before["total"], after["total"], lines))
    return trial


def _as_if_always(row: RuleSet) -> RuleSets:
    """The newest version wins: so it holds for old days too, if its first day lies far back."""
    always = _FIRST_DAY.sub(r"\g<1>2000-01-01", row.toml, count=1)
    return read_sets([*rule_texts(), always])


def _own(paid: Settlement, result: Mapping[str, Any]) -> Mapping[str, Any]:
    own = part_of(result, str(paid.trip.uid))
    if own is None:
        raise ValueError("a settlement without its own trip")
    return own


def _differing(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    known = [(line["item"], line["amount"]) for line in before]
    found = []
    for line in after:
        if (line["item"], line["amount"]) in known:
            known.remove((line["item"], line["amount"]))
        else:
            found.append(line)
    return found
