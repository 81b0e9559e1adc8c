"""``manage.py flush``, as Django has it: the log's guards step aside while all of it goes."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush

from ledger.guarding import lowered

_ASKED = "All rows of this database go, the log with them. Type 'yes' to empty it: "


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        if options["interactive"] and input(_ASKED) != "yes":
            self.stdout.write("Nothing was emptied.")
            return
        # Asked before, for the guards are down while it works.
        with lowered():
            super().handle(**options | {"interactive": False})
