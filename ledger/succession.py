"""How the log's two keys follow one another (log.md §9): whose turn it is, and what says so.

    heirs made ─▶ a note signed by old and new ─▶ its leaf ─▶ the first head behind that leaf,
    signed by the heir ─▶ the heir takes the name of its key

The head file is the one memory: an heir is in use once it has signed the last head, so that the
turn passes in the same rename that keeps the head. Killed before it, the old key signs on; after
it, never again. The signer believes a leaf, not whoever asks: it sees the note, which only it
could sign, and the proof that the leaf is where it is said to be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from attest.errors import LeafMalformed, LogInconsistent, NoteRefused, ProofRefused
from attest.log.leaf import KeyRotated, leaf_hash, read_leaf
from attest.log.merkle import verify_inclusion
from attest.log.note import (
    SigningKey,
    VerifyingKey,
    is_signed_by,
    sign_note,
    unsigned_text,
)
from attest.log.proof import Checkpoint
from attest.log.trust import Rotation, signed_rotation
from ledger.adapters import signer_socket
from ledger.adapters.head_file import read_head
from ledger.models import Landmark, Leaf
from vault import keyring
from vault.keyring import heirs

Signers = tuple[SigningKey, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """The leaf *index*, a rotation, with its way up to the head that is asked for."""

    index: int
    entry: bytes
    proof: Sequence[bytes]


# -- the signer ---------------------------------------------------------------------------


def turn(head: str) -> Signers:
    """Who signs what follows *head*, the last one that was signed."""
    # Heirs first: one that takes its name meanwhile is then read under that.
    waiting = [heir for heir in keyring.log_heirs() if head and is_signed_by(head, heir.verifying)]
    return tuple(_heir(key, waiting) for key in keyring.log_signers())


def passed(signers: Signers, said: Handover, *, since: int, after: Checkpoint) -> Signers:
    """Who signs behind *said*, a leaf of *after* that no head of up to *since* leaves covers."""
    try:
        leaf = read_leaf(said.entry)
        verify_inclusion(
            leaf_hash(said.entry),
            index=said.index,
            size=after.size,
            proof=said.proof,
            root=after.root,
        )
        rotation = signed_rotation(leaf.get("note", ""))
    except (LeafMalformed, ProofRefused, NoteRefused) as wrong:
        raise LogInconsistent("no rotation of the log's keys stands there") from wrong
    # Else heads behind the leaf were signed by the old key already: two stories of one log.
    if leaf["t"] != KeyRotated.t or said.index < since:
        raise LogInconsistent("a rotation stands behind the last head, or nowhere")
    known = {heir.verifying: heir for heir in keyring.log_heirs()}
    if (rotation.origin, rotation.role) != (settings.LOG_ORIGIN, "log"):
        raise LogInconsistent("a rotation of other keys than the log's")
    if rotation.new not in known or rotation.old not in {one.verifying for one in signers}:
        raise LogInconsistent("a rotation of keys that are not here")
    return tuple(_heir(key, [known[rotation.new]]) for key in signers)


def rotation_notes(*, now: datetime) -> list[str]:
    """What the log is to say: each key in use and its heir, signed by both.

    ``LogInconsistent`` where the keys here are not those in use: the leaf could not be taken back.
    """
    held = in_use()
    pairs = [
        (key, heir)
        for key in held
        for heir in keyring.log_heirs()
        if heir.verifying.kind is key.verifying.kind and heir.verifying != key.verifying
    ]
    return [
        sign_note(
            Rotation(settings.LOG_ORIGIN, "log", old.verifying, new.verifying, now).text(),
            [old, new],
        )
        for old, new in pairs
    ]


def in_use() -> Signers:
    """Whose turn it is; ``LogInconsistent`` unless each of them has signed the last head."""
    head = read_head()
    held = turn(head)
    # Keys of an old backup, put back behind their rotation, have no say and get no heirs.
    if head and not all(is_signed_by(head, key.verifying) for key in held):
        raise LogInconsistent("the log keys here did not sign the last head: an old backup?")
    return held


def crowned() -> bool:
    """Whether a rotation ended here: its heirs are in use, and take the names of their keys."""
    waiting, head = keyring.log_heirs(), read_head()
    if not waiting or not all(head and is_signed_by(head, heir.verifying) for heir in waiting):
        return False
    heirs.crown(waiting)
    return True


def _heir(key: SigningKey, waiting: Sequence[SigningKey]) -> SigningKey:
    kind = key.verifying.kind
    return next((heir for heir in waiting if heir.verifying.kind is kind), key)


# -- who asks it --------------------------------------------------------------------------


def rotations_since(size: int, until: int, *, roles: Collection[str] = ("log",)) -> Iterator[Leaf]:
    """The leaves in [*size*, *until*) by which keys of *roles* follow one another, in order."""
    hashes = Landmark.objects.filter(t=KeyRotated.t).values("leaf_hash")
    rows = Leaf.objects.filter(leaf_hash__in=hashes, index__gte=size, index__lt=until)
    for row in rows.order_by("index"):
        if read_leaf(bytes(row.entry))["role"] in roles:
            yield row


def first_said(size: int, until: int) -> Iterator[Leaf]:
    """Of these leaves those by which something changes: a rotation said again is none.

    ``LogInconsistent`` where one of them says none at all.
    """
    known: set[tuple[VerifyingKey, VerifyingKey]] = set()
    for row in rotations_since(0, until):
        try:
            said = Rotation.parse(unsigned_text(read_leaf(bytes(row.entry))["note"]))
        except NoteRefused as wrong:
            raise LogInconsistent("no rotation of the log's keys stands there") from wrong
        if row.index >= size and (said.old, said.new) not in known:
            yield row
        known.add((said.old, said.new))


def asked_notes(*, now: datetime) -> list[str]:
    """The notes of a rotation that was begun; the heirs are made here, or at the signer's."""
    if settings.SIGNER:
        return signer_socket.ask_rotation(settings.SIGNER)
    in_use()
    heirs.make()
    return rotation_notes(now=now)


def asked_to_end() -> bool:
    """Whether a rotation ended now: the heirs had signed, and their keys are gone."""
    if settings.SIGNER:
        return signer_socket.ask_end(settings.SIGNER)
    return crowned()
