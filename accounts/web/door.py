"""Through the door: allauth's flows, with our words and our passkeys.

allauth counts failures, renews the session key and remembers how somebody signed in.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.agents import words_of
from accounts.browsers import mark_of, named, remember
from accounts.models import Device, Person, Role
from accounts.passkeys import b64
from accounts.selectors import roles_of
from accounts.services.note_browser import note_browser
from accounts.services.note_sign_in import note_sign_in
from accounts.vouching import passkey_shown

_DESK = {Role.CLERK, Role.AUDITOR, Role.ADMINISTRATOR}
_DESK_DAY = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many failures: how long until it is worth trying again."""

    seconds: int


def knock(
    request: HttpRequest, *, organisation: str, number: str, password: str
) -> Person | Locked | None:
    """Whose number and password these are; none for any that do not fit together."""
    # allauth counts failures by "username": ours is the pair, spelt one way.
    username = f"{organisation}/{number.strip().upper()}"
    try:
        found = get_adapter().authenticate(
            request,
            username=username,
            organisation=organisation,
            number=number,
            password=password,
        )
    except ValidationError:
        return Locked(_wait(request, username))
    return cast("Person | None", found)


def enter_by_password(request: HttpRequest, person: Person, *, onward: str) -> HttpResponse:
    answer = perform_password_login(request, {}, Login(user=person, redirect_url=onward))
    return _entered(request, person, cast(HttpResponse, answer))


def enter_by_passkey(request: HttpRequest, device: Device, *, onward: str) -> HttpResponse | None:
    """Sign its person in; none when the key was never enrolled for the door."""
    credential_id = b64(bytes(device.credential_id or b""))
    authenticator = Authenticator.objects.filter(
        user_id=device.person_id, data__credential__id=credential_id
    ).first()
    if authenticator is None:
        return None
    login = Login(user=device.person, redirect_url=onward)
    answer = perform_passwordless_login(request, authenticator, login)
    passkey_shown(request.session, person=device.person)
    return _entered(request, device.person, cast(HttpResponse, answer))


def too_many(request: HttpRequest) -> bool:
    """Whether this address tried passkeys too often."""
    return not ratelimit.consume(request, app="allauth.account", action="login")


def onward_from(request: HttpRequest) -> str:
    """Where to go after: a page of ours, or the first one."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={settings.HOST}, require_https=settings.SECURE
    )
    return wanted if here else "/"


def _entered(request: HttpRequest, person: Person, answer: HttpResponse) -> HttpResponse:
    _limit(request, person)
    word, now = named(request), timezone.now()
    note_browser(person, browser=mark_of(word), now=now)
    list_session(request, person, word=word)
    remember(word, answer)
    return answer


def list_session(request: HttpRequest, person: Person, *, word: str) -> None:
    """From now on the session stands in its person's list, under the name it has now."""
    # Who signs in over somebody else has a session without a name until it is saved: unlisted,
    # nobody could end it from afar.
    if not request.session.session_key:
        request.session.save()
    words = words_of(request.headers.get("User-Agent", ""))
    mark, now = mark_of(word), timezone.now()
    key = str(request.session.session_key)
    note_sign_in(person, session_key=key, browser=mark, words=words, now=now)


def _limit(request: HttpRequest, person: Person) -> None:
    """A day at the desk is shorter than a day on the road."""
    if roles_of(person, at=timezone.now()) & _DESK:
        request.session.set_expiry(_DESK_DAY)


def _wait(request: HttpRequest, username: str) -> int:
    """Seconds until every count of allauth's has room again; at least one."""
    app, action = "allauth.account", "login_failed"
    key, waits = f"{request.get_host()}:{username.lower()}", [1]
    for rate in ratelimit.get_rates(app=app, action=action):
        name = ratelimit.get_cache_key(request, app=app, action=action, rate=rate, key=key)
        seen = cache.get(name, [])
        if len(seen) >= rate.amount:
            waits.append(int(seen[-1] + rate.duration - time.time()) + 1)
    return max(waits)
