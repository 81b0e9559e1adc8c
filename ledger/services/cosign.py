"""A witness's line is kept beside the head it signs, once it holds."""

from __future__ import annotations

from django.db import transaction

from attest.errors import KeysUnusable, NoteRefused
from attest.log.note import VerifyingKey, open_note, unsigned_text
from attest.log.proof import Checkpoint as Signed
from ledger.models import Checkpoint, Witness
from ledger.signer import trust


@transaction.atomic
def cosign(line: str) -> Signed:
    """The head that *line* cosigns; ``NoteRefused`` if it holds for none of the newest."""
    keys = [VerifyingKey.parse(row.vkey) for row in Witness.objects.filter(active=True)]
    if not keys:
        raise KeysUnusable("no witness is named: run `manage.py ledger_witness add` first")
    line = line.strip() + "\n"
    if not line.startswith("— ") or line.count("\n") != 1:
        raise NoteRefused("malformed")
    for row in Checkpoint.objects.select_for_update().order_by("-size")[:1_000]:
        if line in row.note.splitlines(keepends=True):
            return Signed.parse(unsigned_text(row.note))
        try:
            found = open_note(row.note + line, [*trust().log, *keys])
        except NoteRefused:
            continue
        if any(key in found.signers for key in keys):
            row.note += line
            row.save(update_fields=["note"])
            return Signed.parse(found.text)
    raise NoteRefused("bad_signature")
