"""A sheet of standing allowances, for administrators: what every row would do, then to do it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attest.values import month_before
from trips.services.import_standing import import_standing
from trips.standing_plan import StandingPlan, Step, plan_of
from trips.standing_sheet import COLUMNS, read_sheet
from trips.web.carrying import FATES, REFUSED, TONES, SheetView

_EMPTY = gettext_lazy("The cell is empty.")
_UNREADABLE = gettext_lazy("The cell is too long, or holds characters nobody can print.")
_MONTH = gettext_lazy("A month is not written like 2026-10.")
WORDS = {
    "standing.cells": gettext_lazy("The row has more cells than the first row."),
    "standing.number-missing": _EMPTY,
    "standing.number-unreadable": _UNREADABLE,
    "standing.reason-missing": _EMPTY,
    "standing.reason-unreadable": _UNREADABLE,
    "standing.first": _MONTH,
    "standing.last": _MONTH,
    "standing.months-crossed": gettext_lazy("The last month lies before the first."),
    "standing.sum": gettext_lazy("The sum is not whole won between 1 and 10,000,000."),
    "standing.months-twice": gettext_lazy("Another row pays the same person for one month."),
    "standing.person-unknown": gettext_lazy("Nobody here has this employee number."),
    "standing.own": gettext_lazy("Another administrator writes down a sum of your own."),
    "standing.months-taken": gettext_lazy("One of these months has a standing allowance already."),
    "settlement.already": gettext_lazy(
        "A trip of these months is settled already: take that back first."
    ),
}


class StandingImport(SheetView):
    template = "trips/standing_import.html"
    here = "trips:standing-import"
    columns = COLUMNS
    refused: ClassVar = {
        **REFUSED,
        "import.too-many-rows": gettext_lazy("The sheet has more than 1,000 rows."),
    }

    def planned(self, raw: bytes) -> StandingPlan:
        return plan_of(self.caller.organisation, read_sheet(raw), by=self.caller)

    def applied(self, raw: bytes, digest: bytes) -> str:
        done = import_standing(read_sheet(raw), digest=digest, by=self.caller, now=self.now)
        return _("%(new)s allowances are written down.") % done.counts()

    def row(self, step: Step) -> tuple[Any, ...]:
        last = month_before(step.entry.until) if step.entry.until else ""
        why = WORDS.get(step.code, step.code)
        return step, last, FATES[step.fate], TONES[step.fate], why
