"""``manage.py worker``: letters, reminders, and long work; several may run."""

from __future__ import annotations

import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.working import carry_on, carry_out, deliver, work
from trips.services.remind import remind


class Command(BaseCommand):
    help = "Send letters that are due and write reminders, without end; --once: now, and end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        if options["once"]:
            reminders = remind(now=timezone.now())
            self.stdout.write(f"{reminders} reminders, {deliver()} letters, {carry_out()} jobs")
            return
        threading.Thread(target=carry_on, name="jobs", daemon=True).start()
        work()
