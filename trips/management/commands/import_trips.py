from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.selectors import organisation_by_name
from attest.errors import ImportRefused
from trips.services.import_trips import import_trips
from trips.sheet_plan import SheetPlan, plan_of
from trips.sheets import read_sheet


class Command(BaseCommand):
    help = "Trips from a CSV sheet: says the fate of every row, and writes with --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", default="", help="its name, where there are several")
        parser.add_argument("--apply", action="store_true", help="write the drafts")

    def handle(self, *_: object, **options: Any) -> None:
        organisation = organisation_by_name(options["organisation"])
        if organisation is None:
            raise CommandError("name one organisation with --organisation")
        now = timezone.now()
        try:
            entries = read_sheet(options["file"].read_bytes())
        except (ImportRefused, OSError) as wrong:
            raise CommandError(str(wrong)) from wrong
        plan = plan_of(organisation, entries, now=now)
        self._say(plan)
        if options["apply"]:
            import_trips(organisation, entries=entries, digest=plan.digest, now=now)
            self.stdout.write("applied")

    def _say(self, plan: SheetPlan) -> None:
        """Line, fate and code: no number and no name, for a terminal keeps what it showed."""
        for step in plan.steps:
            self.stdout.write(f"{step.entry.line}\t{step.fate}\t{step.code}".rstrip())
        counts = " ".join(f"{fate}={count}" for fate, count in plan.counts().items())
        self.stdout.write(counts)
