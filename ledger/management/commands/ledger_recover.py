"""``manage.py ledger_recover --from DIR``: after a restore, before anybody works."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attest.errors import LeafMalformed, LogInconsistent
from ledger.adapters.mirror import mirrored_entries, mirrored_receipts
from ledger.services.missing_leaves import missing_leaves
from ledger.services.recover import recover
from ledger.services.unkept_promises import unkept_promises


class Command(BaseCommand):
    help = "Put published leaves that an older database lacks back, from a copy of /log/tile/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, required=True, metavar="DIR")
        parser.add_argument("--receipts", type=Path, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            start, stop = missing_leaves()
            entries = list(mirrored_entries(options["folder"], start=start, stop=stop))
            back = recover(entries)
        except (LogInconsistent, LeafMalformed) as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(f"{back} leaves back, {start + back} in all")
        if options["receipts"]:
            for line in unkept_promises(mirrored_receipts(options["receipts"])):
                self.stdout.write(line)
