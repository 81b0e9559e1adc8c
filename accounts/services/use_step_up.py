"""A deed uses its signature up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Person, StepUp
from accounts.passkeys import Proof
from accounts.step_up import Answer, spend


@transaction.atomic
def use_step_up(
    person: Person,
    *,
    step_up_uid: UUID,
    proof: Proof,
    action: str,
    batch_hash: bytes,
    now: datetime,
) -> StepUp:
    """Refuse unless *person* signed this deed over this batch, just now and not before.

    Call it inside the deed's transaction: a deed that fails leaves the signature unused.
    """
    answer = Answer(step_up_uid, proof)
    return spend(person, answer=answer, action=action, batch_hash=batch_hash, now=now)
