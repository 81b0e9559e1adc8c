"""A paper is put to a trip by a form, with or without script."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.limits import spend
from accounts.models import Person
from attest.errors import PaperRefused, UploadRefused
from trips.adapters.pictures import MOST_BYTES
from trips.caller import caller_of
from trips.file_words import PAPERS, UPLOADS
from trips.limits import UPLOAD
from trips.models import Paper, Trip, Upload
from trips.selectors_files import unused_upload_of
from trips.services.add_paper import add_paper
from trips.services.keep_upload import keep_upload
from trips.services.withdraw_paper import withdraw_paper
from trips.web.paper_forms import PaperForm
from trips.web.trips import own
from trips.web.ways import add_page


@require_POST
@login_required
def papers(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The file is kept first: a slip in another field costs nobody their picture."""
    trip, person = own(request, uid), caller_of(request)
    form = PaperForm(request.POST, request.FILES)
    form.is_valid()
    upload = _upload(form, person)
    paper = _paper(form, trip, person, upload) if form.is_valid() and upload else None
    if paper is None:
        return add_page(request, trip, paper=form, kept=str(upload.uid) if upload else "")
    if paper.counted:
        messages.success(request, _("The paper is put to your trip."))
    else:
        messages.warning(
            request, _("The paper is kept, but does not count: %(why)s.") % _why(paper)
        )
    return redirect("trips:trip", uid)


@require_POST
@login_required
def take_back(request: HttpRequest, uid: UUID, paper: UUID) -> HttpResponse:
    """A slip in a sum or a time is mended so: taken back, and attached anew."""
    trip, person = own(request, uid), caller_of(request)
    row = get_object_or_404(trip.papers, uid=paper)
    withdraw_paper(row, person=person, now=timezone.now())
    messages.success(request, _("The paper is taken back. It stays in the record."))
    return redirect("trips:add", uid)


def _upload(form: PaperForm, person: Person) -> Upload | None:
    """What was sent just now, or before with a form that was not whole."""
    file, named = form.cleaned_data.get("file"), form.cleaned_data.get("upload")
    if file is None:
        found = unused_upload_of(person).filter(uid=named).first() if named else None
        if named and found is None:
            form.add_error("file", _("Choose a picture or a PDF."))
        return found
    now = timezone.now()
    spend(person, UPLOAD, now=now)
    try:
        return keep_upload(person, content=file.read(MOST_BYTES + 1), now=now)
    except UploadRefused as refused:
        form.add_error("file", UPLOADS[refused.why])
        return None


def _paper(form: PaperForm, trip: Trip, person: Person, upload: Upload) -> Paper | None:
    try:
        return add_paper(trip, person=person, upload=upload, now=timezone.now(), **form.said())
    except PaperRefused as refused:
        form.add_error("file", PAPERS[refused.why])
        return None


def _why(paper: Paper) -> dict[str, str]:
    return {"why": str(paper.get_why_display())}
