"""A witness is named, or let go: in the log, and among those whose lines are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.db import transaction

from attest.errors import KeysUnusable
from attest.log.leaf import WitnessChanged
from attest.log.note import Kind, VerifyingKey
from ledger.models import Witness
from ledger.outbox import put


@transaction.atomic
def name_witness(name: str, *, vkey: str, action: Literal["add", "remove"], at: datetime) -> None:
    """*vkey* as ``log witness init`` printed it; KeysUnusable for any other kind of key."""
    key = VerifyingKey.parse(vkey)
    if key.kind is not Kind.COSIGNATURE:
        raise KeysUnusable("a witness has a cosignature key")
    # Under another name its lines would be kept, and found by nobody.
    if key.name != name:
        raise KeysUnusable(f"this key is that of {key.name}")
    Witness.objects.update_or_create(name=name, defaults={"vkey": vkey, "active": action == "add"})
    count = Witness.objects.filter(active=True).count()
    event = WitnessChanged(
        action=action, name=name, vkey=vkey, quorum=count, who={"actor": "command"}
    )
    put(event=event, at=at, subject="org-log")
