"""The two true limits, against a real database: not found alone, found by one receipt or anchor.

Somebody holds the log's keys *and* the database. The last touch of a trip that goes on is taken
out, the tree built again, every head signed anew. Nothing inside such a log contradicts it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Person, Place
from attest.log.note import VerifyingKey
from attest.log.tiles import extend
from attest.log.trust import Trust
from attest.log.witness import Witness
from ledger.guarding import lowered
from ledger.models import Checkpoint, Head, Leaf, Opening, Tile, TripHead
from ledger.sequencer import tree
from ledger.services.ask_witness import ask_witness
from ledger.services.promise import promise
from ledger.services.sequence import sequence
from tests.attest.bundle.town import codes
from tests.audit.office import taken
from tests.audit.test_bundle import judged, trust
from tests.conftest import NOON
from tests.settlement.desk import EVENING, ordered, travelled
from trips.models import Trip

__all__ = ["trust"]


@pytest.fixture
def trip(ada: Person, bora: Person, site: Place) -> Trip:
    """Nobody has confirmed it yet: its last leaf is the tail of a line that goes on."""
    found = travelled(ordered(ada, bora, site))
    sequence(now=EVENING)
    return found


@pytest.fixture
def kept(trip: Trip) -> str:
    """The head that stood before, where anybody kept it."""
    return Checkpoint.objects.latest("size").note


def rewritten(trip: Trip) -> str:
    """The last touch of *trip* is gone from the log; its receipt, as it had been given."""
    touch = trip.check_ins.latest("pk")
    hashed = bytes(touch.leaf_hash)
    promised = promise(hashed, at=touch.recorded_at)
    rows = list(Leaf.objects.exclude(leaf_hash=hashed).order_by("index"))
    with lowered():
        for model in (Leaf, Tile, Checkpoint):
            model.objects.all().delete()
    Opening.objects.filter(leaf_hash=hashed).delete()
    for index, row in enumerate(rows):
        row.index = index
    Leaf.objects.bulk_create(rows)
    tiles = extend({}, [bytes(row.leaf_hash) for row in rows])
    Tile.objects.bulk_create(Tile(level=level, n=n, data=d) for (level, n), d in tiles.items())
    line = TripHead.objects.get(pk=trip.log_id)
    left = bytes(line.hashes)[:-32]
    TripHead.objects.filter(pk=line.pk).update(n=line.n - 1, hashes=left, leaf_hash=left[-32:])
    # The head file is theirs as well: the signer starts as if there had never been another.
    Path(settings.HEAD_FILE).unlink()
    with lowered():
        Head.objects.update(size=len(rows), root=root_of(len(rows)))
    sequence(now=EVENING)
    return promised


def root_of(size: int) -> bytes:
    return tree(size).root()


def test_alone_it_is_not_found_and_all_is_called_unanchored(
    trip: Trip, iris: Person, trust: Trust
) -> None:
    rewritten(trip)

    report = judged(taken(iris, form="zip"), trust)
    assert (report.exit, codes(report, "fail")) == (0, set())
    assert "anchor.none" in codes(report, "warn")
    assert report.as_dict()["unanchored"] == report.as_dict()["size"]


def test_the_travellers_receipt_finds_it(
    trip: Trip, bora: Person, site: Place, iris: Person, trust: Trust
) -> None:
    promised = rewritten(trip)
    # Life goes on: the audit is over a time in which the promise was made.
    travelled(ordered(trip.traveller, bora, site, starts_at=NOON + timedelta(days=1)))

    report = judged(taken(iris, form="zip"), trust, receipts={"ada.txt": promised})
    assert codes(report) == {"receipt.missing"}


def test_a_head_that_was_kept_on_paper_finds_it(
    trip: Trip, kept: str, iris: Person, trust: Trust
) -> None:
    rewritten(trip)

    found = codes(judged(taken(iris, form="zip"), trust, since=kept))
    assert found & {"checkpoint.inconsistent", "checkpoint.fork", "checkpoint.rollback"}


def test_a_witness_that_saw_the_log_before_finds_it(
    trip: Trip, kept: str, iris: Person, trust: Trust
) -> None:
    """It does not cosign the other history, so its quorum is not reached."""
    witness = Witness("audit.example.kr/w1", bytes(32))
    key: VerifyingKey = witness.verifying
    believed = replace(trust, witnesses={"w1": key}, quorum="w1")
    rewritten(trip)

    refused = witness.answer(asked(kept), held=kept, trust=trust, time=1_790_000_000)
    assert refused.status in {400, 409, 422}
    assert "note.quorum" in codes(judged(taken(iris, form="zip"), believed))


def asked(kept: str) -> str:
    """What the log that was written anew can show it."""
    old = int(kept.split("\n")[1])
    return ask_witness(old=old, now=EVENING) or ask_witness(old=0, now=EVENING) or ""
