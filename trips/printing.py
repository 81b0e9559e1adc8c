"""What the papers of a trip say: a slip of one touch, a sheet of slips, the certificate of all.

    slip   A6, one receipt, its code 40 mm wide
    sheet  A4, eight receipts a page, codes of 34 mm
    trip   A4, every touch in a table, one code over all of them, 40 mm

A record that is no evidence gets no code here either. No coordinate is on any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts import saying
from accounts.models import Person
from ledger.selectors import newest_checkpoint
from trips import qr
from trips.made import made_words
from trips.models import CheckIn, Kind, Trip, TripToken, Verdict
from trips.receipt import receipt_of
from trips.selectors import newest_assessment, standing

Said = dict[str, Any]


def printable(trip: Trip) -> list[CheckIn]:
    """The touches of *trip* that have a receipt to show; an erased one has none any more."""
    usable = [t for t in standing(trip) if newest_assessment(t).verdict != Verdict.INVALID]
    return [touch for touch in usable if not touch.erased]


def slip(trip: Trip, touch: CheckIn, *, reader: Person, at: datetime) -> Said:
    """*touch* is one of the touches that came with *trip*, as in all that follows."""
    return _paper(_("Trip receipt"), trip, reader, at) | _receipt(trip, touch, reader)


def sheet(trip: Trip, touches: Sequence[CheckIn], *, reader: Person, at: datetime) -> Said:
    slips = [_receipt(trip, touch, reader) for touch in touches]
    return _paper(_("Trip receipts"), trip, reader, at) | {"slips": slips}


def certificate(trip: Trip, token: TripToken, *, reader: Person, at: datetime) -> Said:
    head = (_("No."), _("Act"), _("Time"), _("Place of the touch"), _("Receipt number"))
    rows = [_row(number, touch) for number, touch in enumerate(standing(trip), 1)]
    return _paper(_("Trip certificate"), trip, reader, at) | {
        "facts": _facts_of_trip(trip),
        "code": _code(token, reader, _("QR of the whole trip, number")),
        "touches": {"title": _("Touches"), "head": head, "rows": rows},
        "log": _log(),
        "boxes": [_("Officer"), _("Division chief"), _("Director")],
    }


def _paper(title: str, trip: Trip, reader: Person, at: datetime) -> Said:
    printed = _("Printed %(at)s by %(name)s") % {"at": saying.moment(at), "name": reader.name}
    return {
        "lang": "ko" if saying.korean() else "en",
        "title": title,
        "issuer": trip.traveller.organisation.name,
        "printed": printed,
        "note": _(
            "It does not run out. Only the payment desk can open it; nobody else sees anything "
            "in it. A position helps a person decide and proves nothing by itself."
        ),
    }


def _receipt(trip: Trip, touch: CheckIn, reader: Person) -> Said:
    facts = [
        _fact(_("Traveller"), f"{reader.name} · {reader.department.name}", lang="ko"),
        _fact(_act(touch), _moment(touch)),
        _fact(_("Place of the touch"), _where(touch)),
        _fact(_("Trip number"), trip.number),
    ]
    code = _code(touch, reader, _("QR of the trip receipt, number"))
    return {"heading": _destination(trip), "facts": facts, "code": code}


def _facts_of_trip(trip: Trip) -> list[Said]:
    who = trip.traveller
    company = ", ".join(companion.person.name for companion in trip.companions.all())
    return [
        _fact(_("Traveller"), f"{who.name} · {who.department.name}", lang="ko"),
        _fact(_("Trip number"), trip.number),
        _fact(_("When"), _when(trip)),
        {"name": _("Destination")} | _destination(trip),
        _fact(_("What for"), trip.purpose or "–", lang="ko"),
        _fact(_("Vehicle"), str(trip.get_vehicle_display())),
        _fact(_("With"), company or _("nobody"), lang="ko" if company else ""),
        _fact(_("Approver"), trip.approver.name if trip.approver else "–", lang="ko"),
    ]


def _row(number: int, touch: CheckIn) -> list[Said]:
    usable = newest_assessment(touch).verdict != Verdict.INVALID
    last = saying.numbered(touch.spoken) if usable else str(Verdict.INVALID.label)
    act, time = _act(touch), _moment(touch)
    return [_cell(str(number)), _cell(act), _cell(time), _cell(_where(touch)), _cell(last)]


def _code(row: CheckIn | TripToken, reader: Person, name: str) -> Said:
    receipt = receipt_of(row, reader=reader)
    number = saying.numbered(receipt.spoken)
    return {"svg": qr.svg(receipt.text), "number": number, "alt": f"{name} {number}"}


def _act(touch: CheckIn) -> str:
    return str(Kind(touch.kind).label).capitalize()


def _moment(touch: CheckIn) -> str:
    parts = (saying.moment(touch.recorded_at), made_words(touch))
    return " · ".join(part for part in parts if part)


def _where(touch: CheckIn) -> str:
    if not touch.place_words:
        return _("Without position")
    near = _("near %(place)s") % {"place": touch.place_words}
    if touch.accuracy_m is None:
        return near
    return f"{near} · " + _("give or take %(accuracy)s") % {
        "accuracy": saying.metres(touch.accuracy_m)
    }


def _when(trip: Trip) -> str:
    start, end = trip.starts_at, trip.ends_at
    if start == end:
        return saying.moment(start)
    if saying.day(start) == saying.day(end):
        return f"{saying.moment(start)}–{saying.clock(end)}"
    return f"{saying.moment(start)} – {saying.moment(end)}"


def _destination(trip: Trip) -> Said:
    where = ", ".join(stop.text for stop in trip.stops.all())
    return _cell(where, lang="ko") if where else _cell(_("Trip without an order"))


def _log() -> str:
    """How far the log had come, for whoever compares a copy in a drawer with it."""
    head = newest_checkpoint()
    if head is None:
        return ""
    root = bytes(head.root).hex()[:16]
    return _("Log: %(size)s entries, root %(root)s") % {"size": f"{head.size:,}", "root": root}


def _fact(name: str, value: str, *, lang: str = "") -> Said:
    return {"name": name} | _cell(value, lang=lang)


def _cell(value: str, *, lang: str = "") -> Said:
    """*lang* where it is another than the paper's."""
    return {"value": value, "lang": lang or (translation.get_language() or "ko")[:2]}
