"""``manage.py worker``: letters, reminders, and long work; several may run."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.preparing import prepare_exports
from config.working import carry_out, deliver, hands, work
from trips.services.remind import remind


class Command(BaseCommand):
    help = "Send letters, write reminders and make exports, without end; --once: now, and end."
    # It answers nobody: to check addresses and templates it would have to load every page.
    requires_system_checks = (Tags.models, Tags.database)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        if options["once"]:
            reminders = remind(now=timezone.now())
            exports = prepare_exports(clock=timezone.now)
            done = f"{deliver()} letters, {carry_out()} jobs, {exports} exports"
            self.stdout.write(f"{reminders} reminders, {done}")
            return
        hands()
        work()
