"""``manage.py flush``, as Django has it: the log's guards step aside while all of it goes."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush

from ledger.guarding import lowered


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with lowered():
            super().handle(**options)
