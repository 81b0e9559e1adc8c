"""The keys under log receipts, and that under exports, get their heirs (log.md §2, §9).

    heirs made ─▶ a note signed by old and new, kept ─▶ each heir takes the name of its key ─▶
    the leaf commits ─▶ a head covers it, and the note is kept no longer

An heir is in use before the leaf that says so commits: what the old key signed lies before its
end, of which an auditor believes nothing later. Killed on the way, the command run again ends
what was begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from attest.errors import LogInconsistent
from attest.log.leaf import KeyRotated
from attest.log.note import sign_note, unsigned_text
from attest.log.trust import Rotation, mark_of
from ledger.contradiction import contradiction
from ledger.models import Landmark, Leaf
from ledger.outbox import heir_digest, put
from ledger.selectors import newest_checkpoint
from ledger.sequencer import lock, run
from ledger.signer import trust
from vault.keyring import heirs


def rotate_papers(role: str, *, clock: Callable[[], datetime]) -> bool:
    """Whether a signed head says it: else the log could not be signed now, and a next time does.

    Run again after a sudden end it ends what was begun, and begins nothing. *clock* is asked
    when the time of the handover is known. ``LogInconsistent`` where a leaf would be in vain.
    """
    with heirs.editing():
        if fault := contradiction():
            raise LogInconsistent(fault)
        _expect_in_use(role)
        handed = _handed(role)
        if not handed and len(heirs.waiting(role)) < len(heirs.PEMS[role]):
            heirs.make(role)
        _hand_over(role, handed, clock)
        run(now=clock())
        if not _is_signed(handed.values()):
            return False
        heirs.drop_handovers(handed)
        return True


def _expect_in_use(role: str) -> None:
    """Keys of an old backup, put back behind their rotation, get no heirs."""
    if set(trust().lineage(role).now) != {one.verifying for one in heirs.signers(role)}:
        raise LogInconsistent(f"the {role} keys here are not those in use: an old backup?")


def _handed(role: str) -> dict[str, str]:
    """Notes of heirs that have their names, by that; one of an heir that has not is void."""
    held = {
        pem: key.verifying for pem, key in zip(heirs.PEMS[role], heirs.signers(role), strict=True)
    }
    kept = heirs.handovers(role)
    done = {
        pem: note
        for pem, note in kept.items()
        if Rotation.parse(unsigned_text(note)).new == held[pem]
    }
    heirs.drop_handovers(kept.keys() - done.keys())
    return done


@transaction.atomic
def _hand_over(role: str, handed: dict[str, str], clock: Callable[[], datetime]) -> None:
    """A leaf each, once, and the names; *handed* grows by what is said now."""
    # Whoever says it at the same time, from another server, is seen or waits.
    lock()
    coming = heirs.waiting(role)
    held = dict(zip(heirs.PEMS[role], heirs.signers(role), strict=True))
    now = clock()
    # Of receipts the time says when a key ended: a key ends behind the one before it.
    ends = [one.until for one in trust().receipt_retired] if role == "receipt" else []
    if coming and any(end >= mark_of(now) for end in ends):
        raise LogInconsistent("the clock stands behind the last rotation")
    for pem, heir in coming.items():
        old = held[pem]
        rotation = Rotation(settings.LOG_ORIGIN, role, old.verifying, heir.verifying, now)
        handed[pem] = sign_note(rotation.text(), [old, heir])
        heirs.keep_handover(pem, handed[pem])
    heirs.crown(coming.values(), role)
    for note in handed.values():
        if not Landmark.objects.filter(t=KeyRotated.t, sha256=heir_digest(note)).exists():
            event = KeyRotated(role=role, note=note, who={"actor": "command"})
            put(event=event, at=now, subject="org-log")


def _is_signed(notes: Iterable[str]) -> bool:
    newest = newest_checkpoint()
    digests = [heir_digest(note) for note in notes]
    hashes = Landmark.objects.filter(t=KeyRotated.t, sha256__in=digests).values("leaf_hash")
    size = newest.size if newest else 0
    return Leaf.objects.filter(leaf_hash__in=hashes, index__lt=size).count() == len(digests)
