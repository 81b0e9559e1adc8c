"""The rule by which things are erased when their time is over, and that the log was told of it.

The name of a rule says what it is: ``loc-60.id-730``. Its file, as a bundle carries it
(``rules/retention.json``), holds for each group the least number of days a leaf keeps it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings

from attest.log.leaf import ConfigChanged, canonical
from ledger.models import Landmark
from ledger.outbox import put

_NAME = re.compile(r"loc-([0-9]{1,6})\.id-([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Policy:
    loc_days: int
    id_days: int

    @property
    def name(self) -> str:
        return f"loc-{self.loc_days}.id-{self.id_days}"

    @property
    def file(self) -> bytes:
        return canonical({"id_days": self.id_days, "loc_days": self.loc_days})


def policy_in_force() -> Policy:
    position = min(settings.KEEP_POSITION_DAYS, settings.KEEP_UNSETTLED_DAYS)
    return Policy(position, settings.KEEP_DIARY_DAYS)


def announce_policy(*, at: datetime) -> Policy:
    """Before anything is erased by it. In the transaction of the erasure."""
    policy = policy_in_force()
    digest = sha256(policy.file).digest()
    known = Landmark.objects.filter(t=ConfigChanged.t, name=policy.name, sha256=digest)
    if not known.exists():
        event = ConfigChanged(
            subject="retention", name=policy.name, sha256=digest, who={"actor": "command"}
        )
        put(event=event, at=at, subject="org-log")
    return policy


def policy_file() -> bytes | None:
    """The least of all rules that were ever announced; none where nothing is erased by rule."""
    names = Landmark.objects.filter(t=ConfigChanged.t).values_list("name", flat=True)
    said = [tuple(map(int, match.groups())) for name in names if (match := _NAME.fullmatch(name))]
    if not said:
        return None
    return Policy(min(loc for loc, _ in said), min(ids for _, ids in said)).file
