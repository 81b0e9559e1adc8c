"""A witness: cosigns a head only if it follows from the last one it cosigned.

It keeps one thing, the last checkpoint; whoever holds the log's keys cannot show it
another history later. The answers are C2SP's (tlog-witness): 200 cosigned, 400 not a
request or smaller, 403 not signed by the log, 404 another log, 409 not from where this witness
stands or another root at its size, 422 a proof that does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from attest.errors import NoteRefused, ProofRefused

from . import merkle
from .note import Kind, VerifyingKey, cosigned, ed25519_public, ed25519_sign, unsigned_text
from .proof import AddCheckpoint, Checkpoint, open_checkpoint
from .strict64 import encode64
from .trust import Trust


@dataclass(frozen=True, slots=True)
class Answer:
    """*held* is the note to keep from now on, before *body* is shown; empty for a refusal."""

    status: int
    body: str
    held: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    name: str
    seed: bytes

    @property
    def verifying(self) -> VerifyingKey:
        return VerifyingKey(self.name, Kind.COSIGNATURE, ed25519_public(self.seed))

    def line(self, text: str, *, time: int) -> str:
        """The cosignature line over *text*, seen at *time*."""
        key = self.verifying
        signed = ed25519_sign(self.seed, cosigned(time, text.encode()))
        return f"— {key.name} {encode64(key.id + time.to_bytes(8, 'big') + signed)}\n"

    def answer(self, request: str, *, held: str, trust: Trust, time: int) -> Answer:
        """*held* is the last note this witness cosigned, or nothing."""
        logs = replace(trust, witnesses={}, groups=(), quorum="none")
        try:
            asked = AddCheckpoint.parse(request)
            claimed = Checkpoint.parse(unsigned_text(asked.note))
            if claimed.origin != trust.origin:
                return Answer(404, "")
            found = open_checkpoint(asked.note, logs)
            last = Checkpoint.parse(unsigned_text(held)) if held else _nothing(trust)
        except ProofRefused:
            return Answer(400, "")
        except NoteRefused as no:
            return Answer(403 if no.why in {"bad_signature", "no_log_key"} else 400, "")
        return self._judge(asked, found, last, time)

    def _judge(
        self, asked: AddCheckpoint, found: Checkpoint, last: Checkpoint, time: int
    ) -> Answer:
        if asked.old > found.size:
            return Answer(400, "")
        if asked.old != last.size or (found.size == last.size and found.root != last.root):
            return Answer(409, f"{last.size}\n")
        try:
            merkle.verify_consistency(
                old=last.size,
                new=found.size,
                old_root=last.root,
                new_root=found.root,
                proof=asked.proof,
            )
        except ProofRefused:
            return Answer(422, "")
        return Answer(200, self.line(found.text(), time=time), asked.note)


def _nothing(trust: Trust) -> Checkpoint:
    return Checkpoint(trust.origin, 0, merkle.EMPTY)
