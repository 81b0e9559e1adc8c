"""An administrator writes another version of the weights down. It judges nothing yet."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import Person
from trips.models import WeightSet
from trips.weighing import checked
from trips.writing import reasoned


@transaction.atomic
def draft_weights(text: str, *, by: Person, reason: str, now: datetime) -> WeightSet:
    """Refused with ``WeightsRefused`` unless it is whole and new; kept byte for byte."""
    draft = checked(text)
    return WeightSet.objects.create(
        version=draft.weights_version,
        text=text,
        digest=sha256(text.encode()).digest(),
        reason=reasoned(reason),
        made_by=by,
        made_at=now,
    )
