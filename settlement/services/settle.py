"""A clerk settles a batch: signed over exactly these rows, each trip paid once or not at all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import ApprovalPair, Person
from accounts.passkeys import Proof
from accounts.services.use_step_up import use_step_up
from attest.errors import NotPayable
from settlement.batching import ACTION, needs_second, refuse_closed, second_about, unchanged_hash
from settlement.models import Batch
from settlement.paying_out import close_and_pay, pay_here


def settle(batch: Batch, *, clerk: Person, step_up: UUID, proof: Proof, now: datetime) -> Batch:
    """Use up the step-up over the rows as they stand, then pay them one by one.

    Over the limit of one person, or with a trip that was for two to look at, the batch waits
    for a second clerk as it is. Many rows are paid by the worker.
    """
    with transaction.atomic():
        batch = _claimed(batch, clerk)
        digest = unchanged_hash(batch)
        use_step_up(
            clerk, step_up_uid=step_up, proof=proof, action=ACTION, batch_hash=digest, now=now
        )
        # After the signature: one over rows that are gone says that the batch has changed.
        if not batch.rows:
            raise NotPayable("an empty batch")
        if needs_second(batch):
            ApprovalPair.objects.create(maker=clerk, about=second_about(batch), made_at=now)
            batch.state = Batch.State.WAITING
            batch.save(update_fields=["state"])
            return batch
        close_and_pay(batch, by=clerk, now=now)
    return pay_here(batch, now=now)


def _claimed(batch: Batch, clerk: Person) -> Batch:
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    refuse_closed(batch, clerk, states={Batch.State.OPEN})
    return batch
