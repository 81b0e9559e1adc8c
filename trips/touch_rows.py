"""What is kept of a touch: its row, the token sealed over it, and its leaf in the log."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

from django.conf import settings

from attest.claims import Claims, Location
from attest.evidence import Assessment as Judged
from attest.keys import Sealer
from attest.record import Fix, Record
from attest.spoken import spoken
from attest.token import seal
from ledger.services.append import append
from trips import leaves
from trips.adapters import place_names
from trips.delivery import Delivery
from trips.envelope import Envelope
from trips.facts import Marks, Signer, planned_m
from trips.models import CheckIn, Kind, Trip
from vault.ids import uuid7
from vault.sealed import seal as seal_field

KIND_NUMBER = {Kind.ARRIVE: 1, Kind.RETURN: 2, Kind.STOP: 3}
_SENT_LATE = 1
_AUTOMATED = 4
_SOFT_KEY = 8


def row_of(
    trip: Trip,
    envelope: Envelope,
    signer: Signer,
    best: Fix | None,
    marks: Marks,
    fingerprint: bytes,
    delivery: Delivery,
) -> CheckIn:
    record = envelope.record
    hint = place_names.hint(best.lat_e7 / 1e7, best.lon_e7 / 1e7) if best else None
    device = signer.assertion.device if signer.assertion else None
    return CheckIn(
        uid=uuid7(),
        client_id=envelope.id,
        fingerprint=fingerprint,
        trip=trip,
        kind=record.kind,
        recorded_at=delivery.received,
        device_at_ms=record.at_ms,
        offset_ms=delivery.skew_ms,
        earliest_at=delivery.earliest,
        claimed_at=delivery.claimed_at,
        signer=signer.kind,
        device=device,
        accuracy_m=min(-(-best.acc_cm // 100), 2_000_000_000) if best else None,
        place_words=hint.words if hint else "",
        place_source=hint.source if hint else "",
        planned_m=planned_m(trip, best) if best else None,
        burst=marks.burst,
        burst_shape=marks.shape,
        point_mark=marks.point,
        browser_mark=marks.browser,
        near_mark=marks.near,
    )


def seal_row(
    touch: CheckIn, envelope: Envelope, signer: Signer, best: Fix | None, sealer: Sealer
) -> None:
    """Token and sealed fields of *touch*. Is the cti taken that is drawn, ``once`` draws again."""
    claims = _claims(touch, envelope.record, signer, best)
    token = seal(claims, sealer=sealer, seed=token_bytes(32))
    touch.cti, touch.spoken = claims.cti, spoken(settings.HOST, claims.cti).replace("-", "")
    touch.token = _field(touch, "token", token)
    touch.record = _field(touch, "record", envelope.text.encode())
    if best:
        fix = {"acc_cm": best.acc_cm, "lat_e7": best.lat_e7, "lon_e7": best.lon_e7}
        touch.best_fix = _field(touch, "best_fix", json.dumps(fix).encode())
    touch.token_hash = sha256(token).digest()


def _field(touch: CheckIn, name: str, plain: bytes) -> bytes:
    key = touch.trip.key("loc")
    return seal_field(plain, key=key, table="trips_checkin", row=touch.uid, field=name)


def _claims(touch: CheckIn, record: Record, signer: Signer, best: Fix | None) -> Claims:
    flags = _AUTOMATED if record.device.automated or record.device.patched else 0
    if signer.kind == "device_key" or (signer.assertion and signer.assertion.synced):
        flags |= _SOFT_KEY
    if touch.is_offline:
        flags |= _SENT_LATE
    location = None
    if best:
        location = Location.near(best.lat_e7 / 1e7, best.lon_e7 / 1e7, best.acc_cm / 100)
    return Claims(
        sub=touch.trip.traveller.alias,
        iat=int(touch.recorded_at.timestamp()),
        cti=token_bytes(8),
        location=location,
        trip=touch.trip.number,
        kind=KIND_NUMBER[Kind(touch.kind)],
        device=bytes(touch.device.digest) if touch.device else bytes(12),
        flags=flags,
    )


def leaf_of(touch: CheckIn, best: Fix | None, judged: Judged, now: datetime) -> None:
    said = {
        "support": judged.support,
        "concern": judged.concern,
        "verdict": judged.verdict,
        "weights_version": judged.weights_version,
    }
    event = leaves.touched(touch, tok=bytes(touch.token_hash), best=best, assessment=said)
    leaf = append(event=event, trip=touch.trip.line, at=now)
    touch.leaf_n, touch.leaf_hash = leaf.n, leaf.hash
    touch.token_leaf = leaf.hash
