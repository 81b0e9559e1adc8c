"""``manage.py ledger_witness add|remove NAME VKEY`` · ``cosign FILE``: who watches the log."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from attest.errors import KeysUnusable, NoteRefused
from ledger.services.cosign import cosign
from ledger.services.name_witness import name_witness


class Command(BaseCommand):
    help = "Name a witness or let one go, in the log; keep a cosignature line (FILE or -)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("deed", choices=("add", "remove", "cosign"))
        parser.add_argument("words", nargs="+", metavar="NAME VKEY | FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            self.stdout.write(self._do(options["deed"], options["words"]))
        except (KeysUnusable, NoteRefused, OSError) as wrong:
            raise CommandError(str(wrong)) from wrong

    def _do(self, deed: Any, words: list[str]) -> str:
        if deed == "cosign":
            (name,) = words if len(words) == 1 else ("",)
            line = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
            return f"cosigned: {cosign(line).size} leaves"
        if len(words) != 2:
            raise CommandError("a name and a key, as `log witness init` printed them")
        name, vkey = words
        name_witness(name, vkey=vkey, action=deed, at=timezone.now())
        return f"{deed}: {name}"
