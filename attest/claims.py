"""What a token says: token.md §2.

    check-in { 2: sub, 6: iat, 7: cti, ? 264: { 1: lat, 2: lon, 4: accuracy_m },
               -65537: { 1: trip, 2: kind, 3: device, ? 4: flags } }
    trip     { 2: sub, 6: iat, 7: cti, -65538: { 1: trip, 2: count, 3: digest } }

Values are checked at birth, on both sides alike: what cannot be opened is not sealed.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from . import cbor
from .errors import TokenRefused

EARLIEST, LATEST = 1_767_225_600, 4_102_444_800
NO_DEVICE = bytes(12)
WORST_ACCURACY_M = 65_535
MOST_MEMBERS = 999

_ID = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,19}")
_SUB, _IAT, _CTI, _LOCATION, _CHECK_IN, _TRIP = 2, 6, 7, 264, -65537, -65538


def _need(good: bool) -> None:  # noqa: FBT001 - the sentence stands at the call
    if not good:
        raise TokenRefused("malformed", at="claims")


def _is_id(text: object) -> bool:
    return type(text) is str and _ID.fullmatch(text) is not None


def _is_whole(number: object, least: int, most: int) -> bool:
    # By exact type: True is an int to Python, and not to anybody else.
    return type(number) is int and least <= number <= most


def _is_bytes(content: object, size: int) -> bool:
    return type(content) is bytes and len(content) == size


def _binary32(degrees: float) -> float:
    near: float = struct.unpack("f", struct.pack("f", degrees))[0]
    return near


def _coordinate(degrees: object, most: float) -> float:
    """*degrees* as a token can carry them: binary32, finite, no minus zero."""
    _need(type(degrees) is float and -most <= degrees <= most)
    near = _binary32(float(degrees))  # type: ignore[arg-type]  # a float since the line above
    _need(bool(near) or math.copysign(1, near) > 0)
    return near


@dataclass(frozen=True, slots=True)
class Location:
    """Degrees WGS 84, rounded to binary32 (worst error in Korea 0.74 m), and metres."""

    # Hidden from repr: a coordinate must not reach a log line or an error report.
    lat: float = field(repr=False)
    lon: float = field(repr=False)
    accuracy_m: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "lat", _coordinate(self.lat, 90))
        object.__setattr__(self, "lon", _coordinate(self.lon, 180))
        _need(_is_whole(self.accuracy_m, 0, WORST_ACCURACY_M))

    @classmethod
    def near(cls, lat: float, lon: float, accuracy_m: float) -> Self:
        """A phone's own numbers: accuracy rounded up, 65535 for that or worse."""
        _need(abs(lat) <= 90 and abs(lon) <= 180 and accuracy_m >= 0)
        metres = math.ceil(min(accuracy_m, WORST_ACCURACY_M))
        # Adding zero turns minus zero, which some phones do say, into the plain one.
        return cls(_binary32(lat) + 0.0, _binary32(lon) + 0.0, metres)


@dataclass(frozen=True, slots=True)
class Claims:
    """One check-in. *device*: first 12 bytes of SHA-256 over the signer's SPKI DER."""

    sub: str = field(repr=False)
    iat: int
    cti: bytes
    trip: str
    kind: int
    device: bytes = NO_DEVICE
    location: Location | None = field(default=None, repr=False)
    flags: int = 0

    def __post_init__(self) -> None:
        _need(_is_id(self.sub) and _is_id(self.trip))
        _need(_is_whole(self.iat, EARLIEST, LATEST))
        _need(_is_bytes(self.cti, 8) and any(self.cti))
        _need(_is_whole(self.kind, 1, 3) and _is_whole(self.flags, 0, 15))
        _need(_is_bytes(self.device, 12))
        _need(self.location is None or type(self.location) is Location)


@dataclass(frozen=True, slots=True)
class TripClaims:
    """A snapshot of a trip: how many check-in tokens, and the digest of their ids."""

    sub: str = field(repr=False)
    iat: int
    cti: bytes
    trip: str
    count: int
    digest: bytes

    def __post_init__(self) -> None:
        _need(_is_id(self.sub) and _is_id(self.trip))
        _need(_is_whole(self.iat, EARLIEST, LATEST))
        _need(_is_bytes(self.cti, 8) and any(self.cti))
        _need(_is_whole(self.count, 1, MOST_MEMBERS) and _is_bytes(self.digest, 32))


def encode(claims: Claims | TripClaims) -> bytes:
    # Labels are put in as they ascend.
    said: dict[int, object] = {_SUB: claims.sub, _IAT: claims.iat, _CTI: claims.cti}
    if isinstance(claims, TripClaims):
        said[_TRIP] = {1: claims.trip, 2: claims.count, 3: claims.digest}
        return cbor.write_in_order(said)
    if claims.location is not None:
        spot = claims.location
        said[_LOCATION] = {1: spot.lat, 2: spot.lon, 4: spot.accuracy_m}
    own: dict[int, object] = {1: claims.trip, 2: claims.kind, 3: claims.device}
    if claims.flags:
        own[4] = claims.flags
    said[_CHECK_IN] = own
    return cbor.write_in_order(said)


def read_check_in(payload: bytes) -> Claims:
    """Only for a payload whose signature held."""
    said = cbor.read(payload, at="claims")
    location = None
    if type(said) is dict and _LOCATION in said:
        spot = _map(said.pop(_LOCATION), {1, 2, 4})
        location = Location(spot[1], spot[2], spot[4])
    said = _map(said, {_SUB, _IAT, _CTI, _CHECK_IN})
    own, flags = said[_CHECK_IN], 0
    if type(own) is dict and 4 in own:
        flags = own.pop(4)
        # Zero is written by absence: a second spelling is refused.
        _need(flags != 0)
    own = _map(own, {1, 2, 3})
    return Claims(said[_SUB], said[_IAT], said[_CTI], own[1], own[2], own[3], location, flags)


def read_trip(payload: bytes) -> TripClaims:
    """Only for a payload whose signature held."""
    said = _map(cbor.read(payload, at="claims"), {_SUB, _IAT, _CTI, _TRIP})
    own = _map(said[_TRIP], {1, 2, 3})
    return TripClaims(said[_SUB], said[_IAT], said[_CTI], own[1], own[2], own[3])


def _map(item: object, labels: set[int]) -> dict[int, Any]:
    if type(item) is not dict or item.keys() != labels:
        raise TokenRefused("malformed", at="claims")
    return item


def trip_digest(pairs: Iterable[tuple[int, bytes]]) -> bytes:
    """What binds a trip token to its check-ins, given as (iat, cti) in any order."""
    members = list(pairs)
    if not (1 <= len(members) <= MOST_MEMBERS and all(map(_is_member, members))):
        raise TokenRefused("malformed", at="members")
    told = sha256(b"TripSeal trip 1\0" + len(members).to_bytes(2, "big"))
    for iat, cti in sorted(members):
        told.update(iat.to_bytes(8, "big") + cti)
    return told.digest()


def _is_member(pair: tuple[int, bytes]) -> bool:
    return _is_whole(pair[0], EARLIEST, LATEST) and _is_bytes(pair[1], 8)
