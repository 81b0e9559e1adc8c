"""``/audit/anchors/``: who outside has seen the log, what nobody has seen yet, and how to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attest.errors import KeysUnusable, NoteRefused
from attest.log.trust import read_number
from audit.doors import AuditorView
from ledger.anchoring import Standing, last_of, name_of, newest_anchors, standing
from ledger.models import Anchor, Witness
from ledger.services.ask_witness import ask_witness
from ledger.services.cosign import cosign
from ledger.services.sequence import sequence
from trips.plain_qr import plain_svg

# Daily is usual: a day without anybody is said, more loudly than a few hours.
FRESH = timedelta(hours=26)
_SHOWN = 25
_KINDS = {
    Anchor.Kind.WITNESS: gettext_lazy("Cosigned by a witness"),
    Anchor.Kind.STAMP: gettext_lazy("Time stamp of an authority"),
    Anchor.Kind.MAIL: gettext_lazy("Copy sent by mail"),
    Anchor.Kind.SYSLOG: gettext_lazy("Copy sent to the log host"),
}


class LineForm(forms.Form):
    line = forms.CharField(
        label=gettext_lazy("Line of the witness"),
        help_text=gettext_lazy("It begins with a long dash and the name of the witness."),
        max_length=1_000,
        widget=forms.Textarea({"class": "input", "rows": 3, "spellcheck": "false"}),
    )


class AnchorsView(AuditorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, LineForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """A line that came on a stick, by mail or from a screen."""
        form = LineForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        try:
            size = cosign(form.cleaned_data["line"]).size
        except KeysUnusable:
            form.add_error("line", _("No witness is named yet. The administrator names one."))
        except NoteRefused:
            form.add_error("line", _("This line signs no head of this log, or nobody knows it."))
        else:
            said = _("Kept: the first %(size)s records are cosigned.") % {"size": f"{size:,}"}
            messages.success(request, said)
            return redirect("audit:anchors")
        return self._page(request, form, status=400)

    def _page(self, request: HttpRequest, form: LineForm, *, status: int = 200) -> HttpResponse:
        now = timezone.now()
        sequence(now=now)
        log, witnesses = standing(), _witnesses()
        old = _asked(request, witnesses)
        asked = (ask_witness(old=old, now=now) or "") if log else ""
        said = {
            "form": form,
            "log": log,
            "uncovered": f"{log.uncovered:,}" if log else "",
            "tone": _tone(log, fresh=bool(log and log.anchor and now - log.anchor.at < FRESH)),
            "kind": _told(log.anchor) if log and log.anchor else "",
            "code": _drawn(log.note) if log else "",
            "witnesses": witnesses,
            "old": old,
            "request_code": _drawn(asked) if asked else "",
            "rows": [(row, _KINDS[Anchor.Kind(row.kind)], name_of(row)) for row in _rows()],
        }
        return render(request, "audit/anchors.html", said, status=status)


def _drawn(text: str) -> str:
    return mark_safe(plain_svg(text))  # noqa: S308 -- path commands of our own drawing


def _tone(log: Standing | None, *, fresh: bool) -> str:
    if log is None or log.anchor is None:
        return "bad"
    return "ok" if fresh or not log.uncovered else "warn"


def _told(anchor: Anchor) -> str:
    kind, who = _KINDS[Anchor.Kind(anchor.kind)], name_of(anchor)
    return f"{kind} ({who})" if who else str(kind)


def _rows() -> list[Anchor]:
    return newest_anchors(_SHOWN)


def _witnesses() -> list[tuple[str, int]]:
    """Who is named, and how far each had seen."""
    rows = Witness.objects.filter(active=True).order_by("name")[:_SHOWN]
    return [(row.name, last_of(row.name)) for row in rows]


def _asked(request: HttpRequest, witnesses: list[tuple[str, Any]]) -> int:
    """From where the witness stands: as asked, else where the first of them was last seen."""
    try:
        return read_number(request.GET.get("old", ""))
    except ValueError:
        return witnesses[0][1] if witnesses else 0
