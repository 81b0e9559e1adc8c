"""Objections to looks: made from one's diary, answered by an administrator it is not about."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from accounts.web.rights import administrators_only, caller_of
from accounts.web.words import purpose_words, seen_words
from ledger.selectors import diary_of, objections_for
from ledger.services.answer_objection import answer_objection
from ledger.services.disclose import Look, Reader, disclose
from ledger.services.object_to import object_to


class ObjectionForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why this look was not right"),
        max_length=500,
        widget=forms.Textarea({"class": "input", "rows": 3}),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A look at oneself; another's is not there."""
    person = caller_of(request)
    look = get_object_or_404(diary_of(person.pk), access__uid=uid)
    form = ObjectionForm(request.POST or None)
    if form.is_valid():
        object_to(look, reason=form.cleaned_data["reason"], now=timezone.now())
        messages.success(request, _("An administrator who did not look has it now."))
        return redirect("accounts:diary")
    here = {
        "look": look,
        "form": form,
        "what": seen_words(look.access.action, look.depth),
        "why": purpose_words(look.access.purpose),
    }
    status = 400 if form.is_bound else 200
    return render(request, "accounts/objection.html", here, status=status)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def objections(request: HttpRequest) -> HttpResponse:
    """The newest fifty of the office, open ones first; each names who was looked at."""
    caller, now = caller_of(request), timezone.now()
    rows = objections_for(caller.organisation_id, reader_id=caller.pk)
    if request.method == "POST":
        row = get_object_or_404(rows, uid=_uid(request.POST.get("objection", "")))
        answer_objection(row, by=caller, answer=request.POST.get("answer", ""), now=now)
        messages.success(request, _("Your answer stands in their diary."))
        return redirect("accounts:objections")
    shown = list(rows.order_by("answered_at", "-at")[:50])
    disclose(
        reader=Reader(caller, Role.ADMINISTRATOR, str(request.META.get("REMOTE_ADDR", ""))),
        looks=[Look(row.look.person, "times") for row in shown],
        method="view",
        action="objections",
        purpose="people",
        at=now,
    )
    told = [
        {
            "row": row,
            "what": seen_words(row.look.access.action, row.look.depth),
            "why": purpose_words(row.look.access.purpose),
        }
        for row in shown
    ]
    return render(request, "accounts/objections.html", {"objections": told})


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
