"""``manage.py keys create|check``: the only way keys come to be."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from attest.values import KST
from ledger.selectors import waiting_leaves
from ledger.services.announce_keys import announce_keys
from ledger.services.check_keys import check_keys
from ledger.services.create_keys import create_keys


class Command(BaseCommand):
    help = "Make the keys of a new installation, or check those there are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("deed", choices=("create", "check"))
        parser.add_argument("--since", help="the first day their windows hold (YYYY-MM-DD)")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            if options["deed"] == "check":
                self._say(check_keys())
            else:
                self._create(options["since"])
        except ImproperlyConfigured as wrong:
            raise CommandError(str(wrong)) from wrong

    def _create(self, since: str | None) -> None:
        now = timezone.now()
        try:
            day = None if since is None else datetime.fromisoformat(since).date()
        except ValueError as wrong:
            raise CommandError("--since is a day like 2026-11-23") from wrong
        start = datetime.combine(day, time.min, KST) if day else now
        if start > now:
            raise CommandError("--since is today or a day before")
        self._expect_a_database()
        made = create_keys(folder=Path(settings.KEY_FOLDER), since=start, now=now)
        announce_keys(made, at=start)
        self._say([key.name for key in made])

    def _expect_a_database(self) -> None:
        """Keys that could not be announced would be there, and never in the log."""
        try:
            waiting_leaves()
        except DatabaseError as wrong:
            raise CommandError("no database yet: run `manage.py migrate` first") from wrong

    def _say(self, names: list[str]) -> None:
        self.stdout.write("keys: " + " ".join(names))
