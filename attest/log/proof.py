"""The papers of the log: text on one side, values on the other.

    checkpoint      origin, size, root: how long the log is and what it adds up to
    tlog-proof      one leaf's way up to a checkpoint, in one file
    receipt         the promise to merge a leaf by a given time

Text is read only after its signatures held. A refused note names in ``why`` what is
wrong with it, or, once it is known to be ours, ``checkpoint.malformed`` or
``checkpoint.origin``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from attest.errors import LeafMalformed, NoteRefused, ProofRefused

from . import merkle
from .leaf import read_time, time_text
from .note import Note, VerifyingKey, is_signed_by, open_note, unsigned_text
from .strict64 import decode64, decode_hash, encode64
from .trust import Trust, mark_of, read_number

MERGED_WITHIN: Final = timedelta(hours=1)
# Who read the old key a moment before its heir took its place may still sign with it; and the
# clocks of two servers differ.
_PASSING_ON: Final = timedelta(seconds=10)

_PROOF: Final = "c2sp.org/tlog-proof@v1"
_RECEIPT: Final = "tripseal/receipt/v1"
_MOST_HASHES: Final = 63


# Checkpoints


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Exactly three lines; the empty log has the one root it can have."""
        try:
            origin, size, root, end = text.split("\n")
            read = cls(origin, read_number(size), decode_hash(root))
        except ValueError as wrong:
            raise NoteRefused("checkpoint.malformed") from wrong
        if end or not origin or (read.size == 0 and read.root != merkle.EMPTY):
            raise NoteRefused("checkpoint.malformed")
        return read


def open_checkpoint(note: str, trust: Trust) -> Checkpoint:
    """The checkpoint, signed by every log key active at its size and a quorum of witnesses."""
    return witnessed_checkpoint(note, trust)[0]


def witnessed_checkpoint(note: str, trust: Trust) -> tuple[Checkpoint, Note]:
    """The same, with the lines that held: which witnesses, and when."""
    opened = open_note(note, [*_log_keys(note, trust), *trust.witnesses.values()])
    checkpoint = Checkpoint.parse(opened.text)
    if checkpoint.origin != trust.origin:
        raise NoteRefused("checkpoint.origin")
    if not trust.has_quorum(opened.signers):
        raise NoteRefused("quorum")
    return checkpoint, opened


def _log_keys(note: str, trust: Trust) -> tuple[VerifyingKey, ...]:
    if not trust.retired:
        return trust.log
    # Whom to ask depends on the size in the text; what they signed is that same text.
    try:
        return trust.log_at(Checkpoint.parse(unsigned_text(note)).size)
    except NoteRefused:
        return trust.log


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """What a witness is asked (C2SP tlog-witness): from *old* leaves to the note's, by *proof*."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        return "\n".join([f"old {self.old}", *map(encode64, self.proof)]) + "\n\n" + self.note

    @classmethod
    def parse(cls, text: str) -> Self:
        head, blank, note = text.partition("\n\n")
        first, *rest = head.split("\n")
        try:
            if not first.startswith("old ") or not blank or len(rest) > _MOST_HASHES:
                raise ProofRefused("shape")
            return cls(read_number(first[4:]), tuple(map(decode_hash, rest)), note)
        except ValueError as wrong:
            raise ProofRefused("shape") from wrong


# Proofs of one leaf


@dataclass(frozen=True, slots=True)
class TlogProof:
    """*checkpoint* is a note as it came. *extra* is opaque and never trusted."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def text(self) -> str:
        extra = [] if self.extra is None else [f"extra {encode64(self.extra)}"]
        head = [_PROOF, *extra, f"index {self.index}", *map(encode64, self.hashes)]
        return "\n".join(head) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> Self:
        head, _, checkpoint = text.partition("\n\n")
        try:
            return cls._of(head.split("\n"), checkpoint)
        except ValueError as wrong:
            raise ProofRefused("shape") from wrong

    @classmethod
    def _of(cls, head: list[str], checkpoint: str) -> Self:
        first, *rest = head
        extra = None
        if rest and rest[0].startswith("extra "):
            extra, rest = decode64(rest[0].removeprefix("extra ")), rest[1:]
        if first != _PROOF or not rest or not rest[0].startswith("index "):
            raise ProofRefused("shape")
        index = read_number(rest[0].removeprefix("index "))
        return cls(index, tuple(map(decode_hash, rest[1:])), checkpoint, extra)


def verify_proof(proof: TlogProof, leaf_hash: bytes, trust: Trust) -> tuple[Checkpoint, Note]:
    """The checkpoint over the leaf: ProofRefused or NoteRefused if there is none."""
    checkpoint, opened = witnessed_checkpoint(proof.checkpoint, trust)
    merkle.verify_inclusion(
        leaf_hash,
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root=checkpoint.root,
    )
    return checkpoint, opened


# Receipts


@dataclass(frozen=True, slots=True)
class Receipt:
    """The leaf will be in the log an hour after *at*."""

    origin: str
    leaf_hash: bytes
    at: datetime

    @property
    def merge_by(self) -> datetime:
        return self.at + MERGED_WITHIN

    def text(self) -> str:
        times = [time_text(self.at), time_text(self.merge_by)]
        return "\n".join([_RECEIPT, self.origin, encode64(self.leaf_hash), *times]) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            _, origin, leaf_hash, at, _, _ = text.split("\n")
            read = cls(origin, decode_hash(leaf_hash), read_time(at))
        except (ValueError, LeafMalformed) as wrong:
            raise NoteRefused("malformed") from wrong
        if not origin or read.text() != text:
            raise NoteRefused("malformed")
        return read


def open_receipt(note: str, trust: Trust) -> Receipt:
    """The receipt, signed by a key of each kind that stood at its time; ``NoteRefused``.

    ``key_ended`` where the keys that signed had been followed by others by then.
    """
    receipt = Receipt.parse(open_note(note, _receipt_keys(note, trust)).text)
    if receipt.origin != trust.origin:
        raise NoteRefused("malformed")
    return receipt


def _receipt_keys(note: str, trust: Trust) -> tuple[VerifyingKey, ...]:
    """Whom to ask: of each kind those who signed, if they might; else the keys of now."""
    keys = trust.lineage("receipt")
    if not keys.retired:
        return keys.now
    # Which keys to ask depends on the time in the text; what they signed is that same text.
    at = Receipt.parse(unsigned_text(note)).at
    signed = {key for key in keys.every if is_signed_by(note, key)}
    standing = signed.intersection(keys.standing(mark_of(at - _PASSING_ON)))
    kinds = {key.kind for key in keys.now}
    if kinds <= {key.kind for key in signed} and not kinds <= {key.kind for key in standing}:
        raise NoteRefused("key_ended")
    return (*standing, *(key for key in keys.now if key.kind not in {k.kind for k in standing}))
