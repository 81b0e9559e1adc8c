"""``/me/sessions/``: where I am signed in, and ending it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.selectors import sign_ins_of
from accounts.services.end_sessions import end_sessions
from accounts.web.rights import caller_of

# As many as anybody can have at once, and more.
MOST = 50


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    here = request.session.session_key
    rows = list(sign_ins_of(caller_of(request), at=timezone.now())[:MOST])
    others = [row for row in rows if row.session_id != here]
    context = {"here": [row for row in rows if row.session_id == here], "others": others}
    return render(request, "accounts/sessions.html", context)


@login_required
@require_POST
def end(request: HttpRequest, uid: UUID) -> HttpResponse:
    rows = sign_ins_of(caller_of(request), at=timezone.now())
    end_sessions([get_object_or_404(rows, uid=uid)])
    messages.success(request, _("Signed out there."))
    return redirect("accounts:sessions")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    rows = sign_ins_of(caller_of(request), at=timezone.now())
    end_sessions(rows.exclude(session=request.session.session_key))
    messages.success(request, _("Signed out everywhere else."))
    return redirect("accounts:sessions")
