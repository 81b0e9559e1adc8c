"""``manage.py ledger_sequence``: the worker that gives leaves their places (PostgreSQL)."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ledger.services.sequence import sequence


class Command(BaseCommand):
    help = "Put waiting leaves into the log and sign it, every half second; --once: now, and end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        while True:
            size = sequence(now=timezone.now())
            if options["once"]:
                self.stdout.write(f"{size} leaves")
                return
            time.sleep(0.5)
