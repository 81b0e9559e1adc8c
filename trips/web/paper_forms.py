"""A paper as its traveller reads it: what it is, how much, when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from attest.values import KST
from trips.models import Paper, Trip
from trips.papering import EARLIEST, LATEST, MOST_WON

_INPUT = {"class": "input"}
ACCEPT = "image/jpeg,image/png,image/webp,application/pdf"


class PaperForm(forms.Form):
    """Nothing is read off the picture: a person types what stands on it."""

    file = forms.FileField(
        label=_("Picture or PDF of the paper"),
        error_messages={"required": _("Choose a picture or a PDF.")},
        help_text=_("JPEG, PNG, WebP or PDF, at most 10 MiB. Where it was taken is removed."),
        widget=forms.FileInput(_INPUT | {"accept": ACCEPT}),
    )
    # Sent already, with a form that was not whole: nobody has to choose it again.
    upload = forms.UUIDField(required=False, widget=forms.HiddenInput())
    paper = forms.ChoiceField(
        label=_("What it is"), choices=Paper.Kind.choices, widget=forms.Select(_INPUT)
    )
    amount = forms.IntegerField(
        label=_("Sum on it, in won"),
        min_value=0,
        max_value=MOST_WON,
        widget=forms.NumberInput(_INPUT | {"inputmode": "numeric", "step": "1"}),
    )
    day = forms.DateField(
        label=_("Day on it"),
        help_text=_("The day of use: of the ride, not of the booking."),
        widget=forms.DateInput(_INPUT | {"type": "date"}, format="%Y-%m-%d"),
    )
    clock = forms.TimeField(
        label=_("Time on it"), widget=forms.TimeInput(_INPUT | {"type": "time"}, format="%H:%M")
    )
    number = forms.CharField(
        label=_("Approval or ticket number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(_INPUT | {"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **said: Any) -> None:
        super().__init__(*args, **said)
        if self.is_bound and self.data.get("upload"):
            self.is_here()

    def is_here(self) -> None:
        """The file was taken already: the field asks for another one only if they like."""
        self.fields["file"].required = False

    @classmethod
    def fresh(cls, trip: Trip) -> PaperForm:
        return cls(initial={"day": trip.starts_at.astimezone(KST).date()})

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(_("Please look at the year."))
        return day

    def said(self) -> dict[str, Any]:
        """As the service takes it; times are those of Korea."""
        told = self.cleaned_data
        return {
            "kind": told["paper"],
            "amount": told["amount"],
            "at": datetime.combine(told["day"], told["clock"], tzinfo=KST),
            "number": told["number"],
        }
