"""``/audit/trips/``: counts first, then rows, then one trip with all that shows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from audit.doors import AuditorView, address_of
from audit.looking import searched
from audit.recomputing import computed_again
from audit.selectors import BY_DELEGATE, Filter, departments_of, trips_audited_by
from ledger.services.disclose import Look, Reader, disclose
from settlement.paying import for_judging, settlement_of
from trips.cost_papers import told_with_papers
from trips.models import State, Trip, Verdict
from trips.paper_findings import remarks_on
from trips.selectors import newest_assessment
from trips.selectors_files import papers_of, photos_of

_SESSION = "audit-filter"


class FilterForm(forms.Form):
    since = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput({"type": "date", "class": "input"}),
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date", "class": "input"}),
    )
    department = forms.ChoiceField(
        label=_("Department"), required=False, widget=forms.Select({"class": "input"})
    )
    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=50,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
    )
    place = forms.CharField(
        label=_("Place"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *State.choices],
        widget=forms.Select({"class": "input"}),
    )
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        required=False,
        choices=[("", _("All")), *Verdict.choices],
        widget=forms.Select({"class": "input"}),
    )

    decided = forms.ChoiceField(
        label=_("Decided"),
        required=False,
        choices=[("", _("All")), (BY_DELEGATE, _("By a delegate"))],
        widget=forms.Select({"class": "input"}),
    )

    def __init__(self, *args: Any, departments: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All")), *((name, name) for name in departments)]
        self.fields["department"].choices = choices  # type: ignore[attr-defined]  # a Field by its stub


def words_of(asked: Filter) -> list[tuple[Any, Any]]:
    """What *asked* says, as the form of the search names it: whoever signs for it reads it."""
    fields = FilterForm(departments=[]).fields
    said = [
        (fields[name].label, dict(getattr(fields[name], "choices", ())).get(value, value))
        for name, value in asked.as_dict().items()
    ]
    return said or [(_("Trips"), _("All"))]


class HomeView(AuditorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        del request
        return redirect("audit:trips")


class TripsView(AuditorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        asked = Filter.read(request.session.get(_SESSION, {}))
        page = searched(
            self.auditor,
            asked,
            after=request.GET.get("after", ""),
            address=address_of(request),
            now=timezone.now(),
        )
        departments = [department.name for department in departments_of(self.auditor)]
        form = FilterForm(asked.as_dict(), departments=departments)
        return render(
            request, "audit/trips.html", {"form": form, "page": page, "asked": asked.as_dict()}
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Posted and kept in the session: a name never stands in an address."""
        asked = {} if "clear" in request.POST else Filter.read(request.POST).as_dict()
        request.session[_SESSION] = asked
        return redirect("audit:trips")


class TripPage(AuditorView):
    """One trip with all that shows it; who travelled reads of the look."""

    def page(self, request: HttpRequest, uid: UUID, **more: Any) -> HttpResponse:
        trip = self.trip(uid)
        disclose(
            reader=Reader(self.auditor, Role.AUDITOR, address_of(request)),
            looks=[Look(trip.traveller, "place")],
            method="view",
            action="audit-trip",
            purpose="audit",
            reference=trip.number,
            at=timezone.now(),
        )
        touches = [(touch, newest_assessment(touch)) for touch in trip.check_ins.all()]
        paid = settlement_of(trip)
        said: dict[str, Any] = {"trip": trip, "touches": touches, "paid": paid}
        if paid:
            said["lines"] = paid.lines.all()
        papers = papers_of(trip)
        said |= {
            "papers": papers,
            "photos": photos_of(trip),
            "remarks": remarks_on(trip, papers),
            "told": told_with_papers(trip, papers),
        }
        said["decisions"] = trip.decisions.select_related("by", "instead_of").order_by("pk")
        return render(request, "audit/trip.html", said | more)

    def trip(self, uid: UUID) -> Trip:
        found = trips_audited_by(self.auditor, Filter())
        return get_object_or_404(for_judging(found), uid=uid)


class TripView(TripPage):
    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        return self.page(request, uid)


class VerdictsView(TripPage):
    """The same page, with every verdict computed again."""

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        trip, now = self.trip(uid), timezone.now()
        again = computed_again(self.auditor, trip, address=address_of(request), now=now)
        return self.page(request, uid, again=again, same=all(one.same for one in again))


def filter_of(request: HttpRequest) -> Filter:
    return Filter.read(request.session.get(_SESSION, {}))
