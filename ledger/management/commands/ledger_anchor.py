"""``manage.py ledger_anchor query FILE`` · ``keep SIZE FILE --authority CA``: time stamps."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from attest.errors import KeysUnusable, LogInconsistent, NoteRefused
from ledger.services.ask_stamp import ask_stamp
from ledger.services.keep_anchor import keep_anchor


class Command(BaseCommand):
    help = "Ask for a time stamp over the newest head (RFC 3161), and keep the answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        query = deeds.add_parser("query", help="write the request into FILE")
        query.add_argument("file", type=Path)
        keep = deeds.add_parser("keep", help="keep the token in FILE, of the head of SIZE leaves")
        keep.add_argument("size", type=int)
        keep.add_argument("file", type=Path)
        keep.add_argument("--authority", type=Path, required=True, help="its certificates, PEM")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        file: Path = options["file"]
        try:
            if options["deed"] == "query":
                size, request = ask_stamp(now=timezone.now())
                file.write_bytes(request)
                self.stdout.write(f"{size} leaves: send {file}")
                return
            token, authority = file.read_bytes(), options["authority"]
            kept = keep_anchor(token, size=options["size"], authority=authority)
        except (KeysUnusable, LogInconsistent, NoteRefused, OSError) as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(f"{kept.size} leaves, stamped {kept.at.isoformat()}")
