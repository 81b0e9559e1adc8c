"""Since when a device is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Device
from attest.values import KST

_SHAPE = "%Y-%m-%dT%H:%M"


class LostForm(forms.Form):
    since = forms.DateTimeField(
        label=gettext_lazy("Lost since"),
        input_formats=[_SHAPE],
        widget=forms.DateTimeInput({"class": "input", "type": "datetime-local"}, format=_SHAPE),
    )

    def __init__(self, data: Any = None, *, device: Device, now: datetime) -> None:
        super().__init__(data, initial={"since": now.astimezone(KST)})
        self.device, self.now = device, now

    def clean_since(self) -> datetime:
        """A minute of the office's calendar; that of the enrolment counts whole."""
        since: datetime = self.cleaned_data["since"]
        since = since.replace(tzinfo=KST)
        enrolled_at = self.device.enrolled_at
        if not enrolled_at.replace(second=0, microsecond=0) <= since <= self.now:
            raise forms.ValidationError(_("A time between its enrolment and now."))
        return max(since, enrolled_at)
