"""After a restore: leaves that were published and are missing here come back, or none does."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from attest.errors import LogInconsistent
from attest.log.leaf import leaf_hash, read_leaf, read_time
from attest.log.strict64 import decode_hash
from ledger.models import Head, Landmark, Leaf, Outbox, TripHead
from ledger.outbox import heir_digest
from ledger.sequencer import put_back, tree
from ledger.signer import signed_before


@transaction.atomic
def recover(entries: Sequence[bytes]) -> int:
    """Put *entries* after the leaves there are; how many came back.

    They must lead exactly to the head that lies outside the database: what cannot be
    checked against it is not taken. Their openings are not in any entry and stay lost.
    """
    head, kept = Head.objects.select_for_update().first(), signed_before()
    size = head.size if head else 0
    if kept is None:
        raise LogInconsistent("no head file: nothing to recover up to")
    if size + len(entries) != kept.size:
        raise LogInconsistent(f"{size} leaves here and {len(entries)} found, {kept.size} signed")
    if not entries:
        return 0
    rows = [
        Leaf(index=index, entry=entry, leaf_hash=leaf_hash(entry))
        for index, entry in enumerate(entries, start=size)
    ]
    for row in rows:
        _follow(row)
    latest = max(read_time(read_leaf(bytes(row.entry))["at"]) for row in rows)
    put_back(rows, latest=latest)
    if tree(kept.size).root() != kept.root:
        raise LogInconsistent(f"these entries do not add up to the {kept.size} that were signed")
    # Restored with the database, and placed already.
    Outbox.objects.filter(leaf_hash__in=[row.leaf_hash for row in rows]).delete()
    return len(rows)


def _follow(row: Leaf) -> None:
    """The line of its trip goes on from it; what a bundle must find is marked."""
    leaf, hashed = read_leaf(bytes(row.entry)), bytes(row.leaf_hash)
    if "trip" in leaf:
        known = TripHead.objects.filter(pk=leaf["trip"]).first()
        hashes = bytes(known.hashes) if known else b""
        if len(hashes) == 32 * leaf["n"]:
            said = {"n": leaf["n"], "leaf_hash": hashed, "hashes": hashes + hashed}
            TripHead.objects.update_or_create(pk=leaf["trip"], defaults=said)
        elif hashes[32 * leaf["n"] : 32 * leaf["n"] + 32] != hashed:
            raise LogInconsistent("a trip went on after the restore: recover before people work")
    marked = leaf["t"] in {"erasure", "key-rotation", "witness-change"}
    if marked or leaf.get("what") in {"rule-set", "retention"}:
        digest = decode_hash(leaf["sha256"]) if "sha256" in leaf else b""
        if leaf["t"] == "key-rotation":
            digest = heir_digest(leaf["note"])
        name = leaf["name"] if not marked else ""
        Landmark.objects.get_or_create(
            leaf_hash=hashed, defaults={"t": leaf["t"], "name": name, "sha256": digest}
        )
