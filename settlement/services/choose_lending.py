"""An administrator decides whether the office's desks may hold opening keys."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, Person
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.log.leaf import ConfigChanged
from ledger.services.append import append
from settlement.lending import CHOICE, choice_hash


@transaction.atomic
def choose_lending(by: Person, *, choice: str, signed: Answer, now: datetime) -> None:
    """The office's setting and its leaf. Keys lent before stay lent until their time is over."""
    office = Organisation.objects.select_for_update().get(pk=by.organisation_id)
    use_step_up(
        by,
        step_up_uid=signed.uid,
        proof=signed.proof,
        action=CHOICE,
        batch_hash=choice_hash(office, choice),
        now=now,
    )
    office.settings = office.settings | {"desk_keys": choice}
    office.save(update_fields=["settings"])
    event = ConfigChanged(subject="setting", name=f"desk-keys-{choice}", who={"actor": by.ref})
    append(event=event, at=now, subject=by.ref)
