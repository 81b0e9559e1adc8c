"""The forms of the traveller's pages. They check shape; a service decides."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Place
from accounts.selectors import approvers_for, colleagues_of, places_visible_to
from attest.values import KST
from trips.models import Correction, Trip, Vehicle
from trips.plan import Plan, PlannedStop
from trips.units import says_where, unit_of, units

_INPUT = {"class": "input"}
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 31)


class PlanForm(forms.Form):
    """When, where, what, how, with whom, and who decides."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(_INPUT | {"type": "date"}))
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(_INPUT | {"type": "time"}))
    ends = forms.TimeField(label=_("To"), widget=forms.TimeInput(_INPUT | {"type": "time"}))
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Only if you come back on another day."),
        widget=forms.DateInput(_INPUT | {"type": "date"}),
    )
    place = forms.CharField(
        label=_("Where"),
        max_length=100,
        help_text=_("A place of your office, or building and floor."),
        widget=forms.TextInput(_INPUT | {"list": "places", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(
        label=_("City, county or district"),
        required=False,
        help_text=_("Needed when the place is not one of your office's."),
        widget=forms.Select(_INPUT | {"lang": "ko"}),
    )
    one_way_km = forms.DecimalField(
        label=_("One way, in km"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(20_100),
        max_digits=8,
        decimal_places=3,
        help_text=_("The allowance needs it; you can add it later."),
        widget=forms.NumberInput(_INPUT | {"step": "0.1", "inputmode": "decimal"}),
    )
    purpose = forms.CharField(label=_("What for"), max_length=200, widget=forms.TextInput(_INPUT))
    vehicle = forms.ChoiceField(
        label=_("Vehicle"), choices=Vehicle.choices, widget=forms.RadioSelect
    )
    companions = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        label=_("With"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    approver = forms.ModelChoiceField(
        Person.objects.none(), label=_("Approver"), widget=forms.Select(_INPUT)
    )

    def __init__(self, data: Any = None, *, person: Person, at: datetime, **said: Any) -> None:
        super().__init__(data, **said)
        self.person = person
        self._field("unit").choices = [("", "—"), *((one.code, one.name) for one in units())]
        colleagues = colleagues_of(person).filter(department=person.department_id).order_by("name")
        self._field("companions").queryset = colleagues
        self._field("approver").queryset = approvers_for(person, at=at)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        self._clean_times(said)
        self._clean_place(said)
        return said

    def _clean_times(self, said: dict[str, Any]) -> None:
        day, last = said.get("day"), said.get("last_day") or said.get("day")
        if not (day and last and said.get("starts") and said.get("ends")):
            return
        if not _EARLIEST <= day <= last <= _LATEST:
            self.add_error("last_day" if day > last else "day", _("Please check the day."))
            return
        said["starts_at"] = _moment(day, said["starts"])
        said["ends_at"] = _moment(last, said["ends"])
        if said["ends_at"] < said["starts_at"]:
            self.add_error("ends", _("A trip ends after it began."))

    def _clean_place(self, said: dict[str, Any]) -> None:
        words = said.get("place", "")
        said["known"] = places_visible_to(self.person).filter(name=words).first()
        if not words or said["known"]:
            return
        if not says_where(words):
            self.add_error(
                "place", _("Please say where exactly, for example the building and floor.")
            )
        elif unit_of(said.get("unit", "")) is None:
            self.add_error("unit", _("Choose a city, county or district."))

    def plan(self) -> Plan:
        said = self.cleaned_data
        place: Place | None = said["known"]
        km: Decimal | None = said["one_way_km"]
        stop = PlannedStop(
            text=said["place"],
            unit=place.unit if place else unit_of(said["unit"]) or "",
            place=place,
            one_way_m=None if km is None else int(km * 1000),
        )
        return Plan(
            purpose=said["purpose"],
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            vehicle=said["vehicle"],
            approver=said["approver"],
            stops=(stop,),
            companions=tuple(said["companions"]),
        )


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=KST)


def blank(at: datetime, *, approver: Person | None) -> dict[str, Any]:
    """A new trip begins today, the whole day, by public transport."""
    return {
        "day": at.astimezone(KST).date(),
        "starts": time(9),
        "ends": time(18),
        "vehicle": Vehicle.TRANSIT,
        "approver": approver,
    }


def as_form(trip: Trip) -> dict[str, Any]:
    """What stands in *trip*, in the fields of the form."""
    starts, ends = trip.starts_at.astimezone(KST), trip.ends_at.astimezone(KST)
    stop = trip.stops.first()
    distance = trip.distances.first()
    return {
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
        "last_day": ends.date() if ends.date() != starts.date() else None,
        "place": stop.text if stop else "",
        "unit": stop.unit if stop and not stop.place_id else "",
        "one_way_km": Decimal(distance.one_way_m) / 1000 if distance else None,
        "purpose": trip.purpose,
        "vehicle": trip.vehicle,
        "companions": [companion.person_id for companion in trip.companions.all()],
        "approver": trip.approver_id,
    }


def again(trip: Trip, at: datetime) -> dict[str, Any]:
    """The same trip once more, today."""
    said = as_form(trip)
    today = at.astimezone(KST).date()
    length = (said["last_day"] - said["day"]) if said["last_day"] else timedelta()
    return said | {"day": today, "last_day": today + length if length else None}


class StatementForm(forms.Form):
    text = forms.CharField(
        label=_("What happened"),
        min_length=10,
        max_length=2_000,
        help_text=_("At least ten letters. Your approver and the payment desk can read it."),
        widget=forms.Textarea(_INPUT | {"rows": 5}),
    )


class CorrectionForm(forms.Form):
    what = forms.ChoiceField(
        label=_("What should be different"),
        choices=Correction.What.choices,
        widget=forms.RadioSelect,
    )
    vehicle = forms.ChoiceField(
        label=_("The right vehicle"),
        choices=[("", "—"), *Vehicle.choices],
        required=False,
        help_text=_("Only where the vehicle is to be corrected."),
        widget=forms.Select(_INPUT),
    )
    value = forms.CharField(
        label=_("What is right"),
        max_length=200,
        required=False,
        help_text=_("For example 18:00, or the right place."),
        widget=forms.TextInput(_INPUT),
    )
    reason = forms.CharField(
        label=_("Why"), max_length=500, widget=forms.Textarea(_INPUT | {"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        vehicle = said.pop("vehicle", "")
        if said.get("what") == Correction.What.VEHICLE:
            if not vehicle:
                self.add_error("vehicle", _("Choose the vehicle you took."))
            said["value"] = vehicle
        return said


class AnswerForm(forms.Form):
    """The approver's answer to one correction."""

    correction = forms.UUIDField()
    decision = forms.ChoiceField(choices=[("accepted", "accepted"), ("declined", "declined")])


class ApprovedForm(forms.Form):
    """What the page showed of a month's standing sum, where the row is one."""

    standing = forms.JSONField(required=False)

    @property
    def shown(self) -> Any:
        """None where nothing was shown, or nothing that can be read."""
        return self.cleaned_data.get("standing") if self.is_valid() else None


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=500, widget=forms.Textarea(_INPUT | {"rows": 3})
    )


class GiveBackForm(forms.Form):
    """One of the usual reasons, own words, or both."""

    about = forms.ChoiceField(
        label=_("What is it about"),
        required=False,
        choices=[
            ("place", _("Check the destination")),
            ("time", _("Correct the time")),
            ("evidence", _("Add evidence")),
            ("order", _("Not as it was ordered")),
            ("other", _("Something else")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=450,
        required=False,
        widget=forms.Textarea(_INPUT | {"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("about") in {None, "", "other"} and not said.get("reason"):
            self.add_error("reason", _("Please say in a few words what should be different."))
        return said

    @property
    def said(self) -> str:
        about, reason = self.cleaned_data["about"], self.cleaned_data["reason"]
        words = dict(self.fields["about"].choices)  # type: ignore[attr-defined]  # a Field by its stub
        parts = ["" if about == "other" else str(words.get(about, "")), reason]
        return " · ".join(part for part in parts if part)


class TogetherForm(forms.Form):
    """The trips that were ticked in the list."""

    trip = forms.TypedMultipleChoiceField(coerce=UUID)

    def __init__(self, *args: Any, offered: list[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trip"].choices = [(str(uid), "") for uid in offered]  # type: ignore[attr-defined]


class SheetForm(forms.Form):
    file = forms.FileField(label=_("Sheet of trips"), allow_empty_file=True)


class PressForm(forms.Form):
    id = forms.UUIDField()
    trip = forms.UUIDField(required=False)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in ("arrive", "stop", "return")])
