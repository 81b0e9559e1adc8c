"""``manage.py read_codes``: what stands in the codes of a folder of pictures and PDF, unjudged."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attest.errors import UploadRefused
from settlement.documents import is_pdf, sheets_in
from settlement.pictures import codes_in
from trips.adapters.pictures import MOST_BYTES

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".pdf"}


class Command(BaseCommand):
    help = "Read the codes in pictures and PDF. Nothing is opened, looked up or kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("places", nargs="+", type=Path, metavar="FILE_OR_FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        """One JSON line a code, for ``python -m attest token open``; one for a file without any."""
        del args
        unread = 0
        for file in files(options["places"]):
            try:
                for said in codes_of(file):
                    unread += "unread" in said
                    self._say({"file": str(file)} | said)
            except (UploadRefused, OSError) as refused:
                unread += 1
                why = refused.why if isinstance(refused, UploadRefused) else type(refused).__name__
                self._say({"file": str(file), "unread": why})
        if unread:
            raise CommandError(f"{unread} files or pages could not be read")

    def _say(self, said: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(said, ensure_ascii=False))


def files(places: list[Path]) -> Iterator[Path]:
    """Files as they are named; of a folder, and of those in it, what may hold a code, by name."""
    for place in places:
        if not place.is_dir():
            yield place
            continue
        for path in sorted(place.rglob("*")):
            named = path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
            if named and path.is_file():
                yield path


def codes_of(file: Path) -> Iterator[dict[str, Any]]:
    # One byte more than allowed is enough to know.
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    if not is_pdf(content):
        found: list[str | None] = [*codes_in(content)]
        yield from ({"text": text} for text in found or [None])
        return
    for sheet in sheets_in(content):
        if sheet.codes is None:
            yield {"page": sheet.page, "unread": "page"}
        else:
            yield from ({"page": sheet.page, "text": text} for text in sheet.codes or [None])
