from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from attest.errors import KeysAway, KeysUnusable
from trips.services.find_lost import find_lost
from trips.services.reissue import reissue


class Command(BaseCommand):
    help = "After `keys withdraw`: says which receipts lost their key, and renews with --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="seal them anew")

    def handle(self, *_: object, **options: Any) -> None:
        trips = touches = wholes = left = 0
        try:
            deed = reissue if options["apply"] else find_lost
            for fate in deed(now=timezone.now()):
                trips, touches = trips + 1, touches + fate.touches
                wholes, left = wholes + fate.wholes, left + fate.left
                if fate.left:
                    self.stdout.write(f"{fate.trip}\tleft {fate.left}")
        except (ImproperlyConfigured, KeysAway, KeysUnusable) as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(f"trips={trips} touches={touches} wholes={wholes} left={left}")
        if options["apply"]:
            self.stdout.write("applied")
