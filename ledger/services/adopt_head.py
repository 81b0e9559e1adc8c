"""The head file is lost and somebody kept a checkpoint: the signer goes on from that one."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from hashlib import sha256

from django.db import transaction

from attest.errors import LogInconsistent
from attest.log.leaf import ConfigChanged
from attest.log.proof import Checkpoint, open_checkpoint
from ledger.adapters.head_file import read_head, write_head
from ledger.outbox import put
from ledger.selectors import newest_checkpoint
from ledger.signer import signers_trust


@transaction.atomic
def adopt_head(note: str, *, now: datetime) -> Checkpoint:
    """A leaf says so. Never over a head file, never one older than what this database signed.

    ``NoteRefused`` where *note* is not signed by both keys of the log.
    """
    if read_head():
        raise LogInconsistent("there is a head file: nothing is adopted over it")
    found, last = open_checkpoint(note, signers_trust(note)), newest_checkpoint()
    if last and last.size > found.size:
        raise LogInconsistent(f"{last.size} leaves were signed, this checkpoint has {found.size}")
    if last and last.size == found.size and bytes(last.root) != found.root:
        raise LogInconsistent(f"two roots of {last.size} leaves are signed: ask your auditor")
    # Before the leaf: on SQLite it is put into the log, and signed, as soon as it is committed.
    transaction.on_commit(partial(write_head, note, at=now))
    event = ConfigChanged(
        subject="setting",
        name="head-adopted",
        sha256=sha256(found.text().encode()).digest(),
        who={"actor": "command"},
    )
    put(event=event, at=now, subject="org-log")
    return found
