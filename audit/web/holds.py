"""``/audit/holds/``: positions kept beyond their time, by two people, for a reason."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.models import Person
from audit.holding import may_hold
from audit.retention import LAPSES, holds_of
from audit.services.agree_hold import agree_hold
from audit.services.ask_hold import ask_hold
from audit.services.lift_hold import lift_hold
from settlement.asking import person_of
from trips.models import Trip

_DEEDS = {"agree": agree_hold, "lift": lift_hold}


class HoldForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Trip number"),
        max_length=20,
        widget=forms.TextInput({"class": "input"}),
    )
    span = forms.ChoiceField(
        label=gettext_lazy("What is kept back"),
        choices=[
            ("trip", gettext_lazy("This trip")),
            ("person", gettext_lazy("All trips of this traveller")),
        ],
        widget=forms.Select({"class": "input"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea({"class": "input", "rows": 3}),
    )


class _Holders(LoginRequiredMixin, UserPassesTestMixin, View):
    def test_func(self) -> bool:
        return may_hold(self._person, at=timezone.now())

    @property
    def _person(self) -> Person:
        return person_of(self.request)


class HoldsView(_Holders):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, HoldForm(), status=200)

    def post(self, request: HttpRequest) -> HttpResponse:
        form, person = HoldForm(request.POST), self._person
        if not form.is_valid():
            return self._page(request, form, status=400)
        said = form.cleaned_data
        own = Trip.objects.filter(traveller__organisation=person.organisation_id)
        trip = own.filter(number=said["number"].strip()).select_related("traveller").first()
        if trip is None:
            form.add_error("number", _("There is no trip of this number."))
            return self._page(request, form, status=400)
        ask_hold(
            person,
            trip=trip if said["span"] == "trip" else None,
            person=trip.traveller if said["span"] == "person" else None,
            reason=said["reason"],
            now=timezone.now(),
        )
        messages.success(request, _("Kept back for a week. A second person has to agree."))
        return redirect("audit:holds")

    def _page(self, request: HttpRequest, form: HoldForm, *, status: int) -> HttpResponse:
        now = timezone.now()
        rows = holds_of(self._person.organisation_id)[:50]
        told = [
            {"row": row, "lapsed": row.agreed_at is None and row.asked_at <= now - LAPSES}
            for row in rows
        ]
        return render(request, "audit/holds.html", {"holds": told, "form": form}, status=status)


class HoldView(_Holders):
    def post(self, request: HttpRequest, uid: UUID, deed: str) -> HttpResponse:
        del request
        hold = get_object_or_404(holds_of(self._person.organisation_id), uid=uid)
        _DEEDS[deed](hold, by=self._person, now=timezone.now())
        return redirect("audit:holds")
