"""``/settlement/scan/``: the station. Without script its form takes numbers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.limits import TooMany, spend
from accounts.models import Person
from settlement import showing, words
from settlement.alone import fingerprint, taken_along
from settlement.asking import address_of, person_of
from settlement.lending import LEASE, lends
from settlement.limits import TYPED, VERIFY
from settlement.models import Payable, Verification
from settlement.paging import SIZE
from settlement.selectors import open_batch_of, verifications_of
from settlement.services.tell_root import tell_root
from settlement.services.verify import verify
from settlement.web.rights import clerk_only

# What the tally counts, each with its mark and the answers it holds.
TALLY = (
    ("ok", (Payable.PAYABLE, Payable.ZERO)),
    ("warn", (Payable.SUPPLEMENT, Payable.APPROVAL)),
    ("review", (Payable.REVIEW, Payable.EXCEPTION)),
    ("settled", (Payable.SETTLED,)),
    ("bad", (Payable.WAITING, Payable.RECORD)),
)


class NumberForm(forms.Form):
    number = forms.CharField(max_length=64)


@require_GET
@clerk_only
def home(request: HttpRequest) -> HttpResponse:
    del request
    return redirect("settlement:scan")


# The reader is WebAssembly: this page alone may compile it.
@csp_update({"script-src": "'wasm-unsafe-eval'"})
@require_http_methods(["GET", "POST"])
@clerk_only
def scan(request: HttpRequest) -> HttpResponse:
    clerk, now = person_of(request), timezone.now()
    shown: dict[str, Any] = {}
    if request.method == "POST":
        try:
            shown = _typed(request, clerk, now)
        except TooMany as many:
            answer = _page(request, clerk, now, {"wait": many.wait})
            answer.status_code = TooMany.status_code
            answer.headers["Retry-After"] = str(many.wait)
            return answer
    return _page(request, clerk, now, shown)


def _typed(request: HttpRequest, clerk: Person, now: datetime) -> dict[str, Any]:
    spend(clerk, VERIFY, now=now)
    form = NumberForm(request.POST)
    if not form.is_valid():
        return {"form": form}
    spend(clerk, TYPED, now=now)
    number = form.cleaned_data["number"]
    seen = verify(
        clerk=clerk,
        text=number,
        source=Verification.Source.TYPED,
        address=address_of(request),
        now=now,
    )
    return {"scan": showing.scan(seen, said=number), "number": number}


@csp_update({"script-src": "'wasm-unsafe-eval'"})
@require_GET
@clerk_only
def offline(request: HttpRequest) -> HttpResponse:
    """The station as a browser keeps it for the time without a line: it names nobody."""
    clerk = person_of(request)
    frame = {
        "demo": settings.DEMO,
        "theme": clerk.theme,
        "text_size": clerk.text_size,
        "layout": "desk",
        "organisation": clerk.organisation.name,
        "rooms": [],
        "nav": [],
        "person": None,
    }
    here = _frame(clerk) | {"ui": frame, "recent": [], "batch": None}
    return render(request, "settlement/scan.html", here)


def _frame(clerk: Person) -> dict[str, Any]:
    """What the page always brings, whoever looks."""
    root = tell_root()
    return {
        "marks": ("ok", "warn", "review", "bad", "settled", "wait"),
        "questions": (words.QUESTION_GENUINE, words.QUESTION_PAYABLE),
        "along": json.dumps(taken_along(root)),
        "fingerprint": fingerprint(root),
        "lends": lends(clerk.organisation),
        "lease": LEASE,
    }


def _page(
    request: HttpRequest, clerk: Person, now: datetime, shown: dict[str, Any]
) -> HttpResponse:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = verifications_of(clerk).filter(at__gte=midnight)
    context = {
        "recent": [_row(seen) for seen in today[:SIZE]],
        "batch": open_batch_of(clerk),
    }
    return render(request, "settlement/scan.html", _frame(clerk) | context | shown)


def _row(seen: Verification) -> dict[str, Any]:
    """By trip number: the diary knows whom a clerk saw, and a reload looks at nobody."""
    found = seen.check_in
    answer = seen.payable if found else seen.genuine
    table = words.PAYABLE if found else words.GENUINE
    _, mark, tone = words.MARKS[answer]
    return {
        "at": seen.at,
        "number": found.trip.number if found else "",
        "mark": mark,
        "tone": tone,
        "word": table[answer],
    }
