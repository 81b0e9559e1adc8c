"""An auditor signs that they looked through the access diary of a month."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, Person
from accounts.selectors import may_audit
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.errors import MoveRefused, NotYours
from attest.log.leaf import ConfigChanged
from audit.models import AccessReview
from audit.reviewing import ACTION, bounds, readers_of, review_hash
from ledger.services.append import append


@transaction.atomic
def sign_review(
    auditor: Person, *, month: str, note: str, step_up: Answer, now: datetime
) -> AccessReview:
    """Of a month that is over, once, over the numbers as they stand now.

    Whoever has something unusual in it says so in the note; nobody signs without having
    something to read.
    """
    if not may_audit(auditor, at=now):
        raise NotYours("an auditor signs for the diary")
    Organisation.objects.select_for_update().get(pk=auditor.organisation_id)
    span = bounds(month)
    if span is None or span[1] > now:
        raise MoveRefused("this month is not over yet")
    if AccessReview.objects.filter(organisation=auditor.organisation, month=month).exists():
        raise MoveRefused("this month was signed already")
    readers = readers_of(auditor.organisation, month)
    if any(one.unusual for one in readers) and not note.strip():
        raise MoveRefused("what is unusual needs a word")
    digest = review_hash(auditor.organisation, month, readers)
    use_step_up(
        auditor,
        step_up_uid=step_up.uid,
        proof=step_up.proof,
        action=ACTION,
        batch_hash=digest,
        now=now,
    )
    event = ConfigChanged(
        subject="setting",
        name=f"access-review-{month}",
        sha256=digest,
        who={"actor": auditor.ref},
    )
    append(event=event, at=now, subject=auditor.ref)
    return AccessReview.objects.create(
        organisation=auditor.organisation,
        month=month,
        digest=digest,
        note=note.strip()[:500],
        signed_by=auditor,
        signed_at=now,
    )
