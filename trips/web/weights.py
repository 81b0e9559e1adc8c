"""``/manage/weights/``: what judges touches; another version is drafted, tried, released by two."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Person, Role
from accounts.step_up import Answer, encoded
from attest.commands.shipped import NEWEST_WEIGHTS
from attest.errors import WeightsRefused
from attest.values import KST
from ledger.services.disclose import Reader
from trips.caller import administrator_of
from trips.models import Verdict, WeightSet
from trips.services.draft_weights import draft_weights
from trips.services.release_weights import release_weights
from trips.services.try_weights import Trial, try_weights
from trips.weighing import (
    BYTES_LIMIT,
    RELEASE,
    changes,
    release_hash,
    text_of,
    version_at,
)

SHOWN, DAYS = 50, 30

WHY = {
    "shape": gettext_lazy("This is not a file of weights, or it does not hold together."),
    "version": gettext_lazy("Its version is not written as year, month and number: 2026.12-1."),
    "rules": gettext_lazy("It names other rules than the product knows."),
    "taken": gettext_lazy("A version of this name is there already."),
    "own": gettext_lazy("Another administrator has to release what you wrote."),
    "released": gettext_lazy("This version is released already."),
    "soon": gettext_lazy("It has to begin later: after today, and after every other version."),
}


class DraftForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File of weights"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=10,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > BYTES_LIMIT:
            raise forms.ValidationError(WHY["shape"])
        try:
            return str(file.read().decode())
        except UnicodeDecodeError as wrong:
            raise forms.ValidationError(WHY["shape"]) from wrong


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def versions(request: HttpRequest) -> HttpResponse:
    """What is in force, what waits; a file makes a draft."""
    now = timezone.now()
    caller = administrator_of(request, at=now)
    form = DraftForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            row = draft_weights(said["file"], by=caller, reason=said["reason"], now=now)
        except WeightsRefused as no:
            form.add_error("file", str(WHY[no.why]))
        else:
            return redirect("trips:weight-set", row.uid)
    rows = WeightSet.objects.select_related("made_by", "released_by")[:SHOWN]
    here = {"form": form, "rows": rows, "in_force": version_at(now), "now": now}
    here["shipped"] = NEWEST_WEIGHTS
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    return render(request, "trips/weights.html", here, status=status)


@require_safe
@login_required
def text(request: HttpRequest) -> HttpResponse:
    """The file in force, to begin a draft from."""
    now = timezone.now()
    administrator_of(request, at=now)
    name = version_at(now)
    answer = HttpResponse(text_of(name), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="evidence-weights-{name}.json"'
    return answer


@require_safe
@login_required
def version(request: HttpRequest, uid: UUID) -> HttpResponse:
    caller = administrator_of(request, at=timezone.now())
    return _page(request, _row(uid), caller)


@require_POST
@login_required
def trial(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Counts of what would change; who was weighed reads of it in their diary."""
    now = timezone.now()
    caller, row = administrator_of(request, at=now), _row(uid)
    reader = Reader(caller, Role.ADMINISTRATOR, str(request.META.get("REMOTE_ADDR", "")))
    found = try_weights(row, office=caller.organisation, reader=reader, days=DAYS, now=now)
    return _page(request, row, caller, tried=_told(found))


@require_POST
@login_required
def release(request: HttpRequest, uid: UUID) -> HttpResponse:
    now = timezone.now()
    caller, row = administrator_of(request, at=now), _row(uid)
    since = _since(request.POST.get("since", ""), now)
    answer = Answer.read(request.POST.get("step_up", ""))
    try:
        release_weights(row, by=caller, signed=answer, since=since, now=now)
    except WeightsRefused as no:
        messages.error(request, str(WHY[no.why]))
    else:
        messages.success(request, _("Released. It judges touches from then on."))
    return redirect("trips:weight-set", row.uid)


def _row(uid: UUID) -> WeightSet:
    return get_object_or_404(WeightSet.objects.select_related("made_by", "released_by"), uid=uid)


def _page(request: HttpRequest, row: WeightSet, caller: Person, **more: Any) -> HttpResponse:
    now = timezone.now()
    since = _since(request.GET.get("since", ""), now)
    before = version_at(now)
    here = {
        "row": row,
        "before": before,
        "changes": changes(text_of(before), row.text),
        "own": row.made_by_id == caller.pk,
        "days": DAYS,
        "since": since,
        "first": _tomorrow(now).date(),
        "action": RELEASE,
        "batch_hash": encoded(release_hash(row, since)),
    }
    return render(request, "trips/weight_set.html", here | more)


def _since(day: str, now: datetime) -> datetime:
    """The beginning of *day* in Seoul; of tomorrow where none, or no day, is named."""
    try:
        chosen = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=KST)
    except ValueError:
        return _tomorrow(now)
    return max(chosen, _tomorrow(now))


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(KST).date() + timedelta(days=1), time(), KST)


def _told(found: Trial) -> dict[str, Any]:
    moved = [
        (Verdict(old).label, Verdict(new).label, count)
        for (old, new), count in sorted(found.verdicts.items())
        if old != new
    ]
    rules = [(code, f"{points:+d}", count) for (code, points), count in sorted(found.rules.items())]
    return {"weighed": found.weighed, "changed": found.changed, "moved": moved, "rules": rules}
