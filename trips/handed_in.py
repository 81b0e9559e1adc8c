"""A file of touches that somebody else hands in: the help desk, for a phone that is broken.

    {"v": 1, "envelopes": [{id, record, proof, beacon} | {withdraws}, …]}

Whoever pressed may hand in anything, for what is wrong with it is kept as theirs. In another's
hands a file could put words into their mouth: so only what their own key signed, over a question
that was asked of them, is taken, and taken back is only what the same file brought.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts.models import Person
from attest import ticket
from attest.errors import ImportRefused, NotYours, RecordMalformed
from trips.envelope import Envelope
from trips.signing import signer_of
from trips.touch_reads import challenge_named

LARGEST, MOST = 1_048_576, 50


def read_file(raw: bytes) -> list[dict[str, Any]]:
    """Its envelopes, or ``ImportRefused``: each is judged alone afterwards."""
    if len(raw) > LARGEST:
        raise ImportRefused("import.too-large")
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as wrong:
        raise ImportRefused("import.not-json") from wrong
    envelopes = said.get("envelopes") if isinstance(said, dict) and said.get("v") == 1 else None
    if not isinstance(envelopes, list) or not all(isinstance(one, dict) for one in envelopes):
        raise ImportRefused("import.not-ours")
    if not 0 < len(envelopes) <= MOST:
        raise ImportRefused("import.empty" if not envelopes else "import.too-many-rows")
    return envelopes


def envelope_in(said: Mapping[str, Any]) -> Envelope:
    """One entry as the phone made it, or ``RecordMalformed``."""
    try:
        name, text, proof = UUID(str(said["id"])), said["record"], said["proof"]
    except (KeyError, ValueError) as wrong:
        raise RecordMalformed("not an envelope") from wrong
    beacon = said.get("beacon")
    shaped = isinstance(text, str) and isinstance(proof, dict)
    if not shaped or not isinstance(beacon, str | None) or len(beacon or "") > ticket.LONGEST:
        raise RecordMalformed("not an envelope")
    return Envelope.read(name, text, proof, beacon=beacon)


def refuse_unsigned(person: Person, envelope: Envelope) -> None:
    """``NotYours`` unless a key of *person* signed it over a question asked of *person*."""
    challenge = challenge_named(UUID(str(envelope.record.challenge)))
    if challenge is None or challenge.person_id != person.pk:
        raise NotYours("no question that was asked of this person")
    said = signer_of(person, envelope, challenge).assertion
    if said is None or not said.valid or said.device is None:
        raise NotYours("no key of this person signed it")


def withdrawn_by(said: Mapping[str, Any]) -> str | None:
    """The name of the touch an entry takes back; none where it is a touch."""
    name = said.get("withdraws")
    return name if isinstance(name, str) else None
