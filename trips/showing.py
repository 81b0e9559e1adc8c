"""What pages and API show of a touch: the same facts, said once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import Person
from attest.record import canonical
from ledger.services.promise import promise
from trips.expected import Expected, expected_of
from trips.models import (
    Appeal,
    CheckIn,
    Companion,
    Correction,
    Decision,
    HostAsk,
    Item,
    Kind,
    Paper,
    State,
    Trip,
    Verdict,
)
from trips.policy import NEEDS
from trips.receipt import Receipt, receipt_of
from trips.selectors import newest_assessment, standing, verdict_of, with_touches
from trips.whole import whole

# By the server's clock, as the verb that takes a touch back counts it.
UNDO = timedelta(seconds=15)
TONES = {
    Verdict.SUFFICIENT: "ok",
    Verdict.SUPPLEMENT: "warn",
    Verdict.REVIEW: "review",
    Verdict.INVALID: "bad",
}
_OVER = {State.SETTLED, State.CANCELLED, State.VOIDED}


def with_all(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """All that a row, a card or the expected sum of a trip needs, in a fixed number of queries."""
    rows = trips.select_related("traveller__organisation", "traveller__workplace")
    return with_touches(rows).prefetch_related("distances", "traveller__standing_allowances")


def with_story(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """All that the page of one trip tells: who came along, what was decided, added, corrected."""
    told = [
        Prefetch("companions", queryset=Companion.objects.select_related("person")),
        Prefetch("decisions", queryset=Decision.objects.select_related("by", "instead_of")),
        Prefetch("papers", queryset=Paper.objects.select_related("upload")),
        Prefetch(
            "check_ins__host_asks", queryset=HostAsk.objects.exclude(answer="").order_by("pk")
        ),
        Prefetch("items", queryset=Item.objects.select_related("by").order_by("pk")),
        Prefetch(
            "appeals",
            queryset=Appeal.objects.select_related("by", "answered_by").order_by("pk"),
        ),
        Prefetch(
            "corrections",
            queryset=Correction.objects.select_related("by", "answered_by").order_by("pk"),
        ),
    ]
    return with_all(trips).prefetch_related(*told)


@dataclass(frozen=True, slots=True)
class ShownTrip:
    """A trip as a row or a card shows it."""

    trip: Trip
    verdict: str
    expected: Expected

    @property
    def tone(self) -> str:
        return TONES[Verdict(self.verdict)] if self.verdict else "info"

    @property
    def verdict_word(self) -> str:
        return str(Verdict(self.verdict).label) if self.verdict else ""

    @property
    def money(self) -> dict[str, Any]:
        return money_of(self.expected)

    @property
    def needs(self) -> str:
        """Which evidence this kind of trip needs beyond the usual; empty for none."""
        return str(NEEDS.get(self.trip.policy, ""))

    @property
    def where(self) -> str:
        """The places it leads to; a month's standing sum leads nowhere and has its words."""
        if self.trip.standing is not None:
            return self.trip.purpose
        return ", ".join(stop.text for stop in self.trip.stops.all())

    @property
    def sum_shown(self) -> str:
        """A month's standing sum as its approver sends it back; empty for a trip."""
        return canonical(self.trip.standing) if self.trip.standing is not None else ""

    @property
    def lacks(self) -> bool:
        """Whether it is over for the traveller but for one more item."""
        open_still = self.trip.state in {State.TRAVELLING, State.RETURNED}
        return open_still and self.verdict == Verdict.SUPPLEMENT

    @property
    def plain(self) -> bool:
        """Whether nothing about it needs a look of its own before it is approved for payment.

        Ordered beforehand, enough evidence, a sum, and no correction; *trip* comes with those.
        """
        trip = self.trip
        ordered = trip.approved_at is not None and trip.approved_at <= trip.starts_at
        return (
            trip.state == State.RETURNED
            and ordered
            and self.verdict == Verdict.SUFFICIENT
            and self.expected.total is not None
            and not list(trip.corrections.all())
        )

    @property
    def to_be_read(self) -> bool:
        """Whether its reasons are read before it can be approved."""
        return self.verdict in {Verdict.REVIEW, Verdict.INVALID}

    @property
    def state_tone(self) -> str:
        if self.lacks:
            return "warn"
        return {
            State.CONFIRMED: "ok",
            State.SETTLED: "ok",
            State.TRAVELLING: "brand",
        }.get(State(self.trip.state), "info")


def shown_trip(trip: Trip) -> ShownTrip:
    """*trip* must come from ``with_all``; without a touch that stands there is no verdict."""
    return ShownTrip(trip, verdict_of(trip) if standing(trip) else "", expected_of(trip))


def next_kind(trip: Trip) -> str | None:
    """The act a press would be: arrival, then return, then none."""
    if trip.state in _OVER:
        return None
    kinds = {touch.kind for touch in standing(trip)}
    if Kind.RETURN in kinds:
        return None
    return Kind.RETURN if kinds else Kind.ARRIVE


def answer_of(touch: CheckIn, *, reader: Person) -> dict[str, Any]:
    """The answer of ``POST check-ins`` (01-model.md §7), for who travelled."""
    trip = whole(touch.trip)
    touch = next(one for one in trip.check_ins.all() if one.pk == touch.pk)
    assessed = newest_assessment(touch)
    receipt = None if touch.erased else receipt_of(touch, reader=reader)
    return {
        "id": touch.uid,
        "trip": trip.uid,
        "recorded_at": touch.recorded_at,
        "earliest_at": touch.earliest_at,
        "claimed_at": touch.claimed_at,
        "kind": touch.kind,
        "place": touch.place_words or None,
        "verdict": assessed.verdict,
        "support": assessed.support,
        "concern": assessed.concern,
        "reasons": assessed.reasons,
        "missing": assessed.missing,
        "missing_mode": assessed.missing_mode or None,
        "position": position_of(touch),
        "token": _token(receipt) if receipt else None,
        "log_receipt": promise(bytes(touch.leaf_hash), at=touch.recorded_at),
        "expected": money_of(expected_of(trip)),
        "undo_until": touch.recorded_at + UNDO,
    }


def position_of(touch: CheckIn) -> str:
    """What became of the position: kept, erased, left out for want of consent, or none came."""
    if touch.left_out:
        return "left-out"
    if touch.burst is None:
        return "none"
    return "erased" if touch.erased else "kept"


def _token(receipt: Receipt) -> dict[str, str]:
    return {"text": receipt.text, "digits": receipt.digits, "spoken": receipt.spoken}


def money_of(expected: Expected) -> dict[str, Any]:
    return {
        "total": expected.total,
        "lines": list(expected.lines),
        "warnings": list(expected.warnings),
        "code": expected.code,
    }


def own_touches(person: Person) -> QuerySet[CheckIn]:
    """The touches *person* made, whatever became of them."""
    related = ("trip__traveller__organisation", "trip__traveller__workplace")
    return CheckIn.objects.filter(trip__traveller=person).select_related(*related)


def undo_open(touch: CheckIn, *, at: datetime) -> bool:
    return touch.withdrawn_at is None and at - touch.recorded_at <= UNDO
