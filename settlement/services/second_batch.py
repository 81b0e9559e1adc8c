"""A second clerk agrees to a batch that one person may not settle alone, and it is paid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import ApprovalPair, Person
from accounts.passkeys import Proof
from accounts.selectors import may_settle_at_all
from accounts.services.use_step_up import use_step_up
from attest.errors import DutiesClash, MoveRefused, NotYours
from settlement.batching import ACTION, second_about, unchanged_hash
from settlement.models import Batch
from settlement.paying_out import close_and_pay, pay_here
from settlement.selectors import has_own_trips


def second_batch(
    batch: Batch, *, clerk: Person, step_up: UUID, proof: Proof, now: datetime
) -> Batch:
    """Signed over the very rows the first clerk signed; nobody is second to themselves.

    Nor may the second have travelled or approved any of the trips.
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != Batch.State.WAITING:
            raise MoveRefused("this batch waits for nobody", why=f"batch.{batch.state}")
        if batch.clerk_id == clerk.pk:
            raise DutiesClash("another clerk has to agree", why="second.own")
        digest = unchanged_hash(batch)
        if not may_settle_at_all(clerk, at=now) or has_own_trips(batch, clerk):
            raise NotYours("nobody settles what they travelled or approved")
        use_step_up(
            clerk, step_up_uid=step_up, proof=proof, action=ACTION, batch_hash=digest, now=now
        )
        pair = ApprovalPair.objects.filter(about=second_about(batch), checker=None)
        pair.update(checker=clerk, checked_at=now)
        close_and_pay(batch, by=clerk, now=now)
    return pay_here(batch, now=now)
