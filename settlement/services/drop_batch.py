"""A clerk gives a batch up: none of its rows is paid by it, all can be laid into another."""

from __future__ import annotations

from django.db import transaction

from accounts.models import ApprovalPair, Person
from settlement.batching import refuse_closed, second_about
from settlement.models import Batch


@transaction.atomic
def drop_batch(batch: Batch, *, clerk: Person) -> Batch:
    """One's own, open or waiting for a second person. What was signed over it counts no more."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    refuse_closed(batch, clerk, states={Batch.State.OPEN, Batch.State.WAITING})
    ApprovalPair.objects.filter(about=second_about(batch), checker=None).delete()
    batch.state = Batch.State.DROPPED
    batch.save(update_fields=["state"])
    return batch
