"""``/approvals/delegations/``: whose hands my approvals are in, and whose are in mine."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Person, Role
from accounts.selectors import delegations_given_by, delegations_of, roles_of, stand_ins_for
from accounts.services.delegate import LONGEST, delegate
from accounts.services.end_delegation import end_delegation
from accounts.web.rights import caller_of
from attest.values import KST

_INPUT = {"class": "input"}


class DelegationForm(forms.Form):
    to = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("Who stands in"),
        widget=forms.Select(attrs=_INPUT),
    )
    first = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(_INPUT | {"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(_INPUT | {"type": "date"})
    )

    def __init__(self, *args: Any, caller: Person, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = stand_ins_for(caller, at=now)  # type: ignore[attr-defined]
        self._today = now.astimezone(KST).date()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        if first and first < self._today:
            self.add_error("first", _("Please choose today or a later day."))
        if first and last and not first <= last < first + LONGEST:
            self.add_error("last", _("Please choose a day within three months after the first."))
        return said

    def said(self) -> dict[str, Any]:
        """Whole days in Korea: from the first minute of one to the end of the other."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return {
            "to": self.cleaned_data["to"],
            "since": datetime.combine(first, time.min, KST),
            "until": datetime.combine(last + timedelta(days=1), time.min, KST),
        }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: HttpRequest) -> HttpResponse:
    caller, now = _approver(request), timezone.now()
    form = DelegationForm(
        request.POST if request.method == "POST" else None, caller=caller, now=now
    )
    if form.is_bound and form.is_valid():
        delegate(caller, now=now, **form.said())
        messages.success(request, _("Your approvals are handed on for these days."))
        return redirect("accounts:delegations")
    rows = delegations_of(caller, at=now)
    here = {
        "form": form,
        "given": [row for row in rows if row.person_id == caller.pk],
        "taken": [row for row in rows if row.to_id == caller.pk],
    }
    return render(request, "accounts/delegations.html", here, status=400 if form.is_bound else 200)


@login_required
@require_POST
def end(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = get_object_or_404(delegations_given_by(caller_of(request)), uid=uid)
    end_delegation(row, now=timezone.now())
    messages.success(request, _("You decide yourself again."))
    return redirect("accounts:delegations")


def _approver(request: HttpRequest) -> Person:
    caller = caller_of(request)
    if Role.APPROVER not in roles_of(caller, at=timezone.now()):
        raise PermissionDenied
    return caller
