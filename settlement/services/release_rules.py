"""A second administrator releases rules: sums of days from then on are computed by them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ApprovalPair, Person
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.errors import RulesRefused
from attest.log.leaf import ConfigChanged
from ledger.services.append import append
from settlement.drafting import NOTICE, RELEASE, begins, release_hash
from settlement.models import RuleSet, Settlement
from settlement.released import text_of
from trips import rules


@transaction.atomic
def release_rules(row: RuleSet, *, by: Person, signed: Answer, now: datetime) -> RuleSet:
    """Never by who wrote them, and never for days that were paid for: their sums stay explained.

    Refused with ``RulesRefused``: ``own``, ``frozen`` (not proposed, or released), ``early``.
    """
    row = RuleSet.objects.select_for_update().get(pk=row.pk)
    if row.made_by_id == by.pk:
        raise RulesRefused("own")
    if row.state != RuleSet.State.PROPOSED:
        raise RulesRefused("frozen")
    if begins(row) < now + NOTICE or _paid_beyond(row):
        raise RulesRefused("early")
    text_of(row)
    use_step_up(
        by,
        step_up_uid=signed.uid,
        proof=signed.proof,
        action=RELEASE,
        batch_hash=release_hash(row),
        now=now,
    )
    row.state, row.released_by, row.released_at = RuleSet.State.RELEASED, by, now
    row.save(update_fields=["state", "released_by", "released_at"])
    ApprovalPair.objects.create(
        maker=row.made_by,
        checker=by,
        about=f"rules:{row.uid}",
        made_at=row.made_at,
        checked_at=now,
    )
    event = ConfigChanged(
        subject="rule-set",
        name=row.name,
        sha256=bytes(row.sha256),
        from_=row.valid_from.isoformat(),
        who={"actor": by.ref, "maker": row.made_by.ref},
    )
    append(event=event, at=now, subject=by.ref)
    transaction.on_commit(rules.forget)
    return row


def _paid_beyond(row: RuleSet) -> bool:
    """A trip that reaches into the days of these rules, and was settled by those before."""
    paid = Settlement.objects.filter(voided_at=None, trip__ends_at__gte=begins(row))
    return paid.exists()
