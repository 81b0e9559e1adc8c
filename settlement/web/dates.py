"""``/settlement/months/<yyyy-mm>/dates/``: which trips stand on a month's payment statement."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import saying
from attest.errors import MonthClosed, MoveRefused, NotYours
from settlement.asking import address_of, person_of
from settlement.looking import look
from settlement.models import Month
from settlement.months import added_later, month_for, settlements_of_month, shifts_of_month
from settlement.paging import after_of, page
from settlement.services.add_in import add_in
from settlement.services.leave_out import leave_out
from settlement.web.month_forms import reason_field
from settlement.web.rights import clerk_only

SHOWN = 50


class ShiftForm(forms.Form):
    reason = reason_field()


@require_http_methods(["GET", "POST"])
@clerk_only
def dates(request: HttpRequest, name: str) -> HttpResponse:
    """A page of them to tick, and what was moved before, with the reasons."""
    clerk, now = person_of(request), timezone.now()
    month, out = month_for(clerk, name), request.GET.get("list") == "out"
    form = ShiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _moved(request, month, form, out=out):
        answer = redirect("settlement:month-dates", name)
        answer["Location"] += "?list=out" if out else ""
        return answer
    rows = added_later(clerk, name) if out else settlements_of_month(clerk, name).order_by("-pk")
    found, following = page(rows, after=after_of(request.GET.get("after", "")))
    shifts = list(shifts_of_month(month).order_by("-pk")[:SHOWN])
    people = [row.traveller for row in found] + [row.settlement.traveller for row in shifts]
    if people:
        look(
            clerk,
            people,
            depth="times",
            action="month",
            reference=f"{name} statement",
            address=address_of(request),
            now=now,
        )
    context = {
        "month": month,
        "title": saying.month(name),
        "open": month.state == Month.State.OPEN,
        "out": out,
        "rows": found,
        "following": str(following or ""),
        "shifts": [(one, saying.month(one.left), saying.month(one.joined)) for one in shifts],
        "form": form,
    }
    return render(request, "settlement/month_dates.html", context)


def _moved(request: HttpRequest, month: Month, form: ShiftForm, *, out: bool) -> bool:
    """Whether the ticked trips were moved; if not, the form says why."""
    clerk, now, said = person_of(request), timezone.now(), form.cleaned_data["reason"]
    ticked: set[UUID] = {uid for text in request.POST.getlist("paid") if (uid := after_of(text))}
    try:
        if out:
            add_in(month, clerk=clerk, settlements=ticked, reason=said, now=now)
            messages.success(request, _("Added to the statement."))
        else:
            joined = leave_out(month, clerk=clerk, settlements=ticked, reason=said, now=now)
            words = _("Left out: on the statement of %(month)s now.")
            messages.success(request, words % {"month": saying.month(joined)})
    except MonthClosed:
        form.add_error(None, _("The month is closed: it has to be open first."))
    except NotYours:
        form.add_error(None, _("Nobody moves a trip they travelled or approved themselves."))
    except MoveRefused:
        form.add_error(None, _("Please tick trips whose money is not on its way yet."))
    else:
        return True
    return False
