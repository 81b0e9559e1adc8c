"""``manage.py import_people FILE --organisation NAME [--apply]``: the dry run comes first."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.people_plan import Plan, plan_of
from accounts.people_sheet import read_sheet
from accounts.selectors import organisation_by_name
from accounts.services.import_people import import_people
from attest.errors import ImportRefused


class Command(BaseCommand):
    help = "Show what a CSV of people would do; with --apply, do it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", required=True)
        parser.add_argument("--apply", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the fate of every row that is not the same; exit 1 if the sheet is unreadable."""
        organisation = organisation_by_name(options["organisation"])
        if organisation is None:
            raise CommandError("no organisation of this name")
        now = timezone.now()
        try:
            entries = read_sheet(options["file"].read_bytes())
        except ImportRefused as refused:
            raise CommandError(str(refused)) from refused
        except OSError as wrong:
            raise CommandError(f"the file cannot be opened: {wrong.strerror}") from wrong
        plan = plan_of(organisation, entries, by=None, now=now)
        self._show(plan)
        if options["apply"]:
            import_people(organisation, entries=entries, digest=plan.digest, by=None, now=now)
            self.stdout.write("applied")

    def _show(self, plan: Plan) -> None:
        for step in plan.steps:
            if step.fate != "same":
                said = f"line {step.entry.line}: {step.fate} {step.code}".rstrip()
                self.stdout.write(f"{said} {step.entry.name}")
        counts = ", ".join(f"{count} {fate}" for fate, count in plan.counts().items())
        self.stdout.write(counts)
