"""A second administrator lets a version of the weights judge, from a moment on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ApprovalPair, Person
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.errors import WeightsRefused
from attest.log.leaf import ConfigChanged, time_text
from ledger.services.append import append
from trips.models import WeightSet
from trips.weighing import NOTICE, RELEASE, forget, release_hash


@transaction.atomic
def release_weights(
    row: WeightSet, *, by: Person, signed: Answer, since: datetime, now: datetime
) -> WeightSet:
    """Never by who made it, never for a time that is already judged; a release is final.

    Refused with ``WeightsRefused``: ``own``, ``released`` or ``soon``.
    """
    row = WeightSet.objects.select_for_update().get(pk=row.pk)
    if row.made_by_id == by.pk:
        raise WeightsRefused("own")
    if row.since is not None:
        raise WeightsRefused("released")
    if since < now + NOTICE or WeightSet.objects.filter(since__gte=since).exists():
        raise WeightsRefused("soon")
    use_step_up(
        by,
        step_up_uid=signed.uid,
        proof=signed.proof,
        action=RELEASE,
        batch_hash=release_hash(row, since),
        now=now,
    )
    row.released_by, row.since = by, since
    row.save(update_fields=["released_by", "since"])
    ApprovalPair.objects.create(
        maker=row.made_by,
        checker=by,
        about=f"weights:{row.version}",
        made_at=row.made_at,
        checked_at=now,
    )
    event = ConfigChanged(
        subject="weights",
        name=row.version,
        sha256=bytes(row.digest),
        from_=time_text(since),
        who={"actor": by.ref, "maker": row.made_by.ref},
    )
    append(event=event, at=now, subject=by.ref)
    transaction.on_commit(forget)
    return row
