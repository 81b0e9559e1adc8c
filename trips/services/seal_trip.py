"""One receipt for the whole trip, made when it is asked for, and anew when a touch came or went."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

from django.db import transaction

from attest.claims import TripClaims, trip_digest
from attest.keys import Use
from attest.token import seal
from trips.models import Trip, TripToken
from trips.selectors import members_of
from trips.writing import locked, unused_id
from vault import keyring
from vault.ids import uuid7
from vault.sealed import seal as seal_field


def seal_trip(trip: Trip, *, now: datetime) -> TripToken:
    """The token of the touches of *trip* that stand; there must be one at least.

    It is a snapshot: the same as long as nothing changed, a newer one after that. It also
    follows its key: once that signs no more here, withdrawn or at its end, another one signs.
    """
    if kept := _kept(trip):
        return kept
    with transaction.atomic():
        # Lock, then look again: a touch and a second reader pass here one after the other.
        held = locked(trip)
        return _kept(held) or _sealed(held, now)


def _kept(trip: Trip) -> TripToken | None:
    newest = TripToken.objects.filter(trip=trip).select_related("trip").last()
    if newest is None or bytes(newest.digest) != trip_digest(members_of(trip)):
        return None
    signing = {key.kid.hex() for key in keyring.sealing().sign}
    return newest if newest.kid in signing else None


def _sealed(trip: Trip, now: datetime) -> TripToken:
    members = members_of(trip)
    iat = int(now.timestamp())
    cti, number = unused_id()
    claims = TripClaims(
        sub=trip.traveller.alias,
        iat=iat,
        cti=cti,
        trip=trip.number,
        count=len(members),
        digest=trip_digest(members),
    )
    sealer = keyring.sealer(at=iat, use=Use.TRIP)
    token = seal(claims, sealer=sealer, seed=token_bytes(32))
    uid = uuid7()
    return TripToken.objects.create(
        uid=uid,
        trip=trip,
        sealed_at=now,
        kid=sealer.signer.kid.hex(),
        count=claims.count,
        digest=claims.digest,
        cti=cti,
        spoken=number,
        # Of another group than a touch's: no position is in it.
        token=seal_field(
            token, key=trip.key("biz"), table="trips_triptoken", row=uid, field="token"
        ),
        token_hash=sha256(token).digest(),
    )
