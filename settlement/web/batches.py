"""``/settlement/batches/``: laid together, signed as it stands, paid once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.step_up import Answer, encoded
from attest.errors import BatchChanged, DutiesClash, NotYours, StepUpRefused
from settlement import showing, words
from settlement.asking import address_of, person_of
from settlement.batching import ACTION, AT_ONCE, needs_second
from settlement.looking import look
from settlement.models import Batch, Settlement
from settlement.paging import after_of, page
from settlement.paying_out import PAY
from settlement.selectors import (
    batch_rows_of,
    batches_of,
    open_batch_of,
    settlements_of_batch,
)
from settlement.services.drop_batch import drop_batch
from settlement.services.fill_batch import fill_batch
from settlement.services.open_batch import open_batch
from settlement.services.second_batch import second_batch
from settlement.services.settle import settle
from settlement.web.rights import clerk_only
from settlement.working import jobs_of, page_of


class AddForm(forms.Form):
    trip = forms.UUIDField()


@require_http_methods(["GET", "POST"])
@clerk_only
def batches(request: HttpRequest) -> HttpResponse:
    """The list; posted to, it lays one trip into the open batch."""
    clerk = person_of(request)
    if request.method == "POST":
        form = AddForm(request.POST)
        if not form.is_valid():
            return redirect("settlement:scan")
        now = timezone.now()
        batch = open_batch_of(clerk) or open_batch(clerk=clerk, now=now)
        batch = fill_batch(batch, clerk=clerk, add=[form.cleaned_data["trip"]], now=now)
        return redirect("settlement:batch", batch.uid)
    found, following = page(batches_of(clerk), after=after_of(request.GET.get("after", "")))
    context = {
        "batches": [showing.batch_row(one) for one in found],
        "following": following,
    }
    return render(request, "settlement/batches.html", context)


@require_http_methods(["GET", "POST"])
@clerk_only
def batch(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One batch, whole: what is signed must be seen. Posted to, it gives rows back."""
    clerk, now = person_of(request), timezone.now()
    found = get_object_or_404(batches_of(clerk), uid=uid)
    if request.method == "POST":
        asked = map(after_of, request.POST.getlist("remove"))
        remove = {trip for trip in asked if trip}
        fill_batch(found, clerk=clerk, remove=remove, now=now)
        return redirect("settlement:batch", found.uid)
    rows = list(batch_rows_of(found))
    look(
        clerk,
        [row.trip.traveller for row in rows],
        depth="times",
        action="batch",
        reference=str(found.uid),
        address=address_of(request),
        now=now,
    )
    paid = {one.trip_id: one for one in settlements_of_batch(found)}
    context = {
        "batch": found,
        "rows": [
            {
                "row": row,
                "trip": row.trip,
                "paid": paid.get(row.trip_id),
                "leaf_hash": _leaf(paid.get(row.trip_id)),
                "lines": _lines(paid[row.trip_id]) if row.trip_id in paid else [],
                "left_out": words.LEFT_OUT.get(row.refused, row.refused or words.NOT_REACHED),
            }
            for row in rows
        ],
        "settled_won": sum(one.total for one in paid.values() if one.voided_at is None),
        "mine": found.state == Batch.State.OPEN and found.clerk_id == clerk.pk,
        "over": found.total > settings.BATCH_LIMIT_WON,
        "for_two": found.state == Batch.State.OPEN and needs_second(found),
        "waits_for_me": found.state == Batch.State.WAITING and found.clerk_id != clerk.pk,
        "mine_waits": found.state == Batch.State.WAITING and found.clerk_id == clerk.pk,
        "limit": settings.BATCH_LIMIT_WON,
        "action": ACTION,
        "batch_hash": encoded(bytes(found.hash)) if found.hash else "",
    }
    return render(request, "settlement/batch.html", context)


def _leaf(paid: Settlement | None) -> str:
    return bytes(paid.leaf_hash).hex() if paid else ""


def _lines(paid: Settlement) -> list[dict[str, Any]]:
    return [showing.line(one) for one in showing.lines_of(paid)]


@require_POST
@clerk_only
def settlement(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Pay exactly the rows that were signed, or hand them to a second person."""
    return _signed(request, uid, settle)


@require_POST
@clerk_only
def second(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Agree to what another clerk signed, over the same rows."""
    return _signed(request, uid, second_batch)


@require_POST
@clerk_only
def drop(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give one's own batch up."""
    clerk = person_of(request)
    drop_batch(get_object_or_404(batches_of(clerk), uid=uid), clerk=clerk)
    messages.success(request, _("The batch was given up. Its trips can be laid into another."))
    return redirect("settlement:batches")


def _signed(request: HttpRequest, uid: UUID, deed: Callable[..., Batch]) -> HttpResponse:
    clerk = person_of(request)
    found = get_object_or_404(batches_of(clerk), uid=uid)
    try:
        answer = Answer.read(request.POST.get("step_up", ""))
        done = deed(found, clerk=clerk, step_up=answer.uid, proof=answer.proof, now=timezone.now())
    except BatchChanged:
        messages.error(request, _("The batch has changed. Please look at it again."))
    except StepUpRefused:
        messages.error(request, _("This needs your passkey, signed over this very list."))
    except (DutiesClash, NotYours):
        messages.error(
            request, _("Another clerk has to agree, who neither travelled nor approved.")
        )
    else:
        if done.state == Batch.State.WAITING:
            messages.success(request, _("Signed. A second clerk has to agree before it is paid."))
        elif done.rows > AT_ONCE:
            job = jobs_of(clerk).filter(kind=PAY)[0]
            return redirect(page_of(job))
        else:
            messages.success(request, _("Settled."))
    return redirect("settlement:batch", found.uid)
