"""The forms of a month."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from accounts.workbooks.guard import MOST_BYTES


def reason_field() -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "input", "rows": 3})
    label = gettext_lazy("Reason")
    return forms.CharField(label=label, min_length=2, max_length=500, widget=widget)


class SheetForm(forms.Form):
    file = forms.FileField()

    def content(self) -> bytes:
        """No more of it than is read at all: one byte over tells that it is too large."""
        raw: bytes = self.cleaned_data["file"].read(MOST_BYTES + 1)
        return raw


class ReopenForm(forms.Form):
    reason = reason_field()
    prefix = "reopen"


class DecisionForm(forms.Form):
    # ``same:<trip>``, ``new`` or ``leave``.
    choice = forms.CharField(max_length=60)
    person = forms.UUIDField(required=False)
    reason = reason_field()
