"""New keys are announced in the log: their names and the hashes of their public halves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from attest.log.leaf import ConfigChanged
from ledger.keys import Made
from ledger.outbox import put

ORGANISATION = "org-log"


@transaction.atomic
def announce_keys(made: Iterable[Made], *, at: datetime) -> None:
    for key in made:
        event = ConfigChanged(
            subject="key", name=key.name, sha256=key.sha256, who={"actor": "command"}
        )
        put(event=event, at=at, subject=ORGANISATION)
