"""The papers of one's own trip, as PDF: a slip, a sheet of slips, the certificate of the whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Person
from trips import printing
from trips.adapters.paper import pdf
from trips.caller import caller_of
from trips.models import Companion, Trip
from trips.selectors import has_whole_receipt, trips_travelled_by, with_touches
from trips.services.seal_trip import seal_trip


@require_GET
@login_required
def paper(request: HttpRequest, uid: UUID) -> HttpResponse:
    """``?paper=slip&touch=``, ``?paper=sheet``, or the certificate of the whole trip."""
    person, now = caller_of(request), timezone.now()
    name = request.GET.get("paper", "trip")
    if name not in _PAPERS:
        raise Http404
    trip = get_object_or_404(_with_company(trips_travelled_by(person)), uid=uid)
    said = _PAPERS[name](trip, person, now, request.GET.get("touch", ""))
    answer = HttpResponse(pdf(name, said, at=now), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{trip.number}-{name}.pdf"'
    return answer


def _with_company(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """All that a paper tells of a trip, in a fixed number of queries."""
    company = Prefetch("companions", queryset=Companion.objects.select_related("person"))
    rows = trips.select_related("traveller__organisation", "traveller__department")
    return with_touches(rows).prefetch_related(company)


def _slip(trip: Trip, person: Person, now: datetime, named: str) -> printing.Said:
    touches = printing.printable(trip)
    chosen = [touch for touch in touches if str(touch.uid) == named] if named else touches[-1:]
    if not chosen:
        raise Http404
    return printing.slip(trip, chosen[0], reader=person, at=now)


def _sheet(trip: Trip, person: Person, now: datetime, named: str) -> printing.Said:
    del named
    if not (touches := printing.printable(trip)):
        raise Http404
    return printing.sheet(trip, touches, reader=person, at=now)


def _trip(trip: Trip, person: Person, now: datetime, named: str) -> printing.Said:
    del named
    if not has_whole_receipt(trip):
        raise Http404
    return printing.certificate(trip, seal_trip(trip, now=now), reader=person, at=now)


_PAPERS: dict[str, Callable[[Trip, Person, datetime, str], printing.Said]] = {
    "slip": _slip,
    "sheet": _sheet,
    "trip": _trip,
}
