"""What a witness is shown, and what is kept of its answer: a line beside the head it signs."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from django.db import transaction

from attest.errors import KeysUnusable, NoteRefused
from attest.log.note import Kind, Note, VerifyingKey, open_note, unsigned_text
from attest.log.proof import AddCheckpoint
from attest.log.proof import Checkpoint as Signed
from ledger.models import Anchor, Checkpoint, Witness
from ledger.selectors import newest_checkpoint
from ledger.sequencer import run, tree
from ledger.signer import trust

# How many heads back a line may sign: it was on its way while the log grew on.
_MOST_HEADS = 1_000


def request_from(old: int, *, now: datetime) -> str | None:
    """A C2SP add-checkpoint body from *old* leaves on; none if there were never so many."""
    run(now=now)
    newest = newest_checkpoint()
    if newest is None or not 0 <= old <= newest.size:
        return None
    text = unsigned_text(newest.note)
    # Without other witnesses' lines: what is asked is about the log alone.
    lines = newest.note[len(text) + 1 :].splitlines(keepends=True)[:2]
    note = text + "\n" + "".join(lines)
    return AddCheckpoint(old, tuple(tree(newest.size).consistency(old)), note).text()


@transaction.atomic
def keep_line(line: str) -> Signed:
    """The head that *line* cosigns; ``NoteRefused`` if it holds for none of the newest."""
    keys = [VerifyingKey.parse(row.vkey) for row in Witness.objects.filter(active=True)]
    if not keys:
        raise KeysUnusable("no witness is named: run `manage.py ledger_witness add` first")
    line = line.strip() + "\n"
    if not line.startswith("— ") or line.count("\n") != 1:
        raise NoteRefused("malformed")
    known = trust()
    for row in Checkpoint.objects.select_for_update().order_by("-size")[:_MOST_HEADS]:
        if line in row.note.splitlines(keepends=True):
            return Signed.parse(unsigned_text(row.note))
        try:
            found = open_note(row.note + line, [*known.log_at(row.size), *keys])
        except NoteRefused:
            continue
        if any(key in found.signers for key in keys):
            row.note += line
            row.save(update_fields=["note"])
            _remember(row.size, line, found)
            return Signed.parse(found.text)
    raise NoteRefused("bad_signature")


def _remember(size: int, line: str, found: Note) -> None:
    """As an anchor, with the time its witness says: the newest line is the one just kept."""
    seen = next(one for one in reversed(found.signatures) if one.key.kind is Kind.COSIGNATURE)
    Anchor.objects.get_or_create(
        size=size,
        kind=Anchor.Kind.WITNESS,
        digest=sha256(line.encode()).digest(),
        defaults={"blob": line.encode(), "at": datetime.fromtimestamp(seen.time, tz=UTC)},
    )
