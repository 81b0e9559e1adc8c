"""An administrator decides whether receipts can be shown as a code of one minute."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, Person
from attest.log.leaf import ConfigChanged
from ledger.services.append import append


@transaction.atomic
def choose_presenting(by: Person, *, choice: str, now: datetime) -> None:
    """The office's setting and its leaf. *choice* is ``on`` or ``off``."""
    office = Organisation.objects.select_for_update().get(pk=by.organisation_id)
    office.settings = office.settings | {"presentation": choice}
    office.save(update_fields=["settings"])
    event = ConfigChanged(subject="setting", name=f"presentation-{choice}", who={"actor": by.ref})
    append(event=event, at=now, subject=by.ref)
