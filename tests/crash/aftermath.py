"""What stands when it is over, held against all that anybody outside was told."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from attest.log.leaf import leaf_hash
from attest.log.strict64 import encode64
from ledger.models import Head, Leaf, Outbox
from ledger.services.check_log import check_log
from tests.attest.log.naive import Naive
from trips.models import CheckIn

from .load import Heard


def faults(heard: Heard) -> Iterator[str]:
    yield from heard.faults
    rows = {
        str(row.client_id): row
        for row in CheckIn.objects.only("client_id", "spoken", "leaf_hash").iterator()
    }
    leaves = [bytes(row.leaf_hash) for row in Leaf.objects.order_by("index").iterator()]
    places = {hashed: index for index, hashed in enumerate(leaves)}
    yield from _touches(heard, rows, places)
    yield from _log(heard, leaves)


def _touches(heard: Heard, rows: dict[str, CheckIn], places: dict[bytes, int]) -> Iterator[str]:
    for name, number in heard.answers.items():
        if name not in rows:
            yield f"touch {name} was acknowledged and is lost"
        elif rows[name].spoken != number:
            yield f"touch {name} is not the one that was acknowledged"
    for name, row in rows.items():
        if bytes(row.leaf_hash) not in places:
            yield f"touch {name} stands in no log"
    for names in heard.order:
        told = [places.get(bytes(rows[name].leaf_hash), -1) for name in names if name in rows]
        if any(later <= earlier for earlier, later in pairwise(told)):
            yield "a touch that was answered earlier has a later place"


def _log(heard: Heard, leaves: list[bytes]) -> Iterator[str]:
    if fault := check_log():
        yield f"the log says of itself: {fault}"
    if len(set(leaves)) != len(leaves):
        yield "a leaf stands twice"
    if waiting := Outbox.objects.count():
        yield f"{waiting} leaves still wait"
    lines: dict[str, list[tuple[int, str, bytes]]] = defaultdict(list)
    entries = Leaf.objects.order_by("index").values_list("index", "entry", "leaf_hash")
    for number, (index, entry, hashed) in enumerate(entries.iterator()):
        if number != index or leaf_hash(bytes(entry)) != bytes(hashed):
            yield f"leaf {index} is not what it is called"
        said = json.loads(bytes(entry))
        if "trip" in said:
            lines[said["trip"]].append((said["n"], said["pc"], bytes(hashed)))
    for trip, line in lines.items():
        links = ["", *(encode64(hashed) for _, _, hashed in line[:-1])]
        if [(n, pc) for n, pc, _ in line] != list(enumerate(links)):
            yield f"the leaves of trip {trip} are not in their order"
    yield from _heads(heard, leaves)


def _heads(heard: Heard, leaves: list[bytes]) -> Iterator[str]:
    """Every head that was ever shown is a head of the log that stands now."""
    head, tree = Head.objects.get(), Naive(leaves)
    shown = heard.heads | {head.size: encode64(bytes(head.root))}
    for size, root in shown.items():
        if size > len(leaves) or encode64(tree.tree_hash(0, size)) != root:
            yield f"the head of {size} leaves that was shown is none of this log"
    if not heard.heads:
        yield "no head was ever shown"
    if head.size != len(leaves):
        yield "the head does not cover the log"
