"""The write path of the log: a leaf, its openings and its place in the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Deed:
    """An event of one trip among those of many."""

    event: Event
    trip: TripLine


def put(*, event: Event, at: datetime, trip: TripLine | None = None, subject: str = "") -> Entry:
    """Put *event* into the outbox and say which leaf it will be.

    *subject* names whose keys seal the openings of an event that belongs to no trip.
    """
    _refuse_alone()
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
    _have_it_placed()
    return Entry(leaf.hash, n)


def put_all(deeds: Sequence[Deed], *, at: datetime) -> list[Entry]:
    """Put what befalls many trips, each once, into the outbox: as many statements as for one."""
    _refuse_alone()
    if not deeds:
        return []
    heads = _heads_of(deed.trip for deed in deeds)
    known = set(heads)
    leaves, openings = [], list[Opening]()
    for deed in deeds:
        event = _in_its_spelling(deed.event)
        leaf, heads[deed.trip.log_id] = _built(deed.trip, event, at, heads.get(deed.trip.log_id))
        leaves.append(leaf)
        openings += _openings(leaf, deed.trip)
        _mark(event, leaf.hash)
    if len(heads) != len(deeds):
        raise LogInconsistent("a trip has one next leaf, not two")
    TripHead.objects.bulk_create(head for name, head in heads.items() if name not in known)
    # They are there, and held.
    TripHead.objects.bulk_create(
        [head for name, head in heads.items() if name in known],
        update_conflicts=True,
        unique_fields=["trip"],
        update_fields=["n", "leaf_hash", "hashes"],
    )
    Outbox.objects.bulk_create(Outbox(entry=one.entry, leaf_hash=one.hash, at=at) for one in leaves)
    Opening.objects.bulk_create(openings)
    _have_it_placed()
    return [
        Entry(leaf.hash, heads[deed.trip.log_id].n)
        for leaf, deed in zip(leaves, deeds, strict=True)
    ]


def _refuse_alone() -> None:
    if not connection.in_atomic_block:
        raise LogInconsistent("a leaf commits with its deed: open a transaction first")


def _have_it_placed() -> None:
    # Robust: the deed is done and answered for. A log that cannot be signed is written to
    # the error log and turns /readyz red; the leaf waits in the outbox.
    transaction.on_commit(soon, robust=True)


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
    known = _HEAD.first(trip=trip.log_id)
    leaf, head = _built(trip, event, at, known)
    if known is None:
        insert(head)
    else:
        update(head, "n", "leaf_hash", "hashes")
    return leaf, head.n


def _built(
    trip: TripLine, event: Event, at: datetime, head: TripHead | None
) -> tuple[Leaf, TripHead]:
    """The next leaf of *trip* after *head*, and the head it will have then."""
    n, pc = (head.n + 1, bytes(head.leaf_hash)) if head else (0, b"")
    leaf = build(event, at=at, salts=_salts(event), trip=trip.log_id, n=n, pc=pc or None)
    hashes = (bytes(head.hashes) if head else b"") + leaf.hash
    return leaf, TripHead(pk=trip.log_id, n=n, leaf_hash=leaf.hash, hashes=hashes)


def _heads_of(trips: Iterable[TripLine]) -> dict[str, TripHead]:
    """Of those that have a leaf, by log id, and held: in one order, whoever holds several."""
    names = [trip.log_id for trip in trips]
    rows = TripHead.objects.select_for_update().filter(pk__in=names)
    return {head.pk: head for head in rows.order_by("pk")}


def histories_of(trips: Iterable[TripLine]) -> dict[str, tuple[int, bytes]]:
    """How many leaves each has, and the digest over them (log.md §3); locks their lines."""
    return {
        name: (head.n + 1, sha256(bytes(head.hashes)).digest())
        for name, head in _heads_of(trips).items()
    }


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
