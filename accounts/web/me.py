"""``/me/``: how I like my pages, my devices, who looked at me."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.browsers import browser_of
from accounts.consents import PURPOSES, VERSIONS
from accounts.devices import APPROVAL, approval_hash
from accounts.models import Device, Role
from accounts.paging import diary_page
from accounts.selectors import (
    consents_of,
    devices_managed_by,
    devices_of,
    live_passkeys_of,
    roles_of,
)
from accounts.services.approve_device import approve_device
from accounts.services.change_password import change_password
from accounts.services.change_settings import change_settings
from accounts.services.name_device import name_device
from accounts.services.read_diary import read_diary
from accounts.services.revoke_device import revoke_device
from accounts.step_up import Answer, encoded
from accounts.web.door import list_session
from accounts.web.forms import DeviceNameForm, PasswordForm, SettingsForm
from accounts.web.rights import caller_of
from accounts.web.words import purpose_words, seen_words
from ledger.models import AccessSubject
from ledger.selectors import diary_of, new_in_diary


@login_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    here = {
        "person": caller,
        "roles": [Role(role).label for role in sorted(roles_of(caller, at=timezone.now()))],
        "languages": [("", _("As the browser")), ("ko", "한국어"), ("en", "English")],
        "themes": [("", _("System")), ("light", _("Light")), ("dark", _("Dark"))],
        "sizes": [(1, _("Normal")), (2, _("Large")), (3, _("Very large"))],
        "devices": live_passkeys_of(caller),
        "new": new_in_diary(caller.pk, since=caller.diary_read_at),
    }
    return render(request, "accounts/me.html", here)


@login_required
@require_POST
def settings(request: HttpRequest) -> HttpResponse:
    form = SettingsForm(request.POST)
    if form.is_valid():
        change_settings(caller_of(request), **form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Please choose again."))
    return redirect("accounts:me")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = change_password(caller_of(request), **form.cleaned_data)
        except ValidationError as weak:
            form.add_error("old" if weak.code == "password.wrong" else "new", weak)
        else:
            # The other sessions of this person end; this one goes on.
            update_session_auth_hash(request, person)
            list_session(request, person, word=browser_of(request))
            messages.success(request, _("The password is changed."))
            return redirect("accounts:me")
    return render(request, "accounts/password.html", {"form": form})


@login_required
@require_safe
def diary(request: HttpRequest) -> HttpResponse:
    """Who looked, by day; 25 a page. What came since the last time is marked as new."""
    caller = caller_of(request)
    looks, since = diary_of(caller.pk), caller.diary_read_at
    page = diary_page(looks, before=request.GET.get("before", ""))
    looked = [_look(look, since=since) for look in page.rows]
    days = groupby(looked, key=lambda look: timezone.localdate(look["at"]))
    here = {
        "days": [list(rows) for _day, rows in days],
        "next": page.next,
        "first": "before" not in request.GET,
        "new": new_in_diary(caller.pk, since=since),
    }
    if here["first"]:
        read_diary(caller, now=timezone.now())
    return render(request, "accounts/diary.html", here)


def _look(look: AccessSubject, *, since: datetime | None) -> dict[str, Any]:
    access = look.access
    return {
        "uid": access.uid,
        "new": since is None or access.at > since,
        "objection": getattr(look, "objection", None),
        "at": access.at,
        "name": access.actor.name,
        "department": access.actor.department.name,
        "role": Role(access.role).label if access.role in Role.values else access.role,
        "what": seen_words(access.action, look.depth),
        "why": purpose_words(access.purpose),
        "reason": access.reason,
        "reference": access.reference,
    }


@login_required
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    mine = [(device, _approval(device)) for device in devices_of(caller_of(request))[:50]]
    return render(request, "accounts/devices.html", {"devices": mine, "action": APPROVAL})


@login_required
@require_POST
def rename(request: HttpRequest, uid: UUID) -> HttpResponse:
    device = get_object_or_404(devices_of(caller_of(request)), uid=uid)
    form = DeviceNameForm(request.POST)
    if form.is_valid():
        name_device(device, **form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("A name has 1 to 50 letters."))
    return redirect("accounts:devices")


def _approval(device: Device) -> str:
    waiting = device.state == Device.State.WAITING
    return encoded(approval_hash(device)) if waiting else ""


@login_required
@require_POST
def revoke(request: HttpRequest, uid: UUID) -> HttpResponse:
    caller, now = caller_of(request), timezone.now()
    device = get_object_or_404(devices_managed_by(caller, at=now), uid=uid)
    revoke_device(device, by=caller, now=now)
    messages.success(request, _("The device is removed. What it signed before stays good."))
    if device.person_id != caller.pk:
        return redirect("accounts:person", device.person.uid)
    return redirect("accounts:devices")


@login_required
@require_POST
def approve(request: HttpRequest, uid: UUID) -> HttpResponse:
    caller = caller_of(request)
    device = get_object_or_404(devices_of(caller), uid=uid)
    answer = Answer.read(request.POST.get("step_up", ""))
    approve_device(device, by=caller, answer=answer, now=timezone.now())
    messages.success(request, _("The device can be used now."))
    return redirect("accounts:devices")


@login_required
@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    """The newest answer for each purpose, and the whole list below."""
    every = list(consents_of(caller_of(request))[:100])
    newest = {
        purpose: next((c for c in every if c.purpose == purpose), None) for purpose in PURPOSES
    }
    rows = [(purpose, consent, VERSIONS[purpose]) for purpose, consent in newest.items()]
    return render(request, "accounts/consents.html", {"newest": rows, "every": every})
