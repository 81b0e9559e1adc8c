"""A clerk begins a batch."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person
from settlement.models import Batch


def open_batch(*, clerk: Person, now: datetime) -> Batch:
    return Batch.objects.create(organisation=clerk.organisation, clerk=clerk, opened_at=now)
