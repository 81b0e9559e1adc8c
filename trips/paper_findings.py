"""What stands out about the papers of a trip: in the words of ``findings/1``, accusing nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from attest.allowance import batch_from, find
from attest.values import KST
from trips.models import Paper, Trip
from trips.papering import same
from trips.rules import rule_sets

# Of one paper so many others are looked at; one is enough to ask.
_MOST = 50


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding: *said* in both languages, and the numbers of the other trips of this office."""

    code: str
    severity: str
    said: dict[str, str]
    others: tuple[str, ...]


def remarks_on(trip: Trip, papers: Sequence[Paper]) -> list[Remark]:
    """``receipt.reused`` and ``receipt.date`` over the papers of *trip*; none where none fits."""
    papers = [paper for paper in papers if paper.withdrawn_at is None]
    if not papers:
        return []
    twins = list(_twins(trip, papers))
    trips = {trip.pk: trip} | {twin.trip_id: twin.trip for _, twin in twins}
    receipts = [_receipt(paper, paper) for paper in papers]
    receipts += [_receipt(twin, paper) for paper, twin in twins]
    batch = batch_from(
        {
            "contract": "findings/1",
            "trips": [_trip(one) for one in trips.values()],
            "receipts": receipts,
        }
    )
    own = str(trip.uid)
    found = [one.as_dict() for one in find(batch, rule_sets()) if own in one.trips]
    return [_remark(one, trip, trips.values()) for one in found if one["code"] in _CODES]


_CODES = {"receipt.reused", "receipt.date"}


def _remark(found: dict[str, Any], own: Trip, trips: Any) -> Remark:
    office = own.traveller.organisation_id
    numbers = sorted(
        one.number
        for one in trips
        if one.pk != own.pk
        and str(one.uid) in found["trips"]
        and one.traveller.organisation_id == office
    )
    said = {"ko": found["ko"], "en": found["en"]}
    return Remark(found["code"], found["severity"], said, tuple(numbers))


def _twins(trip: Trip, papers: Sequence[Paper]) -> Iterator[tuple[Paper, Paper]]:
    """Each paper, and every other that is the same one and lies with another trip."""
    asked: Q = reduce(or_, (_same_as(paper) for paper in papers))
    others = (
        Paper.objects.filter(asked, withdrawn_at=None)
        .exclude(trip=trip)
        .select_related("trip__traveller")
    )
    for twin in others[:_MOST]:
        for paper in papers:
            if _marks(paper) & _marks(twin):
                yield paper, twin


def _same_as(paper: Paper) -> Q:
    mark = bytes(paper.mark) if paper.mark else None
    return same(digest=bytes(paper.digest), pixels=bytes(paper.pixels), mark=mark)


def _marks(paper: Paper) -> set[tuple[str, bytes]]:
    marks = {"digest": paper.digest, "pixels": paper.pixels, "mark": paper.mark}
    return {(name, bytes(value)) for name, value in marks.items() if value}


def _trip(trip: Trip) -> dict[str, Any]:
    return {
        "id": str(trip.uid),
        "person": trip.traveller.ref,
        "starts_at": trip.starts_at.astimezone(KST).replace(microsecond=0).isoformat(),
        "ends_at": trip.ends_at.astimezone(KST).replace(microsecond=0).isoformat(),
    }


def _receipt(paper: Paper, kin: Paper) -> dict[str, Any]:
    """*paper* under the digest of *kin*, which is the same one however it was told."""
    return {
        "trip": str(paper.trip.uid),
        "digest": bytes(kin.digest).hex(),
        "date": paper.at.astimezone(KST).date().isoformat(),
    }
