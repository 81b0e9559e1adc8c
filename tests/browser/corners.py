"""Rows that pages of their own stand for: drafts, sheets, appeals, looks. For the stage hand."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from django.utils import timezone

from accounts.models import Device, Grant, Person
from accounts.services.keep_sheet import keep_sheet
from ledger.models import AccessSubject
from settlement.services.draft_rules import draft_rules
from trips.models import CheckIn, Trip
from trips.plan import Plan, PlannedStop
from trips.services.appeal import appeal
from trips.services.choose_presenting import choose_presenting
from trips.services.draft import draft
from trips.services.draft_weights import draft_weights

_RULES = """
[rule_set]
id = "kr-changwon"
version = "2030-12-01"
valid_from = 2030-12-01
extends = "kr-changwon@2023-05-31"

[in_area]
full = 30000
day_cap = 30000
"""
_SHEET = "사번,이름,부서,여비등급,근무지\nN-1,Nora,Safety,2,City Hall\n"


def corners(ada: str, bora: str, olga: str, trip: str) -> dict[str, str]:
    """By the names that ``tests/browser/town.py`` gives them. *trip* is appealed against."""
    now = timezone.now()
    traveller, approver, chief = (Person.objects.get(uid=one) for one in (ada, bora, olga))
    planned = Plan(
        purpose="Bridge",
        starts_at=now,
        ends_at=now,
        vehicle="walk",
        approver=approver,
        stops=(PlannedStop("City Hall of Busan", "26000", None, 45_000),),
    )
    weights = json.loads(files("attest").joinpath("weights/2026.11-1.json").read_text())
    weights["weights_version"] = "2026.12-1"
    text = json.dumps(weights, ensure_ascii=False)
    choose_presenting(chief, choice="on", now=now)
    touch = CheckIn.objects.filter(trip__traveller=traveller).earliest("pk")
    look = AccessSubject.objects.filter(person=traveller).select_related("access").latest("pk")
    about = Trip.objects.get(uid=trip)
    heard = appeal(about, person=traveller, about="verdict", text="It was so.", now=now)
    made: dict[str, Any] = {
        "draft": draft(traveller=traveller, plan=planned, now=now),
        "weights": draft_weights(text, by=chief, reason="For the sake of it", now=now),
        "rules": draft_rules(_RULES, by=chief, reason="For the sake of it", now=now),
        "sheet": keep_sheet(_SHEET.encode(), by=chief, now=now)[0],
        "device": Device.objects.filter(person=traveller).latest("pk"),
        "grant": Grant.objects.filter(person=traveller).latest("pk"),
        "touch": touch,
        "look": look.access,
        "appeal": heard,
    }
    return {name: str(row.uid) for name, row in made.items()}
