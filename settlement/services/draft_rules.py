"""An administrator writes a version of the office's rules. Nothing is computed by it yet."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import Person
from attest.errors import RulesRefused
from settlement.drafting import checked, taken
from settlement.models import RuleSet
from trips.writing import reasoned


@transaction.atomic
def draft_rules(
    text: str, *, by: Person, reason: str, now: datetime, instead: RuleSet | None = None
) -> RuleSet:
    """Kept byte for byte; *instead* of one's own draft, if one is named.

    Refused: ``ClaimRefused`` with the faults of the text, or ``RulesRefused``.
    """
    about = checked(text, office=by.organisation)
    row = RuleSet(made_by=by)
    if instead is not None:
        row = RuleSet.objects.select_for_update().get(pk=instead.pk)
        if row.state != RuleSet.State.DRAFT:
            raise RulesRefused("frozen")
        if row.made_by_id != by.pk:
            raise RulesRefused("own")
    if taken(about.name, by=instead):
        raise RulesRefused("taken")
    row.name, row.valid_from = about.name, about.valid_from
    row.toml, row.sha256 = text, sha256(text.encode()).digest()
    row.reason, row.made_at = reasoned(reason), now
    row.save()
    return row
