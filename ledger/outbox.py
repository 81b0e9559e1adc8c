"""The write path of the log: a leaf, its openings and its place in the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any
from unicodedata import category, normalize

from django.db import connection, transaction
from django.db.models import CharField

from attest.errors import LogInconsistent
from attest.log.leaf import (
    GROUPS,
    ConfigChanged,
    Erased,
    Event,
    KeyRotated,
    Leaf,
    WitnessChanged,
    build,
    groups,
)
from attest.log.note import unsigned_text
from attest.log.trust import Rotation
from attest.values import month_of
from ledger.models import Landmark, Opening, Outbox, TripHead
from ledger.sequencer import soon
from vault.prepared import Prepared
from vault.sealed import KeyName, seal_opening
from vault.together import insert, update

_HEAD = Prepared(
    lambda trip: TripHead.objects.select_for_update().filter(pk=trip), trip=CharField()
)


@dataclass(frozen=True, slots=True)
class TripLine:
    """The line of leaves of one trip: its random log id, whose data, which month's keys."""

    log_id: str
    subject: str
    month: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Which leaf a deed has become: its hash, and its number in the line of its trip."""

    hash: bytes
    n: int = 0


def put(*, event: Event, at: datetime, trip: TripLine | None = None, subject: str = "") -> Entry:
    """Put *event* into the outbox and say which leaf it will be.

    *subject* names whose keys seal the openings of an event that belongs to no trip.
    """
    if not connection.in_atomic_block:
        raise LogInconsistent("a leaf commits with its deed: open a transaction first")
    event = _in_its_spelling(event)
    if trip:
        leaf, n = _next_of(trip, event, at)
    else:
        leaf, n = build(event, at=at, salts=_salts(event)), 0
    line = trip or TripLine("", subject, month_of(at))
    insert(Outbox(entry=leaf.entry, leaf_hash=leaf.hash, at=at))
    if openings := _openings(leaf, line):
        insert(*openings)
    _mark(event, leaf.hash)
    # Robust: the deed is done and answered for. A log that cannot be signed is written to
    # the error log and turns /readyz red; the leaf waits in the outbox.
    transaction.on_commit(soon, robust=True)
    return Entry(leaf.hash, n)


def _mark(event: Event, leaf_hash: bytes) -> None:
    """Remember it, if a bundle must be able to find it from anywhere."""
    match event:
        case ConfigChanged(subject="rule-set" | "retention"):
            digest = event.sha256 or b""
            Landmark.objects.create(leaf_hash=leaf_hash, t=event.t, name=event.name, sha256=digest)
        case KeyRotated():
            digest = heir_digest(event.note)
            Landmark.objects.create(leaf_hash=leaf_hash, t=event.t, sha256=digest)
        case Erased() | WitnessChanged():
            Landmark.objects.create(leaf_hash=leaf_hash, t=event.t, sha256=b"")
        case _:
            return


def heir_digest(note: str) -> bytes:
    """By which the rotation to a key is found again: the hash of its vkey."""
    heir = Rotation.parse(unsigned_text(note)).new
    return sha256(heir.vkey.encode()).digest()


def _next_of(trip: TripLine, event: Event, at: datetime) -> tuple[Leaf, int]:
    # Lock, then count: two deeds of one trip pass here one after the other.
    head = _HEAD.first(trip=trip.log_id)
    n, pc = (head.n + 1, bytes(head.leaf_hash)) if head else (0, b"")
    leaf = build(event, at=at, salts=_salts(event), trip=trip.log_id, n=n, pc=pc or None)
    hashes = (bytes(head.hashes) if head else b"") + leaf.hash
    if head is None:
        insert(TripHead(pk=trip.log_id, n=n, leaf_hash=leaf.hash, hashes=hashes))
    else:
        head.n, head.leaf_hash, head.hashes = n, leaf.hash, hashes
        update(head, "n", "leaf_hash", "hashes")
    return leaf, n


def history_of(trip: TripLine) -> tuple[int, bytes]:
    """How many leaves the trip has, and the digest over them (log.md §3); locks its line."""
    head = TripHead.objects.select_for_update().get(pk=trip.log_id)
    return head.n + 1, sha256(bytes(head.hashes)).digest()


def _in_its_spelling(event: Event) -> Event:
    """*event* with people's words in the one spelling leaves take.

    Hangul typed letter by letter, a line break of a form, a tab: no deed fails for these.
    """
    said = {name: getattr(event, name, None) for name in GROUPS}
    return replace(event, **{name: _spelled(value) for name, value in said.items() if value})


def _spelled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _spelled(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(inner) for inner in value]
    return _words(value) if isinstance(value, str) else value


def _words(text: str) -> str:
    text = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.isprintable():
        return text
    return "".join(" " if category(one) == "Cc" and one != "\n" else one for one in text)


def _salts(event: Event) -> dict[str, bytes]:
    return {group: token_bytes(32) for group in groups(event)}


def _openings(leaf: Leaf, line: TripLine) -> Sequence[Opening]:
    rows = []
    for group, plain in leaf.openings.items():
        key = KeyName(line.subject, line.month, group)
        nonce, sealed = seal_opening(plain, key=key, leaf_hash=leaf.hash)
        rows.append(
            Opening(leaf_hash=leaf.hash, group=group, dek=str(key), nonce=nonce, sealed=sealed)
        )
    return rows
