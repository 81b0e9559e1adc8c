"""One scan: is it genuine, is it payable, and who looked at it before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Person, Role
from attest.claims import Claims, TripClaims
from attest.errors import TokenRefused
from attest.spoken import read_spoken
from attest.token import check_members, open_text
from ledger.services.disclose import Look, Reader, disclose
from settlement.models import Genuine, Hold, Payable, Verification
from settlement.paying import REUSED, Answer, judge
from settlement.scanned import logged_touches_of, trip_scanned_by, trip_scanned_whole
from trips.leaves import names_token
from trips.models import CheckIn, Trip, TripToken
from trips.presenting import PREFIX, token_presented
from trips.selectors import members_of, number_now
from vault import keyring
from vault.together import insert, together

# What a clerk may read as "not ours" (01-model.md §5); every other refusal is "unverifiable".
_NOT_OURS = ("malformed", "wrong_host")


@dataclass(frozen=True, slots=True)
class Seen:
    """A scan's answer. Without *touch* nothing of the code is known, so nothing is shown."""

    row: Verification
    touch: CheckIn | None = None
    trip: Trip | None = None
    answer: Answer | None = None
    earlier: tuple[Verification, ...] = ()
    # Where the code was that of a whole trip; *touch* is then its newest.
    whole: TripToken | None = None


def verify(
    *, clerk: Person, text: str, source: str, address: str, now: datetime, offline: str = ""
) -> Seen:
    """Judge *text* (a code, or a typed receipt number) and keep that it was judged.

    A refused code is an answer, not an error. The text itself is never kept. *offline* is
    what the desk said of it before, alone: a provisional verdict, now replaced.
    """
    row = Verification(clerk=clerk, at=now, source=source, provisional=bool(offline))
    typed = source == Verification.Source.TYPED
    trip = _by_number(row, clerk, text) if typed else _by_token(row, clerk, text, now)
    with transaction.atomic():
        if trip is None:
            row.payable = Payable.WAITING
            insert(row)
            return Seen(row)
        return _judged(row, trip, clerk, address, now)


def _judged(row: Verification, trip: Trip, clerk: Person, address: str, now: datetime) -> Seen:
    with together():
        # The diary first: from here on the clerk reads who, where and when.
        disclose(
            reader=Reader(clerk, Role.CLERK, address),
            looks=[Look(trip.traveller, "place")],
            method="scan",
            action="verify",
            purpose="settlement",
            reference=trip.number,
            at=now,
        )
        answer = judge(trip)
        touch = _touch_of(trip)
        whole = _whole_of(trip)
        row.check_in, row.payable = touch, answer.payable
        row.cti = bytes((whole or touch).cti)
        row.code = row.code or answer.code
        insert(row)
    _hold(trip, answer, clerk, now)
    earlier = _earlier(row, touch) if vars(trip)["known"] else ()
    return Seen(row, touch, trip, answer, earlier, whole)


def _earlier(row: Verification, touch: CheckIn) -> tuple[Verification, ...]:
    scans = Verification.objects.filter(check_in=touch, pk__lt=row.pk).select_related("clerk")
    return tuple(scans.order_by("-pk")[:5])


def _by_token(row: Verification, clerk: Person, text: str, now: datetime) -> Trip | None:
    try:
        if text.startswith(PREFIX):
            text = token_presented(text, clerk=clerk, keys=keyring.ticket_keys(now), at=now)
        opener = keyring.opener()
        claims = open_text(text, opener=opener, now=int(now.timestamp())).claims
    except TokenRefused as refused:
        row.code, row.refused_at, row.kid = refused.why, refused.at, refused.kid or ""
        not_ours = refused.why in _NOT_OURS
        row.genuine = Genuine.NOT_OURS if not_ours else Genuine.UNVERIFIABLE
        return None
    row.cti = claims.cti
    if isinstance(claims, TripClaims):
        return _by_trip_token(row, clerk, claims)
    trip = trip_scanned_by(clerk, cti=claims.cti)
    if trip is None or not _agree(trip, claims):
        _not_known(row, "record")
        return None
    return _found(row, trip, Genuine.GENUINE)


def _by_trip_token(row: Verification, clerk: Person, claims: TripClaims) -> Trip | None:
    trip = trip_scanned_whole(clerk, cti=claims.cti)
    if trip is None or (claims.trip, claims.sub) != (trip.number, trip.traveller.alias):
        _not_known(row, "record")
        return None
    return _members_found(row, trip, claims, Genuine.GENUINE)


def _members_found(
    row: Verification, trip: Trip, said: TripClaims, genuine: Genuine
) -> Trip | None:
    """A trip token says no more than its touches do: those that stand, every one logged."""
    try:
        check_members(said, members_of(trip))
    except TokenRefused as refused:
        row.code, row.refused_at, row.genuine = refused.why, refused.at, Genuine.UNVERIFIABLE
        return None
    touches = logged_touches_of(trip)
    if not all(
        names_token(vars(touch)["logged"] or b"", touch=touch, trip=trip) for touch in touches
    ):
        _not_known(row, "log")
        return None
    row.genuine = genuine
    return trip


def _by_number(row: Verification, clerk: Person, text: str) -> Trip | None:
    row.genuine = Genuine.NOT_OURS
    try:
        spoken = read_spoken(text).replace("-", "")
    except TokenRefused as refused:
        row.code, row.refused_at = refused.why, refused.at
        return None
    trip = trip_scanned_by(clerk, spoken=spoken)
    if trip is None and (later := number_now(spoken)):
        trip = trip_scanned_by(clerk, spoken=later)
    if trip is not None:
        return _found(row, trip, Genuine.BY_NUMBER)
    trip = trip_scanned_whole(clerk, spoken=spoken)
    if trip is None:
        row.code, row.refused_at = "no_record", "spoken"
        return None
    return _members_found(row, trip, _kept_claims(trip), Genuine.BY_NUMBER)


def _found(row: Verification, trip: Trip, genuine: Genuine) -> Trip | None:
    touch = _touch_of(trip)
    if not names_token(vars(trip)["logged"] or b"", touch=touch, trip=trip):
        _not_known(row, "log")
        return None
    row.genuine = Genuine.WITHDRAWN if touch.withdrawn_at else genuine
    row.code = "revoked" if touch.withdrawn_at else ""
    return trip


def _not_known(row: Verification, at: str) -> None:
    """Whatever was signed, our records do not know it: it is not genuine."""
    row.code, row.refused_at, row.genuine = "no_record", at, Genuine.UNVERIFIABLE


def _touch_of(trip: Trip) -> CheckIn:
    """The touch that was scanned, of all the touches that came with its trip."""
    return next(touch for touch in trip.check_ins.all() if touch.pk == vars(trip)["touched"])


def _whole_of(trip: Trip) -> TripToken | None:
    """The trip token that was scanned, where it was one."""
    known = vars(trip).get("snapshot")
    return TripToken.objects.get(pk=known) if known else None


def _kept_claims(trip: Trip) -> TripClaims:
    """What the trip token said whose number was typed."""
    kept = TripToken.objects.get(pk=vars(trip)["snapshot"])
    return TripClaims(
        sub=trip.traveller.alias,
        iat=int(kept.sealed_at.timestamp()),
        cti=bytes(kept.cti),
        trip=trip.number,
        count=kept.count,
        digest=bytes(kept.digest),
    )


def _agree(trip: Trip, claims: Any) -> bool:
    """Token and row must say the same: whoever held the signing key still lacks the row."""
    return (
        isinstance(claims, Claims)
        and claims.trip == trip.number
        and claims.sub == trip.traveller.alias
        and claims.iat == int(_touch_of(trip).recorded_at.timestamp())
    )


def _hold(trip: Trip, answer: Answer, clerk: Person, now: datetime) -> None:
    """What needs a person is put where a person will find it, once."""
    asks = answer.payable in {Payable.REVIEW, Payable.SUPPLEMENT} or answer.code == REUSED
    if not asks and not answer.sum.code:
        return
    if answer.payable in {Payable.SETTLED, Payable.APPROVAL, Payable.RECORD}:
        return
    open_still = {h.reason_code for h in trip.holds.all() if h.state != Hold.State.RESOLVED}
    if answer.code not in open_still:
        Hold.objects.create(trip=trip, reason_code=answer.code, blocking=False, at=now, by=clerk)
