"""``/manage/people/…/standing/``: for which months a person has a standing allowance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Person
from accounts.selectors import people_administered_by
from attest.errors import AlreadySettled, MoveRefused
from attest.values import month_after, month_before
from trips.caller import administrator_of
from trips.models import StandingAllowance
from trips.services.allow_standing import allow_standing
from trips.services.end_standing import end_standing
from trips.standing_sheet import MONTH, MOST_WON

SHOWN = 60
_SETTLED = gettext_lazy("A trip of these months is settled already: take that back first.")


def _month(label: Any, **said: Any) -> forms.RegexField:
    widget = forms.TextInput({"class": "input", "type": "month", "autocomplete": "off"})
    help_text = gettext_lazy("Year and month, as in 2026-10.")
    return forms.RegexField(rf"^{MONTH}\Z", label=label, widget=widget, help_text=help_text, **said)


def _reason() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=2,
        max_length=500,
        help_text=gettext_lazy("As in the order that names this person."),
        widget=forms.TextInput({"class": "input"}),
    )


class AllowForm(forms.Form):
    first = _month(gettext_lazy("First month"))
    last = _month(gettext_lazy("Last month"))
    monthly_won = forms.IntegerField(
        label=gettext_lazy("Sum of a month in won"),
        min_value=1,
        max_value=MOST_WON,
        widget=forms.NumberInput({"class": "input", "inputmode": "numeric"}),
    )
    reason = _reason()


class EndForm(forms.Form):
    """Without a last month it is taken back whole."""

    prefix = "end"
    row = forms.UUIDField(widget=forms.HiddenInput)
    last = _month(gettext_lazy("Last month it counts"), required=False)
    reason = _reason()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def standing(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What was written down, and two forms: another one, and an earlier end."""
    now = timezone.now()
    caller = administrator_of(request, at=now)
    person = get_object_or_404(people_administered_by(caller, at=now), uid=uid)
    ending = request.POST.get("act") == "end"
    posted = request.POST if request.method == "POST" else None
    allow, end = AllowForm(None if ending else posted), EndForm(posted if ending else None)
    form, deed = (
        (end, partial(_end, person)) if ending else (allow, partial(allow_standing, person))
    )
    if posted and form.is_valid() and _done(form, deed, by=caller, now=now):
        return redirect("trips:standing", person.uid)
    rows = StandingAllowance.objects.filter(person=person).select_related("by", "ended_by")
    context = {
        "person": person,
        "own": person == caller,
        "rows": [(row, month_before(row.until)) for row in rows.order_by("-pk")[:SHOWN]],
        "form": allow,
        "end_form": end,
    }
    return render(request, "trips/standing.html", context, status=400 if posted else 200)


def _done(form: forms.Form, deed: Callable[..., Any], *, by: Person, now: datetime) -> bool:
    """If it was refused, the form says why."""
    try:
        deed(by=by, now=now, **form.cleaned_data)
    except AlreadySettled:
        form.add_error(None, str(_SETTLED))
    except MoveRefused:
        form.add_error(
            None, _("These months do not fit: they overlap others, or end before they begin.")
        )
    else:
        return True
    return False


def _end(person: Person, *, row: UUID, last: str, **said: Any) -> None:
    found = get_object_or_404(StandingAllowance, person=person, uid=row)
    end_standing(found, until=month_after(last) if last else found.first, **said)
