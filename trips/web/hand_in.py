"""``/manage/people/…/hand-in/``: the help desk takes in what a broken phone could not send."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.limits import TooMany, spend
from accounts.models import Person
from accounts.selectors import may_travel, people_administered_by
from attest.errors import IdReused, ImportRefused, MoveRefused, NotYours, RecordMalformed
from trips.caller import administrator_of
from trips.handed_in import envelope_in, read_file, refuse_unsigned, withdrawn_by
from trips.limits import UPLOAD
from trips.models import CheckIn, Trip
from trips.services.check_in import check_in
from trips.services.note_hand_in import note_hand_in
from trips.services.withdraw import withdraw

_FILE = {
    "import.too-large": gettext_lazy("The file is larger than 1 MiB."),
    "import.too-many-rows": gettext_lazy("The file holds more than fifty touches."),
    "import.empty": gettext_lazy("No touch is in this file."),
}
_NOT_OURS = gettext_lazy("This is no file of touches from a phone.")
_WHY: dict[type[Exception], Any] = {
    NotYours: gettext_lazy("No key of this person signed it."),
    IdReused: gettext_lazy("Another record has this number."),
    MoveRefused: gettext_lazy("It came too late to be taken back."),
    Trip.DoesNotExist: gettext_lazy("It names a trip that is not this person's."),
    RecordMalformed: gettext_lazy("The record of this touch cannot be read."),
}
_NO_TRAVELLER = gettext_lazy("This person may not travel.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What was kept, and of each that was not the reason. Handed in again it is the same."""
    now = timezone.now()
    caller = administrator_of(request, at=now)
    person = get_object_or_404(people_administered_by(caller, at=now), uid=uid)
    here: dict[str, Any] = {"person": person}
    if request.method == "POST":
        here |= _taken(request, person, by=caller, now=now)
    return render(request, "trips/hand_in.html", here, status=400 if "trouble" in here else 200)


def _taken(request: HttpRequest, person: Person, *, by: Person, now: datetime) -> dict[str, Any]:
    if person == by:
        return {"trouble": _("Hand in your own touches under Waiting to send.")}
    try:
        spend(by, UPLOAD, now=now)
        file = request.FILES.get("file")
        raw = file.read() if file else b""
        envelopes = read_file(raw)
    except TooMany as many:
        return {"trouble": str(many.detail)}
    except ImportRefused as no:
        return {"trouble": _FILE.get(str(no), _NOT_OURS)}
    note_hand_in(person, by=by, digest=sha256(raw).digest(), now=now)
    kept: dict[str, CheckIn] = {}
    faults = [why for one in envelopes if (why := _one(person, one, kept))]
    return {"done": True, "count": len(kept), "faults": faults}


def _one(person: Person, said: dict[str, Any], kept: dict[str, CheckIn]) -> str:
    """Empty where it was taken, else why not."""
    try:
        if name := withdrawn_by(said):
            if name not in kept:
                raise NotYours("another file brought it")
            withdraw(kept[name], person=person, now=timezone.now())
            return ""
        envelope, now = envelope_in(said), timezone.now()
        refuse_unsigned(person, envelope)
        if envelope.record.trip is None and not may_travel(person, at=now):
            return str(_NO_TRAVELLER)
        kept[str(envelope.id)], _new = check_in(person, envelope=envelope, now=now)
    except tuple(_WHY) as no:
        return str(_WHY[type(no)])
    return ""
