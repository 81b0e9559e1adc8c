"""``manage.py demo``: people, trips and touches to play with; ``--accounts`` lists who there is."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation, Person
from config.demo.cast import ORGANISATION, PASSWORD, PEOPLE
from config.demo.fill import fill
from ledger.models import Published
from ledger.services.sequence import sequence


class Command(BaseCommand):
    help = "Empty a demonstration database and fill it again; any other is refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--accounts", action="store_true", help="list the accounts, change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        if options["accounts"]:
            self._accounts()
            return
        self._empty()
        trips = fill(now=timezone.now())
        leaves = sequence(now=timezone.now())
        self.stdout.write(f"{Person.objects.count()} people, {trips} trips, {leaves} leaves")

    def _empty(self) -> None:
        if Organisation.objects.exclude(name=ORGANISATION).exists() or not settings.DEMO:
            raise CommandError("this is no demonstration database (TRIPSEAL_DEMO=1 says it is)")
        if Organisation.objects.exists():
            # The keys stay, and so does what was signed about them.
            keyset = list(Published.objects.filter(pk=Published.Kind.KEYSET))
            call_command("flush", interactive=False, verbosity=0)
            Published.objects.bulk_create(keyset)
            shutil.rmtree(settings.SHRED_STORE, ignore_errors=True)
            shutil.rmtree(settings.FILE_STORE, ignore_errors=True)
            Path(settings.HEAD_FILE).unlink(missing_ok=True)

    def _accounts(self) -> None:
        self.stdout.write(f"{ORGANISATION} (시연용, 실제 사람과 무관합니다)   비밀번호: {PASSWORD}")
        for number, (name, department, _, roles) in enumerate(PEOPLE[:9], start=1):
            self.stdout.write(f"  G{number:04d}  {name}  {department}  {', '.join(roles.split())}")
        self.stdout.write(f"  … G{len(PEOPLE):04d}")
