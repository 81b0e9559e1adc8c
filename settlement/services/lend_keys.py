"""A desk gets the opening keys for three days, so that it can judge codes without a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

from django.db import transaction

from accounts.models import Person, Role
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.errors import LeaseRefused
from attest.lease import Lent, checked_desk
from ledger.diary import Reader
from ledger.services.record_access import record_access
from settlement.lending import LEASE, LIFE, lease_hash, lends
from settlement.models import DeskLease
from vault import keyring


@dataclass(frozen=True, slots=True)
class Desk:
    """A machine at a counter: its name, and the public half of a key that never leaves it."""

    name: str
    point: bytes


@transaction.atomic
def lend_keys(
    clerk: Person, *, desk: Desk, signed: Answer, address: str, now: datetime
) -> tuple[DeskLease, list[Lent]]:
    """Wrap the keys for *desk* alone. Row, diary and leaf first, then the keys."""
    if not lends(clerk.organisation):
        raise LeaseRefused("the office lends no keys")
    asked = lease_hash(checked_desk(desk.point))
    use_step_up(
        clerk,
        step_up_uid=signed.uid,
        proof=signed.proof,
        action=LEASE,
        batch_hash=asked,
        now=now,
    )
    until = now.replace(microsecond=0) + LIFE
    lent = keyring.lend(desk=desk.point, until=int(until.timestamp()), dice=token_bytes)
    lease = DeskLease.objects.create(
        organisation=clerk.organisation,
        clerk=clerk,
        desk=desk.name,
        digest=sha256(desk.point).digest(),
        kids=" ".join(key.kid.hex() for key in lent),
        at=now,
        until=until,
    )
    record_access(
        Reader(clerk, Role.CLERK, address),
        action=LEASE,
        purpose="settlement",
        reference=str(lease.uid),
        at=now,
    )
    return lease, lent
