"""The forms by which a traveller tells what a trip cost: nights, meals, fares, small costs.

They speak the fields of the claim (travel-expenses.md §2); the engine judges them. What was told
in fields these forms do not have is carried over as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from attest.values import KST
from trips.claim import COSTS, farthest
from trips.models import FuelPrice, Trip
from trips.units import unit_of, units

_INPUT = {"class": "input"}
_WON = forms.NumberInput(_INPUT | {"inputmode": "numeric", "step": "1"})
# More dates than a page can show in a row are told by the API.
MOST_DATES = 40
MOST_WON = 1_000_000_000
SPARE_FARES = 4

PAPERS = [
    ("none", _("No paper")),
    ("card", _("Card slip")),
    ("cash_receipt", _("Cash receipt")),
    ("tax_invoice", _("Tax invoice")),
]
TICKETS = [*PAPERS, ("ticket", _("Ticket"))]
ROAD_PAPERS = [
    ("toll", _("Own car: toll slip")),
    ("fuel", _("Own car: fuel slip")),
    ("parking", _("Own car: parking slip")),
    ("photo", _("Own car: picture with car and place")),
]
KINDS = [
    ("", "—"),
    ("paid", _("I paid for a room")),
    ("shared", _("I paid for a shared room")),
    ("shared_member", _("Shared room, somebody else paid")),
    ("relatives", _("With relatives or friends")),
    ("provided", _("A place to sleep was provided")),
    ("transit", _("On the way, in a train or ship")),
]
MODES = [
    ("", "—"),
    ("rail", _("Train")),
    ("bus", _("Bus")),
    ("air", _("Plane")),
    ("ship", _("Ship")),
    ("metro", _("Metro")),
    ("taxi", _("Taxi")),
    ("private_car", _("Own car, as driver")),
]

SMALL = [
    ("", "—"),
    ("taxi", _("Taxi")),
    ("bus", _("Bus")),
    ("metro", _("Metro")),
    ("parking", _("Parking")),
    ("other", _("Something else")),
]


class SmallCostForm(forms.Form):
    """What was really paid on a trip near the office. An empty row is none."""

    kind = forms.ChoiceField(
        label=_("Kind of cost"), choices=SMALL, required=False, widget=forms.Select(_INPUT)
    )
    amount = forms.IntegerField(
        label=_("Paid, in won"), required=False, min_value=1, max_value=MOST_WON, widget=_WON
    )
    evidence = forms.ChoiceField(label=_("Paper"), choices=TICKETS, widget=forms.Select(_INPUT))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        told = {"kind": bool(said.get("kind")), "amount": said.get("amount") is not None}
        for name, here in told.items():
            if any(told.values()) and not here and name not in self.errors:
                self.add_error(name, _("A cost needs both: what for, and how much."))
        return said

    def cost(self) -> dict[str, Any] | None:
        said = self.cleaned_data
        return (
            {name: said[name] for name in ("kind", "amount", "evidence")} if said["kind"] else None
        )


class NightForm(forms.Form):
    """Where one slept on *day*, and what it cost."""

    kind = forms.ChoiceField(label=_("How you slept"), choices=KINDS, widget=forms.Select(_INPUT))
    paid = forms.IntegerField(
        label=_("Paid, in won"), required=False, min_value=1, max_value=MOST_WON, widget=_WON
    )
    unit = forms.ChoiceField(
        label=_("City, county or district"),
        required=False,
        widget=forms.Select(_INPUT | {"lang": "ko"}),
    )
    evidence = forms.ChoiceField(label=_("Paper"), choices=PAPERS, widget=forms.Select(_INPUT))
    heads = forms.IntegerField(
        label=_("Persons in the shared room"),
        required=False,
        help_text=_("Only for a shared room. The extra is asked for all but you."),
        min_value=2,
        max_value=50,
        widget=forms.NumberInput(_INPUT | {"inputmode": "numeric"}),
    )
    unavoidable = forms.BooleanField(
        label=_("No room within the limit was to be had"), required=False
    )

    def __init__(self, data: Any = None, *, day: date, **said: Any) -> None:
        super().__init__(data, **said)
        self.day = day
        unit: Any = self.fields["unit"]
        unit.choices = [("", "—"), *((one.code, one.name) for one in units())]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        needed = {"paid": ["paid", "unit"], "shared": ["paid", "unit", "heads"]}
        for name in needed.get(said.get("kind", ""), []):
            if not said.get(name) and name not in self.errors:
                self.add_error(name, _("This is needed for such a night."))
        return said

    def night(self) -> dict[str, Any]:
        said = self.cleaned_data
        night = {"date": str(self.day), "kind": said["kind"]}
        if said["kind"] not in {"paid", "shared"}:
            return night
        night |= {"unit": unit_of(said["unit"]), "evidence": said["evidence"]}
        if said["unavoidable"]:
            night["unavoidable"] = True
        if said["kind"] == "paid":
            return night | {"paid": said["paid"]}
        room = {"heads": said["heads"], "total": said["paid"], "claimed_heads": said["heads"] - 1}
        return night | {"shared": room}


class MealsForm(forms.Form):
    """How many meals somebody else put on the table on *day*."""

    provided = forms.TypedChoiceField(
        label=_("Meals provided"),
        choices=[(n, str(n)) for n in range(4)],
        coerce=int,
        widget=forms.Select(_INPUT),
    )

    def __init__(self, data: Any = None, *, day: date, **said: Any) -> None:
        super().__init__(data, **said)
        self.day = day


class FareForm(forms.Form):
    """One ride. An empty row is none."""

    day = forms.ChoiceField(label=_("Day"), widget=forms.Select(_INPUT))
    mode = forms.ChoiceField(
        label=_("By what"), choices=MODES, required=False, widget=forms.Select(_INPUT)
    )
    amount = forms.IntegerField(
        label=_("Fare, in won"),
        required=False,
        min_value=0,
        max_value=MOST_WON,
        help_text=_("For your own car: the fare of the same way by public transport."),
        widget=_WON,
    )
    standard_amount = forms.IntegerField(
        label=_("Fare of a standard seat, if yours was a better one"),
        required=False,
        min_value=0,
        max_value=MOST_WON,
        widget=_WON,
    )
    evidence = forms.ChoiceField(
        label=_("Paper"), choices=[*TICKETS, *ROAD_PAPERS], widget=forms.Select(_INPUT)
    )
    unavoidable = forms.BooleanField(
        label=_("Taxi or own car: it could not be avoided"), required=False
    )
    reason = forms.CharField(
        label=_("Own car that could not be avoided: why"),
        required=False,
        max_length=500,
        widget=forms.TextInput(_INPUT),
    )
    distance_km = forms.DecimalField(
        label=_("Kilometres driven, of this entry"),
        required=False,
        min_value=0,
        max_value=9_999,
        decimal_places=1,
        max_digits=5,
        help_text=_("The price of fuel of that day comes from the office's list."),
        widget=forms.NumberInput(_INPUT | {"inputmode": "decimal", "step": "0.1"}),
    )
    fuel = forms.ChoiceField(
        label=_("Fuel"),
        choices=[("", "—"), *FuelPrice.Fuel.choices],
        required=False,
        widget=forms.Select(_INPUT),
    )
    toll = forms.IntegerField(
        label=_("Toll, in won"), required=False, min_value=0, max_value=MOST_WON, widget=_WON
    )
    parking = forms.IntegerField(
        label=_("Parking, in won"), required=False, min_value=0, max_value=MOST_WON, widget=_WON
    )

    def __init__(self, data: Any = None, *, days: list[date], **said: Any) -> None:
        super().__init__(data, **said)
        choice: Any = self.fields["day"]
        choice.choices = [(str(day), str(day)) for day in days]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("mode") == "private_car" and said.get("unavoidable"):
            for name in ("reason", "distance_km", "fuel"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("This is needed for a way that had to be driven."))
            return said
        told = {"mode": bool(said.get("mode")), "amount": said.get("amount") is not None}
        for name, here in told.items():
            if any(told.values()) and not here and name not in self.errors:
                self.add_error(name, _("A ride needs both: by what, and the fare."))
        return said

    def fare(self) -> dict[str, Any] | None:
        said = self.cleaned_data
        if not said["mode"]:
            return None
        ride = {"date": said["day"], "mode": said["mode"], "evidence": said["evidence"]}
        if said["mode"] == "private_car" and said["unavoidable"]:
            road = {"toll": said["toll"], "parking": said["parking"]}
            return ride | {
                "role": "driver",
                "unavoidable": True,
                "reason": said["reason"],
                "distance_m": int(said["distance_km"] * 1_000),
                "fuel": said["fuel"],
                **{name: won for name, won in road.items() if won},
            }
        if said["mode"] == "private_car":
            return ride | {"role": "driver", "public_transport_fare": said["amount"]}
        ride["amount"] = said["amount"]
        if said["standard_amount"] is not None:
            ride |= {"class": "superior", "standard_amount": said["standard_amount"]}
        if said["mode"] == "taxi" and said["unavoidable"]:
            ride["unavoidable"] = True
        return ride


@dataclass(slots=True)
class CostForms:
    """All forms of one trip, and what they say together.

    Near the office there are small costs alone; a trip out of the area has the others.
    """

    trip: Trip
    small: list[SmallCostForm] = field(default_factory=list)
    nights: list[NightForm] = field(default_factory=list)
    meals: list[MealsForm] = field(default_factory=list)
    fares: list[FareForm] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def near(cls, trip: Trip, data: Any = None) -> CostForms:
        costs = trip.costs or {}
        listed = costs.get("actual_costs", [])
        rows = [one for one in listed if "evidence_date" not in one]
        made = cls(trip, kept={name: costs[name] for name in COSTS if name in costs})
        made.kept["actual_costs"] = [one for one in listed if one not in rows]
        for n in range(len(rows) + SPARE_FARES):
            initial = rows[n] if n < len(rows) else {}
            made.small.append(SmallCostForm(data, prefix=f"small-{n}", initial=initial))
        return made

    @classmethod
    def far(cls, trip: Trip, data: Any = None) -> CostForms:
        days, costs = days_of(trip), trip.costs or {}
        made = cls(trip)
        told = {night["date"]: night for night in costs.get("nights", [])}
        home = _code(stop.unit) if (stop := farthest(trip, trip.traveller)) else ""
        for n, day in enumerate(days[:-1]):
            initial = _night_said(told.get(str(day), {}), home)
            made.nights.append(NightForm(data, day=day, prefix=f"night-{n}", initial=initial))
        eaten = {one["date"]: one["meals"] for one in costs.get("meals_provided", [])}
        for n, day in enumerate(days):
            initial = {"provided": min(eaten.get(str(day), 0), 3)}
            made.meals.append(MealsForm(data, day=day, prefix=f"meals-{n}", initial=initial))
        rides = [fare for fare in costs.get("fares", []) if _plain(fare)]
        for n in range(len(rides) + SPARE_FARES):
            initial = _fare_said(rides[n]) if n < len(rides) else {}
            made.fares.append(FareForm(data, days=days, prefix=f"fare-{n}", initial=initial))
        others = [fare for fare in costs.get("fares", []) if not _plain(fare)]
        told_here = {"fares", "nights", "meals_provided"}
        made.kept = {n: costs[n] for n in COSTS if n in costs and n not in told_here}
        made.kept["fares"] = others
        return made

    def __iter__(self) -> Iterator[forms.Form]:
        return iter([*self.small, *self.fares, *self.nights, *self.meals])

    def are_valid(self) -> bool:
        # Each is asked, none skipped: a page names every fault at once.
        faulty = [form for form in self if not form.is_valid()]
        return not faulty

    def costs(self) -> dict[str, Any]:
        if self.small:
            small = [cost for form in self.small if (cost := form.cost())]
            return self.kept | {"actual_costs": [*small, *self.kept["actual_costs"]]}
        rides = [ride for form in self.fares if (ride := form.fare())]
        eaten = [
            {"date": str(form.day), "meals": number}
            for form in self.meals
            if (number := form.cleaned_data["provided"])
        ]
        nights = [form.night() for form in self.nights]
        told = {"fares": [*rides, *self.kept["fares"]], "nights": nights, "meals_provided": eaten}
        return self.kept | told


def days_of(trip: Trip) -> list[date]:
    """The dates of *trip* in Korea; an end at midnight belongs to the day before."""
    first = trip.starts_at.astimezone(KST).date()
    last = max(first, (trip.ends_at.astimezone(KST) - timedelta(seconds=1)).date())
    number = min((last - first).days + 1, MOST_DATES + 1)
    return [first + timedelta(days=n) for n in range(number)]


def _code(unit: str) -> str:
    """A 시·군·구 to choose for *unit*: the list holds districts, a trip holds their city."""
    return next((one.code for one in units() if unit in {one.code, one.unit}), "")


def _night_said(night: dict[str, Any], home: str) -> dict[str, Any]:
    room = night.get("shared", {})
    return {
        "kind": night.get("kind", ""),
        "paid": night.get("paid", room.get("total")),
        "unit": _code(night["unit"]) if night.get("unit") else home,
        "evidence": night.get("evidence", "none"),
        "heads": room.get("heads"),
        "unavoidable": night.get("unavoidable", False),
    }


def _fare_said(fare: dict[str, Any]) -> dict[str, Any]:
    amount = fare.get("public_transport_fare", fare.get("amount"))
    said = fare | {"day": fare["date"], "amount": amount}
    if "distance_m" in fare:
        said["distance_km"] = Decimal(fare["distance_m"]) / 1_000
    return said


def _plain(fare: dict[str, Any]) -> bool:
    """Does a row of the page hold all of it?"""
    ride = {"date", "mode", "evidence"}
    if fare["mode"] == "private_car":
        named = {"role", "public_transport_fare"}
        road = {"role", "unavoidable", "reason", "distance_m", "fuel", "toll", "parking"}
        as_public = fare.keys() == ride | named
        by_road = fare.keys() <= ride | road and {"distance_m", "fuel"} <= fare.keys()
        whole = by_road and fare["distance_m"] % 100 == 0
        return fare.get("role") == "driver" and (as_public or whole)
    known = ride | {"amount", "class", "standard_amount", "unavoidable"}
    better = fare.get("class") == "superior" and "standard_amount" in fare
    return fare["mode"] in dict(MODES) and fare.keys() <= known and (better or "class" not in fare)
