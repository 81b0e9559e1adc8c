"""The signer is witness number zero: it signs a head only when it follows from the last one.

It refuses another origin, a smaller size, another root at the same size, a consistency proof
that does not hold, a clock behind its last signature, and to start over when its head file is
gone while checkpoints exist (log.md §5). Its memory is the head file and nothing else: no
database can talk it into a second history.

In one process with the rest, or in its own (``manage.py ledger_signer``, a system user of its
own), which alone holds the keys then:

    sequencer ── text, proof ──▶ signer ── head file ──▶ note ──▶ Checkpoint
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from attest.errors import LogInconsistent, NoteRefused, ProofRefused
from attest.log.leaf import read_leaf
from attest.log.merkle import verify_consistency
from attest.log.note import SigningKey, VerifyingKey, sign_note
from attest.log.proof import Checkpoint, open_checkpoint
from attest.log.tiles import Tree
from attest.log.trust import ROLES, Rotation, Trust, signed_rotation
from ledger import models
from ledger.adapters import signer_socket
from ledger.adapters.head_file import head_written_at, read_head, write_head
from ledger.succession import Handover, first_said, passed, rotations_since, turn
from vault import keyring
from vault.keyring import heirs

BEHIND = timedelta(seconds=2)
_ALL = 1 << 62


def trust() -> Trust:
    """The log's own public keys, and those before them. What auditors are given.

    From the keys of this server on, or back, by the rotations that stand in the log.
    """
    receipt, export = _before("receipt"), _before("export")
    known = Trust(
        log=keyring.log_keys() if settings.SIGNER else signers_trust(read_head()).log,
        receipt=receipt.now,
        export=export.now,
    )
    rows = list(rotations_since(0, _ALL, roles=ROLES))
    try:
        said = [(row.index, _rotation(row)) for row in rows]
        for index, rotation in reversed(said):
            known = known.traced(rotation, index=index)
        for index, rotation in said:
            known = known.followed(rotation, index=index)
        for rotation in (*receipt.unsaid, *export.unsaid):
            known = known.followed(rotation, index=_next_index())
    except NoteRefused as wrong:
        raise LogInconsistent("the log tells of keys that do not lead to those here") from wrong
    return known


@dataclass(frozen=True, slots=True)
class _Before:
    """Who signed before the rotations that the log may not have said yet."""

    now: tuple[VerifyingKey, ...]
    unsaid: list[Rotation]


def _before(role: str) -> _Before:
    """Heirs under papers have their names before the log says so: a sudden end may lie between."""
    held = [one.verifying for one in heirs.signers(role)]
    kept = [signed_rotation(note) for note in heirs.handovers(role).values()]
    unsaid = [one for one in kept if one.new in held]
    back = {one.new: one.old for one in unsaid}
    return _Before(tuple(back.get(key, key) for key in held), unsaid)


def _next_index() -> int:
    """No leaf that waits gets a place before this one."""
    head = models.Head.objects.only("size").first()
    return max(1, head.size if head else 0)


def _rotation(row: models.Leaf) -> Rotation:
    leaf = read_leaf(bytes(row.entry))
    rotation = signed_rotation(leaf["note"])
    if (rotation.origin, rotation.role) != (settings.LOG_ORIGIN, leaf["role"]):
        raise NoteRefused("malformed")
    return rotation


def exporter() -> SigningKey:
    """Who signs a bundle for auditors; ``LogInconsistent`` for a key another took the place of."""
    signer = keyring.export_signer()
    if signer.verifying not in trust().export:
        raise LogInconsistent("the export key here is not the one in use: an old backup?")
    return signer


# -- the signer ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """*text* of an unsigned head, *proof* that it follows from the signer's own.

    *published* is the largest head the asker knows to be signed: it can only cause a refusal.
    *handed* are the rotations among the leaves that the signer has not seen.
    """

    text: str
    proof: Sequence[bytes]
    published: int
    handed: Sequence[Handover] = ()


def sign(asked: Asked, *, now: datetime) -> str:
    """The signed note, once the head file holds it; ``LogInconsistent`` for what breaks a rule."""
    after = _read(asked.text)
    if before := own_head():
        _follows(before, after, asked.proof)
        if now < head_written_at() - BEHIND:
            raise LogInconsistent("the clock stands behind the last signature")
    elif asked.published:
        raise LogInconsistent("the head file is gone while checkpoints exist")
    signers = turn(read_head())
    for one in asked.handed:
        signers = passed(signers, one, since=before.size if before else 0, after=after)
    note = sign_note(after.text(), signers)
    # The same head again: the note is the same, and so is the time it was first signed.
    if note != read_head():
        write_head(note, at=now)
    return note


def own_head() -> Checkpoint | None:
    """The checkpoint of the head file, its signatures checked; none before the first."""
    before = read_head()
    return open_checkpoint(before, signers_trust(before)) if before else None


def signers_trust(head: str) -> Trust:
    """The signer believes the two keys whose turn it is after *head*: it has no others."""
    return Trust(log=tuple(signer.verifying for signer in turn(head)))


def _read(text: str) -> Checkpoint:
    try:
        asked = Checkpoint.parse(text)
    except NoteRefused as wrong:
        raise LogInconsistent("this is no checkpoint") from wrong
    if asked.origin != settings.LOG_ORIGIN:
        raise LogInconsistent("this is another log's checkpoint")
    return asked


def _follows(before: Checkpoint, after: Checkpoint, proof: Sequence[bytes]) -> None:
    if after.origin != before.origin or after.size < before.size:
        raise LogInconsistent(f"the log went from {before.size} to {after.size} leaves")
    try:
        verify_consistency(
            old=before.size,
            new=after.size,
            old_root=before.root,
            new_root=after.root,
            proof=proof,
        )
    except ProofRefused as wrong:
        raise LogInconsistent(f"{after.size} leaves do not follow from {before.size}") from wrong


# -- who asks it --------------------------------------------------------------------------


def kept_note() -> str:
    """The last signed note, wherever it is kept; empty before the first. ``KeysAway``."""
    return signer_socket.ask_head(settings.SIGNER) if settings.SIGNER else read_head()


def signed_before() -> Checkpoint | None:
    """The checkpoint the signer keeps, its signatures checked; none before the first."""
    before = kept_note()
    return open_checkpoint(before, trust()) if before else None


def publish(tree: Tree, *, origin: str, root: bytes, now: datetime) -> None:
    """Have the head of *tree* signed and kept outside the database, then show it."""
    checkpoint, before = Checkpoint(origin, tree.size, root), signed_before()
    since = before.size if before else 0
    handed = [
        Handover(row.index, bytes(row.entry), tree.inclusion(row.index))
        for row in first_said(since, tree.size)
    ]
    last = models.Checkpoint.objects.order_by("-size").first()
    longer = before is not None and before.size < tree.size
    proof = tree.consistency(before.size) if before and longer else ()
    asked = Asked(checkpoint.text(), proof, last.size if last else 0, handed)
    if settings.SIGNER:
        note = signer_socket.ask_sign(
            settings.SIGNER,
            text=asked.text,
            proof=proof,
            published=asked.published,
            handed=[(one.index, one.entry, one.proof) for one in handed],
        )
    else:
        note = sign(asked, now=now)
    if open_checkpoint(note, trust()) != checkpoint:
        raise LogInconsistent("the signer signed something else")
    models.Checkpoint.objects.get_or_create(
        size=tree.size, defaults={"root": root, "note": note, "signed_at": now}
    )
