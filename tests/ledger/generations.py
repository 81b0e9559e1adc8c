"""A log whose keys are about to follow one another, and what is asked of it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from attest.log.leaf import KeyRotated
from ledger.models import Checkpoint
from ledger.outbox import put
from tests.conftest import NOON
from vault import keyring

LATER = NOON + timedelta(minutes=10)
LAST = LATER + timedelta(minutes=10)


def verifying() -> list[str]:
    return [one.verifying.vkey for one in keyring.log_signers()]


def newest() -> str:
    return Checkpoint.objects.order_by("-size")[0].note


def put_rotation(note: str, role: str = "log") -> None:
    with transaction.atomic():
        event = KeyRotated(role=role, note=note, who={"actor": "command"})
        put(event=event, at=LATER, subject="org-log")
