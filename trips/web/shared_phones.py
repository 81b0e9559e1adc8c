"""``/me/devices/shared/``: this phone, on a day, for several people; said before they touch."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.browsers import mark_of, named, remember
from accounts.models import Person
from accounts.selectors import colleagues_of
from attest.errors import MoveRefused
from trips.caller import caller_of
from trips.selectors import shared_phones_about
from trips.services.declare_shared_phone import AHEAD, declare_shared_phone


class SharedForm(forms.Form):
    day = forms.DateField(
        label=gettext_lazy("On which day"),
        widget=forms.DateInput({"class": "input", "type": "date"}, format="%Y-%m-%d"),
    )
    people = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who else uses this phone"),
        queryset=Person.objects.none(),
        to_field_name="uid",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, keeper: Person, today: date) -> None:
        super().__init__(data, initial={"day": today})
        people = self.fields["people"]
        people.queryset = colleagues_of(keeper).order_by("name")  # type: ignore[attr-defined]
        limits = {"min": today.isoformat(), "max": (today + AHEAD).isoformat()}
        self.fields["day"].widget.attrs |= limits


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shared_phones(request: HttpRequest) -> HttpResponse:
    """The form, and the days one declared or was named for."""
    caller, now, word = caller_of(request), timezone.now(), named(request)
    today = timezone.localdate(now)
    form = SharedForm(
        request.POST if request.method == "POST" else None, keeper=caller, today=today
    )
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            declare_shared_phone(caller, browser=mark_of(word), now=now, **said)
        except MoveRefused:
            form.add_error(
                "day",
                _("A day from today to two weeks from now, once, with up to twenty colleagues."),
            )
        else:
            messages.success(request, _("Kept. Those you named are told."))
            return _answered(word, redirect("trips:shared-phones"))
    here = {"form": form, "rows": shared_phones_about(caller, since=today)}
    status = 400 if form.is_bound else 200
    return _answered(word, render(request, "trips/shared_phones.html", here, status=status))


def _answered(word: str, answer: HttpResponse) -> HttpResponse:
    # The phone that is declared is this one: it keeps its word from here on.
    remember(word, answer)
    return answer
