"""``/login/`` and ``/logout/``: number and password, or a passkey."""

from __future__ import annotations

import json
from http import HTTPStatus
from secrets import token_bytes
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST

from accounts import asking
from accounts.browsers import browser_of, mark_of
from accounts.enrolling import TIMEOUT_MS
from accounts.models import Person
from accounts.passkeys import Proof, b64, verify
from accounts.selectors import (
    device_at_the_door,
    organisations_to_sign_in_at,
    signs_in_by_passkey,
)
from accounts.services.drop_push_addresses import drop_push_addresses
from accounts.web.door import (
    Locked,
    enter_by_passkey,
    enter_by_password,
    knock,
    onward_from,
    too_many,
)
from accounts.web.forms import SignInForm
from attest.errors import RecordMalformed, StepUpRefused

_ASKED = "sign-in"


class SignInView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(onward_from(request))
        return _page(request, _form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = _form(request.POST)
        if not form.is_valid():
            return _page(request, form, status=HTTPStatus.BAD_REQUEST)
        said = form.cleaned_data
        found = knock(
            request,
            organisation=said.get("organisation", ""),
            number=said["number"],
            password=said["password"],
        )
        if isinstance(found, Locked):
            return _locked(request, form, found)
        if found is None:
            # The same words for an unknown number and for a wrong password.
            form.add_error(None, _("The number or the password is not right."))
            return _page(request, form, status=HTTPStatus.FORBIDDEN)
        return _let_in(request, form, found)


@require_POST
def question(request: HttpRequest) -> JsonResponse:
    """What a passkey signs to open the door; any passkey of this site may answer."""
    challenge = token_bytes(32)
    asking.ask(request.session, _ASKED, challenge, now=timezone.now())
    return JsonResponse(
        {
            "challenge": b64(challenge),
            "rp_id": settings.RP_ID,
            "credential_ids": [],
            "timeout_ms": TIMEOUT_MS,
        }
    )


@require_POST
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in whoever's passkey answered the question of this session."""
    form = _form()
    if too_many(request):
        return _locked(request, form, Locked(60))
    try:
        answer = _answered(request)
    except (RecordMalformed, StepUpRefused):
        answer = None
    if answer is None:
        said = _("This passkey does not open the door here. Please sign in by password.")
        return _page(request, form, status=HTTPStatus.FORBIDDEN, trouble=said)
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Whoever signs out on a phone they leave behind is not told of news on it either."""
    word = browser_of(request)
    if word and isinstance(request.user, Person):
        drop_push_addresses(request.user, browser=mark_of(word))
    logout(request)
    return redirect("accounts:login")


def _answered(request: HttpRequest) -> HttpResponse | None:
    proof = Proof.read(_object(request.POST.get("proof", "")))
    challenge = asking.asked(request.session, _ASKED, now=timezone.now())
    device = device_at_the_door(proof.credential_id)
    if device is None:
        return None
    said = verify(proof, person=device.person, challenge=challenge)
    # The passkey alone opens the door, so it must have asked for finger, face or PIN.
    if not said.live or not said.user_verified:
        return None
    return enter_by_passkey(request, device, onward=onward_from(request))


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise RecordMalformed("the proof is not JSON") from wrong
    if not isinstance(said, dict):
        raise RecordMalformed("the proof is not an object")
    return said


def _let_in(request: HttpRequest, form: SignInForm, person: Person) -> HttpResponse:
    if signs_in_by_passkey(person):
        said = _("This account has a passkey. Please sign in with it.")
        return _page(request, form, status=HTTPStatus.FORBIDDEN, trouble=said)
    onward = onward_from(request)
    offer = f"{reverse('accounts:enrol')}?{urlencode({'next': onward})}"
    return enter_by_password(request, person, onward=offer)


def _form(said: Any = None) -> SignInForm:
    return SignInForm(said, organisations=organisations_to_sign_in_at())


def _locked(request: HttpRequest, form: SignInForm, locked: Locked) -> HttpResponse:
    said = _("Too many attempts. Please try again in %(seconds)s seconds.")
    trouble = said % {"seconds": locked.seconds}
    answer = _page(request, form, status=HTTPStatus.TOO_MANY_REQUESTS, trouble=trouble)
    answer.headers["Retry-After"] = str(locked.seconds)
    return answer


def _page(
    request: HttpRequest, form: SignInForm, *, status: int = HTTPStatus.OK, trouble: str = ""
) -> HttpResponse:
    here = {"form": form, "trouble": trouble, "onward": onward_from(request)}
    return render(request, "accounts/login.html", here, status=status)
