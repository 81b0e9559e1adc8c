"""When a touch was made that came in without a line (evidence.md §2.3).

    beacon   the ticket {v, device, issued_ms, challenge_ids} of ``POST check-ins/challenges``
    earliest the beacon's issued_ms, and mono_ms more where the monotonic clock ran on
    latest   receipt
    at       the phone's word for it, less what its clock was off when it sent

Between the two the phone's word is believed. Outside, the two are all that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.models import Device
from attest import ticket
from attest.errors import RecordMalformed
from attest.record import Record
from trips.envelope import Envelope
from trips.models import Challenge

BEACON = "beacon"
# A phone sets its clock right when the line is back: so far its word may lie outside.
_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """*at* is what the touch is weighed at; *earliest* is none for a touch with a line."""

    at: datetime
    received: datetime
    skew_ms: int
    earliest: datetime | None = None
    inside: bool = True
    late: timedelta = timedelta(0)

    @property
    def mode(self) -> str:
        return "online" if self.earliest is None else "offline"

    @property
    def claimed_at(self) -> datetime | None:
        """The time it is believed to have been made at; none where receipt says it all."""
        return self.at if self.earliest is not None and self.inside else None

    @property
    def answered(self) -> datetime:
        """When the challenge was answered; with bounds alone, the earlier: no clock spoils that."""
        return self.at if self.inside or self.earliest is None else self.earliest


def at_once(record: Record, *, now: datetime) -> Delivery:
    return Delivery(now, now, record.at_ms - _ms(now))


def delivered(
    envelope: Envelope, challenge: Challenge | None, *, keys: Sequence[bytes], now: datetime
) -> Delivery:
    """How *envelope* came in.

    A challenge held for it, or a live one that was answered and sent too late with its
    beacon: the line was away. Anything else came as it was pressed.
    """
    beacon = _beacon(envelope.beacon, challenge, keys=keys, now=now) if challenge else None
    if challenge is None or not (challenge.held or (beacon and now > challenge.ends_at)):
        return at_once(envelope.record, now=now)
    # Only beside its beacon does the monotonic clock say anything.
    mono_ms = (envelope.record.mono_ms or 0) if beacon else 0
    ran = timedelta(milliseconds=mono_ms)
    return _bounded(envelope, lit=beacon or challenge.issued_at, ran=ran, now=now)


def beacon_of(
    challenges: Iterable[Challenge], *, device: Device | None, now: datetime
) -> dict[str, object]:
    """What a beacon says."""
    return {
        "v": 1,
        "device": str(device.uid) if device else None,
        "issued_ms": _ms(now),
        "challenge_ids": [str(row.uid) for row in challenges],
    }


def _beacon(
    text: str | None, challenge: Challenge, *, keys: Sequence[bytes], now: datetime
) -> datetime | None:
    """When the beacon was lit that goes with *challenge*.

    One that cannot be read counts as none, and costs no touch: without it the challenge's
    own issue is the bound, which is never later.
    """
    if text is None:
        return None
    try:
        said = ticket.read(text, purpose=BEACON, keys=keys, at=int(now.timestamp()))
    except RecordMalformed:
        return None
    device = str(challenge.device.uid) if challenge.device else None
    if said["device"] != device or str(challenge.uid) not in said["challenge_ids"]:
        return None
    return _at(said["issued_ms"])


def _bounded(envelope: Envelope, *, lit: datetime, ran: timedelta, now: datetime) -> Delivery:
    skew_ms = envelope.sent_ms - _ms(now) if envelope.sent_ms is not None else 0
    said = _at(envelope.record.at_ms - skew_ms)
    # A clock that ran longer than there was time for is believed in nothing.
    possible = lit + ran <= now
    earliest = lit + ran if possible else lit
    inside = possible and earliest - _SLACK <= said <= now + _SLACK
    within = min(max(said, earliest), now)
    return Delivery(within if inside else now, now, skew_ms, earliest, inside, now - within)


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _at(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
