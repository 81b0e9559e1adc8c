"""``manage.py ledger_trust``: the trust file auditors are given, on paper or by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from ledger.services.tell_trust import tell_trust


class Command(BaseCommand):
    help = "Print the public keys of the log, its receipts and its exports, as a trust file."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        self.stdout.write(tell_trust(), ending="")
