"""A sheet of trips, for administrators: what would happen to every row, then to do it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trips.services.import_trips import import_trips
from trips.sheet_plan import SheetPlan, Step, plan_of
from trips.sheets import COLUMNS, read_sheet
from trips.web.carrying import FATES, TONES, SheetView

WORDS = {
    "trips.cells": gettext_lazy("The row has more cells than the first row."),
    "trips.time": gettext_lazy("A time is not written like 2026-11-23 09:30."),
    "trips.times-crossed": gettext_lazy("The end lies before the beginning."),
    "trips.vehicle": gettext_lazy("The vehicle is not known."),
    "trips.row-twice": gettext_lazy("Another row has the same person and beginning."),
    "trips.traveller-unknown": gettext_lazy("Nobody who may travel has this employee number."),
    "trips.approver-unknown": gettext_lazy("Nobody who may approve has this employee number."),
    "trips.own-approver": gettext_lazy("Nobody approves their own trip."),
    "trips.companion-unknown": gettext_lazy("A companion's employee number is not known."),
    "trips.companions-too-many": gettext_lazy("Too many companions."),
    "trips.place-unknown": gettext_lazy("Neither a place of the office nor a city or county."),
    "trips.place-vague": gettext_lazy("The place does not say where exactly."),
    "trips.not-a-draft": gettext_lazy("The trip there is no longer a draft."),
    "trips.several-there": gettext_lazy("Several trips begin at that time."),
}


class TripsImport(SheetView):
    template = "trips/imports.html"
    here = "trips:imports"
    columns = COLUMNS

    def planned(self, raw: bytes) -> SheetPlan:
        return plan_of(self.caller.organisation, read_sheet(raw), now=self.now)

    def applied(self, raw: bytes, digest: bytes) -> str:
        entries = read_sheet(raw)
        done = import_trips(self.caller.organisation, entries=entries, digest=digest, now=self.now)
        return _("%(new)s new and %(changed)s changed drafts are written.") % done.counts()

    def row(self, step: Step) -> tuple[Any, ...]:
        return step, FATES[step.fate], TONES[step.fate], WORDS.get(step.code, step.code)
