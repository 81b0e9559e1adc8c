"""``/manage/people/``: who there is, and which duties they have."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Grant, Person, Role
from accounts.paging import people_page
from accounts.roles import END, GRANT, end_hash, grant_hash
from accounts.selectors import (
    devices_of,
    grants_administered_by,
    grants_of,
    people_administered_by,
)
from accounts.services.end_grant import end_grant
from accounts.services.grant_role import grant_role
from accounts.services.issue_password import issue_password
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer, encoded
from accounts.web.forms import GrantForm, ReasonForm, SearchForm
from accounts.web.rights import administrators_only, caller_of
from attest.errors import DutiesClash
from ledger.services.disclose import Look, Reader, disclose


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """By name, 25 a page. A name that is searched for travels in the body, not in the address."""
    now = timezone.now()
    everybody = people_administered_by(caller_of(request), at=now)
    form = SearchForm(request.POST or None)
    found = everybody
    if form.is_bound and form.is_valid():
        found = everybody.filter(name__icontains=form.cleaned_data["name"])
    after = request.POST.get("after") or request.GET.get("after", "")
    page = people_page(_with_roles(found, now), after=after)
    if form.is_bound:
        _in_the_diary(request, list(page.rows), now)
    here = {"form": form, "people": page.rows, "next": page.next, "searched": form.is_bound}
    return render(request, "accounts/people.html", here)


def _with_roles(people: QuerySet[Person], now: datetime) -> QuerySet[Person]:
    live = Grant.objects.live(now).select_related("scope").order_by("role")
    return people.prefetch_related(Prefetch("grants", live, to_attr="live_grants"))


def _in_the_diary(request: HttpRequest, found: list[Person], now: datetime) -> None:
    disclose(
        reader=_reader(request),
        looks=[Look(person) for person in found],
        method="search",
        action="people.search",
        purpose="people",
        at=now,
    )


@administrators_only
@require_safe
def person(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _page(request, _somebody(request, uid))


@administrators_only
@require_POST
def number(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Open the employee number: the person reads in their diary who did, and what for."""
    somebody, form = _somebody(request, uid), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, somebody, reason_form=form)
    (opened,) = disclose(
        reader=_reader(request),
        looks=[Look(somebody, box=somebody.number_box())],
        method="view",
        action="people.number",
        purpose="people",
        reason=form.cleaned_data["reason"],
        at=timezone.now(),
    )
    return _page(request, somebody, number=opened.decode())


@administrators_only
@require_POST
def password(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A first password, shown on this one page."""
    caller, somebody = caller_of(request), _somebody(request, uid)
    issued = issue_password(somebody, by=caller, now=timezone.now())
    return _page(request, somebody, issued=issued)


@administrators_only
@require_POST
def grant(request: HttpRequest, uid: UUID) -> HttpResponse:
    """First the review of what is given, then, with the passkey's signature, the deed."""
    now, caller = timezone.now(), caller_of(request)
    somebody = _somebody(request, uid)
    form = GrantForm(request.POST, caller=caller)
    if not form.is_valid():
        return _page(request, somebody, grant_form=form)
    role = Role(form.cleaned_data["role"])
    since, until = form.period(now)
    if "step_up" not in request.POST:
        asked = encoded(grant_hash(somebody, role))
        here = {"person": somebody, "form": form, "role": role.label, "since": since}
        here |= {"until": until, "batch_hash": asked, "action": GRANT}
        return render(request, "accounts/grant.html", here)
    try:
        with transaction.atomic():
            _signed(request, action=GRANT, batch_hash=grant_hash(somebody, role), now=now)
            scope = form.cleaned_data["scope"]
            grant_role(
                somebody, role=role, by=caller, since=since, until=until, scope=scope, now=now
            )
    except DutiesClash:
        form.add_error(
            None,
            _("Nobody grants themselves, and the finance clerk cannot be the auditor as well."),
        )
        return _page(request, somebody, grant_form=form)
    messages.success(request, _("The role is granted."))
    return redirect("accounts:person", somebody.uid)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The review of what ends, then the deed."""
    now, caller = timezone.now(), caller_of(request)
    ending = get_object_or_404(grants_administered_by(caller, at=now), uid=uid)
    if request.method != "POST":
        here = {"grant": ending, "person": ending.person, "role": Role(ending.role).label}
        here |= {"batch_hash": encoded(end_hash(ending)), "action": END}
        return render(request, "accounts/grant_end.html", here)
    with transaction.atomic():
        _signed(request, action=END, batch_hash=end_hash(ending), now=now)
        end_grant(ending, by=caller, now=now)
    messages.success(request, _("The role has ended."))
    return redirect("accounts:person", ending.person.uid)


def _signed(request: HttpRequest, *, action: str, batch_hash: bytes, now: datetime) -> None:
    answer = Answer.read(request.POST.get("step_up", ""))
    use_step_up(
        caller_of(request),
        step_up_uid=answer.uid,
        proof=answer.proof,
        action=action,
        batch_hash=batch_hash,
        now=now,
    )


def _somebody(request: HttpRequest, uid: UUID) -> Person:
    people = people_administered_by(caller_of(request), at=timezone.now())
    return get_object_or_404(people.select_related("organisation"), uid=uid)


def _reader(request: HttpRequest) -> Reader:
    source = str(request.META.get("REMOTE_ADDR", ""))
    return Reader(caller_of(request), Role.ADMINISTRATOR, source)


def _page(request: HttpRequest, somebody: Person, **more: Any) -> HttpResponse:
    caller = caller_of(request)
    here = {
        "person": somebody,
        "own": somebody.pk == caller.pk,
        "now": timezone.now(),
        "grants": grants_of(somebody)[:50],
        "devices": devices_of(somebody)[:50],
        "grant_form": GrantForm(caller=caller),
        "reason_form": ReasonForm(),
    }
    return render(request, "accounts/person.html", here | more)
