"""An administrator says whether trips to a place need a witness (evidence.md §4.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.db import transaction

from accounts.models import Person, Place
from attest.log.leaf import ConfigChanged
from ledger.services.append import append


@transaction.atomic
def mark_place(
    place: Place, *, to: Literal["witness", "plain"], by: Person, now: datetime
) -> Place:
    """For trips that are planned from now on; what was ordered keeps what it was told."""
    place = Place.objects.select_for_update().get(pk=place.pk)
    needs = to == "witness"
    if place.needs_witness != needs:
        place.needs_witness = needs
        place.save(update_fields=["needs_witness"])
        name = f"place-{place.uid}-{to}"
        event = ConfigChanged(subject="setting", name=name, who={"actor": by.ref})
        append(event=event, at=now, subject=by.ref)
    return place
