"""What a leaked key left in open trips: receipts nobody believes, though the log knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from attest.claims import Claims
from attest.errors import KeyGone, SealBroken, TokenRefused
from attest.keys import TOKEN_USES, Opener
from attest.token import open_token
from ledger.selectors import entry_of, revoked_among
from trips import leaves
from trips.models import CheckIn, State, Trip, TripToken

OVER = (State.SETTLED, State.CANCELLED, State.VOIDED)
PAGE = 200


@dataclass(frozen=True, slots=True)
class Fate:
    """How many touches of a trip are sealed anew, and receipts of the whole given up.

    *left* touches stay as they are: the log does not know their token, or it opens no more.
    """

    trip: str
    touches: int = 0
    wholes: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Leak:
    """Since when which key is not trusted; who reads its tokens now, and who did before."""

    moments: Mapping[str, int]
    now: Opener
    before: Opener

    @property
    def since(self) -> datetime:
        return datetime.fromtimestamp(min(self.moments.values()), UTC)


@dataclass(frozen=True, slots=True)
class Lost:
    """What one trip lost: touches with what their tokens say, and receipts of the whole."""

    trip: Trip
    touches: Sequence[tuple[CheckIn, Claims]]
    wholes: Sequence[TripToken]
    left: int

    @property
    def fate(self) -> Fate:
        return Fate(self.trip.number, len(self.touches), len(self.wholes), self.left)


def leak_of(opener: Opener) -> Leak | None:
    """None where no key for receipts was ever withdrawn."""
    keys = opener.keyset.verify
    moments = {
        key.kid.hex(): key.window.withdrawn
        for key in keys
        if key.use in TOKEN_USES and key.window.withdrawn is not None
    }
    if not moments:
        return None
    trusting = (replace(key, window=replace(key.window, withdrawn=None)) for key in keys)
    before = replace(opener, keyset=replace(opener.keyset, verify=tuple(trusting)))
    return Leak(moments, opener, before)


def open_trips(leak: Leak) -> Iterator[Trip]:
    """Those that hold anything since the leak, a page at a time."""
    after = 0
    while page := list(_since(leak.since, after=after)):
        yield from page
        after = page[-1].pk


def _since(since: datetime, *, after: int) -> QuerySet[Trip]:
    touches = CheckIn.objects.filter(
        trip=OuterRef("pk"), recorded_at__gte=since, withdrawn_at=None
    ).order_by()
    wholes = TripToken.objects.filter(trip=OuterRef("pk"), sealed_at__gte=since).order_by()
    rows = Trip.objects.filter(Q(Exists(touches)) | Q(Exists(wholes)), pk__gt=after)
    return rows.exclude(state__in=OVER).order_by("pk")[:PAGE]


def lost_of(trip: Trip, leak: Leak, *, now: datetime) -> Lost:
    if trip.state in OVER:
        return Lost(trip, (), (), 0)
    found, left = [], 0
    touches = trip.check_ins.filter(recorded_at__gte=leak.since, withdrawn_at=None)
    for touch in touches.annotate(logged=entry_of("token_leaf")):
        touch.trip = trip
        try:
            claims = _disbelieved(touch, leak, now)
        except (KeyGone, SealBroken, TokenRefused):
            left += 1
            continue
        if claims is None:
            continue
        # A row that came from elsewhere than a touch must not be made good here.
        if leaves.names_token(vars(touch)["logged"] or b"", touch=touch, trip=trip):
            found.append((touch, claims))
        else:
            left += 1
    return Lost(trip, found, _wholes(trip, leak), left)


def _disbelieved(touch: CheckIn, leak: Leak, now: datetime) -> Claims | None:
    """What the token of *touch* says, if only the withdrawal of its key speaks against it."""
    box, at = touch.box("token"), int(now.timestamp())
    if box is None:
        return None
    token = box.open()
    try:
        open_token(token, opener=leak.now, now=at)
    except TokenRefused as refused:
        if refused.why != "key_not_valid" or refused.kid not in leak.moments:
            raise
        claims = open_token(token, opener=leak.before, now=at).claims
        return claims if isinstance(claims, Claims) else None
    return None


def _wholes(trip: Trip, leak: Leak) -> list[TripToken]:
    """A newer one is made when it is asked for; these only have to be given up."""
    rows = trip.tokens.filter(kid__in=leak.moments, sealed_at__gte=leak.since).defer("token")
    lost = [row for row in rows if row.sealed_at.timestamp() >= leak.moments[row.kid]]
    known = revoked_among(bytes(row.cti) for row in lost)
    return [row for row in lost if bytes(row.cti) not in known]
