"""``manage.py ledger_witness add|remove|token|visit|cosign``: who watches the log."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from attest.errors import KeysUnusable, LogInconsistent, NoteRefused
from ledger.services.cosign import cosign
from ledger.services.let_in import let_in
from ledger.services.name_witness import name_witness
from ledger.services.visit_witness import visit_witness

WORDS = {"add": 2, "remove": 2, "token": 1, "visit": 2, "cosign": 1}


class Command(BaseCommand):
    help = (
        "Name a witness or let one go, in the log; give it a token; show a serving one the "
        "newest head; keep a cosignature line (FILE or -)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("deed", choices=WORDS)
        parser.add_argument("words", nargs="+", metavar="NAME VKEY | NAME | NAME URL | FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        deed, words = options["deed"], options["words"]
        if len(words) != WORDS[deed]:
            raise CommandError(f"{deed}: {WORDS[deed]} words, as the manual has them")
        try:
            self.stdout.write(self._do(deed, *words))
        except (KeysUnusable, LogInconsistent, NoteRefused, OSError) as wrong:
            raise CommandError(str(wrong)) from wrong

    def _do(self, deed: str, first: str, second: str = "") -> str:
        now = timezone.now()
        match deed:
            case "cosign":
                line = sys.stdin.read() if first == "-" else Path(first).read_text("utf-8")
                return f"cosigned: {cosign(line).size} leaves"
            case "visit":
                return f"cosigned: {visit_witness(first, url=second, now=now).size} leaves"
            case "token":
                return let_in(first)
        action: Any = deed
        name_witness(first, vkey=second, action=action, at=now)
        return f"{deed}: {first}"
