"""``/settlement/settlements/<id>/``: one payment, and the way back."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from attest.errors import DutiesClash, MonthClosed, MoveRefused
from settlement import showing
from settlement.asking import address_of, person_of
from settlement.looking import look
from settlement.models import Month
from settlement.months import month_for
from settlement.selectors import proposed_void_of, settlements_visible_to
from settlement.services.unsettle import unsettle
from settlement.web.rights import clerk_only
from trips.move_words import of_move


class VoidForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=2,
        max_length=500,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )


@require_http_methods(["GET", "POST"])
@clerk_only
def settlement(request: HttpRequest, uid: UUID) -> HttpResponse:
    clerk, now = person_of(request), timezone.now()
    rows = settlements_visible_to(clerk, at=now).select_related("batch", "traveller__department")
    paid = get_object_or_404(rows, uid=uid)
    form = VoidForm(request.POST or None)
    refusal: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            done = unsettle(paid, clerk=clerk, reason=form.cleaned_data["reason"], now=now)
        except MonthClosed:
            messages.error(request, _("It was paid in a closed month, which has to be open first."))
            return redirect("settlement:settlement", paid.uid)
        except (DutiesClash, MoveRefused) as refused:
            if not (refusal := of_move(refused)):
                raise
            paid.refresh_from_db()
        else:
            said = _("The settlement was taken back.") if done else _("Another clerk has to agree.")
            messages.success(request, said)
            return redirect("settlement:settlement", paid.uid)
    look(
        clerk,
        [paid.traveller],
        depth="times",
        action="settlement",
        reference=paid.trip.number,
        address=address_of(request),
        now=now,
    )
    proposed = proposed_void_of(paid)
    context = {
        "paid": paid,
        "shown": showing.settlement(paid),
        "form": form,
        "refusal": refusal,
        "proposed": proposed,
        "month_closed": month_for(clerk, paid.month).state == Month.State.CLOSED,
        "waits_for_another": proposed is not None and proposed.maker_id == clerk.pk,
    }
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "settlement/settlement.html", context, status=status)
