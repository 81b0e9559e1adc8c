"""The log's own keys get their heirs: signed by both, said in the log, in use behind that leaf."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from attest.errors import LogInconsistent
from attest.log.leaf import KeyRotated
from ledger.contradiction import contradiction
from ledger.models import Landmark
from ledger.outbox import heir_digest, put
from ledger.sequencer import lock, run
from ledger.succession import asked_notes, asked_to_end
from vault.keyring.heirs import editing


def rotate_log(*, now: datetime) -> bool:
    """Whether the heirs are in use: else the log could not be signed now, and a next time ends it.

    Run again after a sudden end it ends what was begun, and begins nothing. ``KeysAway`` and
    ``LogInconsistent`` where the signer is away or refuses.
    """
    with editing():
        if asked_to_end():
            return True
        # A leaf is for good: none in a log that nobody would sign on from here.
        if fault := contradiction():
            raise LogInconsistent(fault)
        _say(asked_notes(now=now), now)
        run(now=now)
        return asked_to_end()


@transaction.atomic
def _say(notes: list[str], now: datetime) -> None:
    """A leaf each, once: what was put before the end came waits, or has its place."""
    # Whoever says it at the same time, from another server, is seen or waits.
    lock()
    for note in notes:
        if not Landmark.objects.filter(t=KeyRotated.t, sha256=heir_digest(note)).exists():
            event = KeyRotated(role="log", note=note, who={"actor": "command"})
            put(event=event, at=now, subject="org-log")
