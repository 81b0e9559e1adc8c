"""The facts of one touch: the closed input contract of evidence.md §3.

What a server cannot know keeps its default. A coordinate never shows in a ``repr``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from attest.contract import (
    Misfit,
    Reader,
    closed,
    flag,
    listed,
    may,
    need,
    nullable,
    number,
    one_of,
    version,
    whole,
    words,
)
from attest.errors import FactsRefused
from attest.strict_json import parsed

BYTES_LIMIT = 65_536

_YEAR_S = 31_622_400
_CENTURY_S = 3_155_760_000
_LAST_MS = 4_102_444_800_000
_EARTH_M = 20_000_000


@dataclass(frozen=True, slots=True)
class Place:
    lat: float = field(repr=False)
    lon: float = field(repr=False)
    radius_m: float


@dataclass(frozen=True, slots=True)
class Trip:
    abroad: bool
    moving: bool
    change_requested: bool
    gnss_disturbed: bool
    location_forbidden: bool
    self_approved: bool
    site_equipped: bool
    mode: str
    policy: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    kind: str
    signature: str
    user_verified: bool
    synced: bool
    revoked: bool


@dataclass(frozen=True, slots=True)
class Challenge:
    state: str
    age_s: int
    life_s: int


@dataclass(frozen=True, slots=True)
class Delivery:
    mode: str
    delay_s: int
    clock_skew_s: int
    inside_bounds: bool


@dataclass(frozen=True, slots=True)
class Fix:
    lat: float = field(repr=False)
    lon: float = field(repr=False)
    accuracy_m: float
    altitude_m: float | None
    altitude_accuracy_m: float | None
    fix_ms: int
    seen_ms: int


@dataclass(frozen=True, slots=True)
class Position:
    state: str
    fixes: tuple[Fix, ...]
    errors_between: int


@dataclass(frozen=True, slots=True)
class Device:
    form: str
    enrolled_s: int | None
    shared: str
    people: int
    shadow: bool
    automated: bool
    patched: bool
    motion_before: bool
    motion: str
    utc_offset_min: int | None


@dataclass(frozen=True, slots=True)
class Previous:
    """Where the touch before this one was."""

    lat: float = field(repr=False)
    lon: float = field(repr=False)
    accuracy_m: float
    seconds_before: int


@dataclass(frozen=True, slots=True)
class OfficeTrace:
    km: float
    minutes: float


@dataclass(frozen=True, slots=True)
class SiteCode:
    kind: str
    steps_off: int
    counter_fresh: bool


@dataclass(frozen=True, slots=True)
class Host:
    relation: str
    answer: str


@dataclass(frozen=True, slots=True)
class Cross:
    burst_copied: bool
    same_point: str


@dataclass(frozen=True, slots=True)
class Facts:
    v: int
    trip: Trip
    signer: Signer
    challenge: Challenge
    delivery: Delivery
    position: Position
    device: Device
    network: str
    previous: Previous | None
    office_trace: OfficeTrace | None
    site: SiteCode | None
    host: Host | None
    receipts: int
    stay_s: int | None
    photo: str
    cross: Cross
    phase: str


def read_facts(text: str | bytes, *, policies: Collection[str] | None = None) -> Facts:
    """The facts *text* spells. With *policies*, another policy is refused in its turn.

    Without them ``assess`` refuses it, for only the weights know the names.
    """
    size = len(text) if isinstance(text, bytes) else len(text.encode(errors="surrogatepass"))
    if size > BYTES_LIMIT:
        raise FactsRefused("facts.too-large")
    try:
        value = parsed(text)
    except Misfit as no:
        raise FactsRefused(f"facts.{no.why}", path=no.path) from None
    return _checked(value, policies)


def facts_from(said: Mapping[str, Any], *, policies: Collection[str] | None = None) -> Facts:
    """The same checks for facts a server has put together as plain dicts and lists."""
    return _checked(said, policies)


def _checked(value: object, policies: Collection[str] | None) -> Facts:
    known = None if policies is None else frozenset(policies)
    try:
        facts: Facts = _contract(known)(value)
    except Misfit as no:
        raise FactsRefused(f"facts.{no.why}", path=no.path) from None
    if (facts.position.state == "given") != bool(facts.position.fixes):
        raise FactsRefused("facts.inconsistent", path="/position")
    return facts


@cache
def _contract(policies: frozenset[str] | None) -> Reader:
    """The table of evidence.md §3, in its order."""
    trip = _trip(words if policies is None else one_of(*policies))
    return closed(
        Facts,
        v=need(version(1)),
        trip=may(trip, default=trip({})),
        signer=need(_SIGNER),
        challenge=need(_CHALLENGE),
        delivery=may(_DELIVERY, default=_DELIVERY({})),
        position=may(_POSITION, default=_POSITION({})),
        device=may(_DEVICE, default=_DEVICE({})),
        network=may(one_of("domestic", "foreign", "hosting", "vpn", "unknown"), default="unknown"),
        previous=may(nullable(_PREVIOUS), default=None),
        office_trace=may(nullable(_OFFICE_TRACE), default=None),
        site=may(nullable(_SITE), default=None),
        host=may(nullable(_HOST), default=None),
        receipts=may(whole(0, 20), default=0),
        stay_s=may(nullable(whole(0, _YEAR_S)), default=None),
        photo=may(one_of("none", "challenge_code", "content_credentials"), default="none"),
        cross=may(_CROSS, default=_CROSS({})),
        phase=may(one_of("there", "after"), default="there"),
    )


_OFF, _ON = may(flag, default=False), may(flag, default=True)
_LAT, _LON = need(number(-90, 90)), need(number(-180, 180))
_ACCURACY = need(number(0, _EARTH_M))
_INSTANT = need(whole(0, _LAST_MS))


def _trip(policy: Reader) -> Reader:
    place = closed(Place, lat=_LAT, lon=_LON, radius_m=need(number(10, 50_000)))
    return closed(
        Trip,
        abroad=_OFF,
        moving=_OFF,
        change_requested=_OFF,
        gnss_disturbed=_OFF,
        location_forbidden=_OFF,
        self_approved=_OFF,
        site_equipped=_OFF,
        mode=may(one_of("ground", "sea", "air", "mixed"), default="ground"),
        policy=may(policy, default="standard"),
        places=may(listed(place, most=20), default=()),
    )


_SIGNER = closed(
    Signer,
    kind=need(one_of("passkey", "device_key", "none")),
    signature=may(one_of("valid", "invalid", "absent"), default="absent"),
    user_verified=_OFF,
    synced=_ON,
    revoked=_OFF,
)
_CHALLENGE = closed(
    Challenge,
    state=need(one_of("fresh", "reused", "unknown", "foreign")),
    age_s=need(whole(0, _YEAR_S)),
    life_s=need(whole(1, 604_800)),
)
_DELIVERY = closed(
    Delivery,
    mode=may(one_of("online", "offline"), default="online"),
    delay_s=may(whole(0, _YEAR_S), default=0),
    clock_skew_s=may(whole(-_CENTURY_S, _CENTURY_S), default=0),
    inside_bounds=_ON,
)
_FIX = closed(
    Fix,
    lat=_LAT,
    lon=_LON,
    accuracy_m=_ACCURACY,
    altitude_m=may(nullable(number(-500, 20_000)), default=None),
    altitude_accuracy_m=may(nullable(number(0, _EARTH_M)), default=None),
    fix_ms=_INSTANT,
    seen_ms=_INSTANT,
)
_POSITION = closed(
    Position,
    state=may(
        one_of("given", "refused", "unavailable", "timeout", "unsupported"),
        default="unsupported",
    ),
    fixes=may(listed(_FIX, most=32), default=()),
    errors_between=may(whole(0, 1000), default=0),
)
_DEVICE = closed(
    Device,
    form=may(one_of("phone", "tablet", "desktop", "unknown"), default="unknown"),
    enrolled_s=may(nullable(whole(0, _CENTURY_S)), default=None),
    shared=may(one_of("no", "declared", "undeclared"), default="no"),
    people=may(whole(1, 1000), default=1),
    shadow=_OFF,
    automated=_OFF,
    patched=_OFF,
    motion_before=_OFF,
    motion=may(one_of("seen", "silent", "refused", "unknown"), default="unknown"),
    utc_offset_min=may(nullable(whole(-720, 840)), default=None),
)
_PREVIOUS = closed(
    Previous,
    lat=_LAT,
    lon=_LON,
    accuracy_m=_ACCURACY,
    seconds_before=need(whole(0, _YEAR_S)),
)
_OFFICE_TRACE = closed(OfficeTrace, km=need(number(0, 20_100)), minutes=need(number(-1440, 1440)))
_SITE = closed(
    SiteCode,
    kind=need(one_of("printed", "rotating", "nfc")),
    steps_off=may(whole(-1_000_000, 1_000_000), default=0),
    counter_fresh=_ON,
)
_HOST = closed(
    Host,
    relation=need(one_of("other_organisation", "guest_link", "teammate")),
    answer=need(one_of("confirmed", "denied")),
)
_CROSS = closed(
    Cross,
    burst_copied=_OFF,
    same_point=may(one_of("no", "companion", "other"), default="no"),
)
