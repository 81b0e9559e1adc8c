"""A draft of the office's rules is laid before another administrator, and changes no more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import RulesRefused
from settlement.drafting import checked
from settlement.models import RuleSet


@transaction.atomic
def propose_rules(row: RuleSet, *, by: Person, now: datetime) -> RuleSet:
    del now
    row = RuleSet.objects.select_for_update().get(pk=row.pk)
    if row.state != RuleSet.State.DRAFT:
        raise RulesRefused("frozen")
    if row.made_by_id != by.pk:
        raise RulesRefused("own")
    # What the shelf holds may have changed since it was written.
    checked(row.toml, office=by.organisation)
    row.state = RuleSet.State.PROPOSED
    row.save(update_fields=["state"])
    return row
