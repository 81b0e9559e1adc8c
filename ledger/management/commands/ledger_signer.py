"""``manage.py ledger_signer --listen SOCKET``: signs the log, as a user of its own."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from attest.errors import LogInconsistent, NoteRefused
from ledger.services.adopt_head import adopt_head
from ledger.services.make_heirs import make_heirs
from ledger.services.serve_signer import serve_signer
from ledger.services.tell_log_keys import tell_log_keys


class Command(BaseCommand):
    help = "Sign the heads of the log for whoever may open SOCKET; or print, or adopt."
    # The signer has neither the other keys nor the files that the checks of a server look for.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_mutually_exclusive_group(required=True)
        deeds.add_argument("--listen", type=Path, metavar="SOCKET")
        deeds.add_argument("--public", action="store_true", help="print log-vkeys.txt")
        deeds.add_argument(
            "--heirs", action="store_true", help="make the keys that `keys renew log` goes on to"
        )
        deeds.add_argument(
            "--adopt",
            type=Path,
            metavar="CHECKPOINT",
            help="the head file is lost: go on from this signed one, and say so in the log",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            if options["heirs"]:
                made = make_heirs()
                self.stdout.write("heirs made" if made else "there are heirs already")
            else:
                self._do(options["listen"], options["adopt"])
        except (ImproperlyConfigured, LogInconsistent, NoteRefused, OSError) as wrong:
            raise CommandError(str(wrong)) from wrong

    def _do(self, listen: Path | None, adopt: Path | None) -> None:
        if listen:
            with serve_signer(listen, clock=timezone.now) as server:
                self.stdout.write(f"signing for {listen}")
                self.stdout.flush()
                server.serve_forever()
        elif adopt:
            found = adopt_head(adopt.read_text(encoding="utf-8"), now=timezone.now())
            self.stdout.write(f"adopted: {found.size} leaves")
        else:
            self.stdout.write(tell_log_keys(), ending="")
