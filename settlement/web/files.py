"""``/settlement/trips/<id>/files/``: papers and photos of one trip, with what stands out."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from settlement.asking import address_of, person_of
from settlement.looking import look
from settlement.selectors import trips_settled_by
from settlement.web.rights import clerk_only
from trips.cost_papers import told_with_papers
from trips.paper_findings import remarks_on
from trips.selectors_files import papers_of, photos_of


@require_GET
@clerk_only
def files(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The list is a look at times; opening a picture is another one, written down by itself."""
    clerk = person_of(request)
    rows = trips_settled_by(clerk).select_related("traveller__department")
    trip = get_object_or_404(rows, uid=uid)
    look(
        clerk,
        [trip.traveller],
        depth="times",
        action="files",
        reference=trip.number,
        address=address_of(request),
        now=timezone.now(),
    )
    papers = papers_of(trip)
    context = {
        "trip": trip,
        "papers": papers,
        "photos": photos_of(trip),
        "remarks": remarks_on(trip, papers),
        "told": told_with_papers(trip, papers),
    }
    return render(request, "settlement/files.html", context)
