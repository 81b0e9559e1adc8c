"""A fresh signature over one deed (security.md §2).

challenge = SHA-256("tripseal/step-up/1" 00 action 00 batch hash nonce)
step_up   = {"id": uid of the row, "proof": the passkey's proof over that challenge}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Self
from uuid import UUID

from django.conf import settings

from accounts.models import Person, StepUp
from accounts.passkeys import Proof, b64, verify
from attest.errors import BatchChanged, RecordMalformed, StepUpRefused

LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Answer:
    uid: UUID
    proof: Proof

    @classmethod
    def read(cls, said: object) -> Self:
        """From the form field ``step_up`` (JSON text) or a JSON body (an object).

        Nothing there is ``step-up.refused``, for without script a form comes without it;
        something else there is ``record.malformed``.
        """
        if not said:
            raise StepUpRefused("no step-up came with the deed")
        value = _parsed(said) if isinstance(said, str) else said
        if not isinstance(value, Mapping) or set(value) != {"id", "proof"}:
            raise RecordMalformed("a step-up has an id and a proof")
        if not isinstance(value["proof"], Mapping):
            raise RecordMalformed("the proof of a step-up is an object")
        try:
            uid = UUID(str(value["id"]))
        except ValueError as wrong:
            raise RecordMalformed("the id of a step-up is a UUID") from wrong
        return cls(uid, Proof.read(value["proof"]))


def encoded(batch_hash: bytes) -> str:
    """How a page or a program names the batch it asks to sign."""
    return b64(batch_hash)


def challenge_of(asked: StepUp) -> bytes:
    parts = (b"tripseal/step-up/1", asked.action.encode(), bytes(asked.batch_hash))
    return sha256(b"\0".join(parts) + bytes(asked.nonce)).digest()


def spend(
    person: Person, *, answer: Answer, action: str, batch_hash: bytes, now: datetime
) -> StepUp:
    """Use the step-up up for this deed over this batch, or refuse."""
    asked = StepUp.objects.filter(uid=answer.uid, person=person, action=action).first()
    if asked is None or not timedelta(0) <= now - asked.issued_at <= LIFE:
        raise StepUpRefused("no such step-up, or not fresh")
    if bytes(asked.batch_hash) != batch_hash:
        raise BatchChanged("what was signed is no longer what stands")
    _check(person, answer.proof, challenge_of(asked))
    # One statement decides between two that come at once.
    if not StepUp.objects.filter(pk=asked.pk, used_at=None).update(used_at=now):
        raise StepUpRefused("this step-up was used")
    asked.used_at = now
    return asked


def _check(person: Person, proof: Proof, challenge: bytes) -> None:
    said = verify(proof, person=person, challenge=challenge)
    if not said.live:
        raise StepUpRefused("not signed by a passkey that stands")
    if not said.user_verified:
        raise StepUpRefused("the passkey did not ask who holds it")
    # A key that travels through a cloud account is not bound to one person's hardware.
    if said.synced and not settings.DEMO:
        raise StepUpRefused("a synced passkey does not settle or export")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise RecordMalformed("a step-up is JSON") from wrong
