"""``/manage/devices/``: the keys people sign with. What waits for a yes stands first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.devices import APPROVAL, approval_hash
from accounts.models import Device
from accounts.paging import devices_page
from accounts.selectors import devices_administered_by
from accounts.services.approve_device import approve_device
from accounts.step_up import Answer, encoded
from trips.caller import administrator_of
from trips.services.disown_device import disown_device
from trips.web.device_forms import LostForm

WAITING_SHOWN = 50


@login_required
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """First those that wait, oldest first; then the others, newest first, 25 a page."""
    now = timezone.now()
    every = devices_administered_by(administrator_of(request, at=now), at=now)
    waiting = every.filter(state=Device.State.WAITING).order_by("pk")
    page = devices_page(
        every.exclude(state=Device.State.WAITING), before=request.GET.get("before", "")
    )
    here = {
        "waiting": waiting[:WAITING_SHOWN],
        "devices": page.rows,
        "next": page.next,
        "first": "before" not in request.GET,
    }
    return render(request, "trips/devices.html", here)


@login_required
@require_safe
def device(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _page(request, _device(request, uid))


@login_required
@require_POST
def approval(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The administrator's yes, signed by their passkey."""
    now, waiting = timezone.now(), _device(request, uid)
    caller = administrator_of(request, at=now)
    answer = Answer.read(request.POST.get("step_up", ""))
    approve_device(waiting, by=caller, answer=answer, now=now)
    messages.success(request, _("The device can be used now."))
    return redirect("trips:device", uid)


@login_required
@require_POST
def loss(request: HttpRequest, uid: UUID) -> HttpResponse:
    """It was lost at a time the person tells: what it signed since counts no more."""
    now, lost = timezone.now(), _device(request, uid)
    form = LostForm(request.POST, device=lost, now=now)
    if not form.is_valid():
        return _page(request, lost, form=form)
    caller = administrator_of(request, at=now)
    spoilt = disown_device(lost, by=caller, since=form.cleaned_data["since"], now=now)
    said = _("The device is removed. Touches that count no more: %(count)s")
    messages.success(request, said % {"count": len(spoilt)})
    return redirect("trips:device", uid)


def _device(request: HttpRequest, uid: UUID) -> Device:
    now = timezone.now()
    every = devices_administered_by(administrator_of(request, at=now), at=now)
    return get_object_or_404(every, uid=uid)


def _page(request: HttpRequest, shown: Device, **more: Any) -> HttpResponse:
    waits = shown.state == Device.State.WAITING
    here = {
        "device": shown,
        "action": APPROVAL,
        "batch_hash": encoded(approval_hash(shown)) if waits else "",
        "form": LostForm(device=shown, now=timezone.now()),
    }
    return render(request, "trips/device.html", here | more)
