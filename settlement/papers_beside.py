"""The papers of a month's trips, and their twins under other trips, as facts of findings.

One paper told twice may differ in its bytes: what is the same to be seen, or by number, sum and
minute, goes under one digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from attest.values import KST
from settlement.matching import chunks
from trips.models import Paper, Trip

_MARKS = ("digest", "pixels", "mark")
# Older papers than a month's own that are the same as one of them; far more than there can be.
_MOST = 50_000


def receipts_of(trips: QuerySet[Trip]) -> list[dict[str, Any]]:
    own = list(_papers(Paper.objects.filter(trip__in=trips)))
    papers = {paper.pk: paper for paper in own}
    for some in chunks(own):
        asked = Q(pk__in=[])
        for name in _MARKS:
            asked |= Q(**{f"{name}__in": [value for one in some if (value := getattr(one, name))]})
        papers |= {paper.pk: paper for paper in _papers(Paper.objects.filter(asked))}
    return list(_told(list(papers.values())))


def _papers(papers: QuerySet[Paper]) -> QuerySet[Paper]:
    papers = papers.filter(withdrawn_at=None).select_related("trip__traveller")
    return papers.order_by("pk")[:_MOST]


def _told(papers: Sequence[Paper]) -> Iterator[dict[str, Any]]:
    first: dict[tuple[str, bytes], str] = {}
    for paper in papers:
        marks = [(name, bytes(value)) for name in _MARKS if (value := getattr(paper, name))]
        known = next((first[mark] for mark in marks if mark in first), bytes(paper.digest).hex())
        first |= dict.fromkeys(marks, known)
        yield {
            "person": paper.trip.traveller.ref,
            "trip": str(paper.trip.uid),
            "digest": known,
            "amount": paper.amount,
            "date": paper.at.astimezone(KST).date().isoformat(),
        }
