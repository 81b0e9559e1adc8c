"""``/me/data/``: what is kept of me, until when, who looked; and all of it to take away."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.consents import POSITION
from accounts.limits import spend
from accounts.selectors import consent_of
from audit import records
from audit.limits import RECORDS
from ledger.selectors import diary_of
from settlement.asking import person_of
from trips.models import Kind

SHOWN = 20
_FILES = {
    "json": ("application/json", records.json_of),
    "csv": ("text/csv; charset=utf-8", records.csv_of),
    "diary": ("text/csv; charset=utf-8", records.diary_csv_of),
}


@login_required
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    touches = [records.touch_row(one) for one in records.touches_of(person)[:SHOWN]]
    here = {
        "consent": consent_of(person, POSITION),
        "trips": [records.trip_row(one) for one in records.trips_of(person)[:SHOWN]],
        "touches": [one | {"kind_word": Kind(one["kind"]).label} for one in touches],
        "devices": list(records.device_rows(person))[:SHOWN],
        "looks": diary_of(person.pk).count(),
        "until": request.session.get_expiry_date(),
        "kept": {"diary": settings.KEEP_DIARY_DAYS, "drafts": settings.KEEP_DRAFT_DAYS},
    }
    return render(request, "audit/data.html", here)


@login_required
@require_safe
def file(request: HttpRequest) -> StreamingHttpResponse:
    """``?as=json`` is everything, ``?as=csv`` the touches as a sheet."""
    person, now = person_of(request), timezone.now()
    wanted = request.GET.get("as", "json")
    if wanted not in _FILES:
        raise Http404
    spend(person, RECORDS, now=now)
    media, content = _FILES[wanted]
    answer = StreamingHttpResponse(content(person), content_type=media)
    day = timezone.localdate(now).strftime("%Y%m%d")
    name = f"tripseal-diary-{day}.csv" if wanted == "diary" else f"tripseal-{day}.{wanted}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer
