"""The forms of witnesses of place. They check shape; a service decides."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Place
from accounts.selectors import places_visible_to

_INPUT = {"class": "input"}
_CHIP = re.compile(r"[0-9A-Fa-f]{14}")


class SiteCodeForm(forms.Form):
    text = forms.CharField(
        label=_("Eight digits of the screen"),
        max_length=128,
        help_text=_("As in 1234 5678. They change every 30 seconds."),
        widget=forms.TextInput(
            {"class": "input input--code", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )


class SiteForm(forms.Form):
    place = forms.ModelChoiceField(
        Place.objects.none(), label=_("Place"), widget=forms.Select(_INPUT | {"lang": "ko"})
    )
    name = forms.CharField(
        label=_("Where it stands"),
        max_length=60,
        help_text=_("As in main entrance, or third floor."),
        widget=forms.TextInput(_INPUT),
    )

    def __init__(self, data: object = None, *, person: Person) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["place"].queryset = places_visible_to(person)  # type: ignore[attr-defined]


class TagForm(forms.Form):
    chip = forms.CharField(
        label=_("Number of the chip"),
        max_length=14,
        help_text=_("Fourteen digits and letters from A to F; the tool that writes tags shows it."),
        widget=forms.TextInput({"class": "input input--code", "autocomplete": "off"}),
    )
    batch = forms.CharField(
        label=_("Batch"),
        max_length=16,
        help_text=_("The name given to `manage.py keys tags`."),
        widget=forms.TextInput(_INPUT),
    )

    def clean_chip(self) -> bytes:
        said: str = self.cleaned_data["chip"]
        if not _CHIP.fullmatch(said):
            raise forms.ValidationError(_("Fourteen digits and letters from A to F, please."))
        return bytes.fromhex(said)
