"""One host, many confirmations of one traveller: listed, never judged (evidence.md §2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max

from accounts.models import Person, Role
from ledger.services.disclose import Look, Reader, disclose
from trips.models import HostAsk

PERIOD = timedelta(days=90)
# Fewer are no concentration, however large their share.
FEWEST = 3
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Pair:
    """*trips* of *traveller* that this host confirmed, of *of* that anybody did."""

    traveller: Person
    host: str
    relation: str
    trips: int
    of: int

    @property
    def percent(self) -> int:
        return 100 * self.trips // self.of


def pairs_for(auditor: Person, *, address: str, now: datetime) -> list[Pair]:
    """Most confirmations first. Whoever is on the list finds it in their diary."""
    said = HostAsk.objects.filter(
        answer=HostAsk.Answer.CONFIRMED,
        answered_at__gte=now - PERIOD,
        check_in__trip__traveller__organisation=auditor.organisation_id,
    ).order_by()
    trips = Count("check_in__trip", distinct=True)
    rows = said.values("check_in__trip__traveller", "mark").annotate(n=trips, last=Max("pk"))
    found = list(rows.filter(n__gte=FEWEST).order_by("-n", "-last")[:SHOWN])
    travellers = [row["check_in__trip__traveller"] for row in found]
    totals = said.filter(check_in__trip__traveller__in=travellers)
    of = dict(totals.values_list("check_in__trip__traveller").annotate(n=trips))
    asks = HostAsk.objects.filter(pk__in=[row["last"] for row in found])
    newest = asks.select_related("check_in__trip__traveller__department").in_bulk()
    hosts = [newest[row["last"]] for row in found]
    words = disclose(
        reader=Reader(auditor, Role.AUDITOR, address),
        looks=[Look(ask.check_in.trip.traveller, "times", ask.box()) for ask in hosts],
        method="report",
        action="audit-hosts",
        purpose="audit",
        at=now,
    )
    return [
        Pair(
            ask.check_in.trip.traveller,
            said_by.decode(),
            ask.get_relation_display(),
            row["n"],
            of[row["check_in__trip__traveller"]],
        )
        for row, ask, said_by in zip(found, hosts, words, strict=True)
    ]
