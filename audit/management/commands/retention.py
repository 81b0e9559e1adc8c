"""``manage.py retention``: what is over; ``--apply`` erases it. Daily."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.retaining import run
from audit.retention import Due


class Command(BaseCommand):
    help = "Say what is kept beyond its time; --apply erases it and prints the signed report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        now = timezone.now()
        if not options["apply"]:
            for name, count in Due(now).counts().items():
                self.stdout.write(f"{name:16}{count}")
            self.stdout.write("nothing was erased: --apply does it")
            return
        report = run(now=now)
        self.stdout.write(report.note)
        if '"wiped":-1' in report.note:
            raise CommandError("somebody is reading: the database's files are wiped next time")
