"""The code a screen at a place shows, another one every 30 seconds (evidence.md §2.4).

    site key   HKDF-SHA-256(site-code key, salt = site id, info = "tripseal/site-code/1", 32)
    mac        HMAC-SHA-256(site key, "tripseal/site-code/1" 00 site id ‖ u64be(step))
    digits     first 8 bytes of mac, unsigned big-endian, modulo 10^8
    QR         TSC1. Base32(site id ‖ u64be(step) ‖ mac[0:16])
    printed    TSP1. Base32(site id ‖ 10 random bytes)

A step is 30 seconds since 1970. Every comparison takes the same time whatever it finds.
"""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import SiteCodeRefused

STEP_S = 30
# How far back typed digits are looked for: a day.
BACK_STEPS = 2_880
PRINTED_BYTES = 10

_PURPOSE = b"tripseal/site-code/1"
_SHOWN, _PRINTED = "TSC1.", "TSP1."
_SITE, _COUNT, _MAC = 16, 8, 16
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """What a camera read from a screen."""

    site: bytes
    step: int
    mac: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Printed:
    """What a camera read from paper."""

    site: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed: it names no site and no step."""

    digits: str = field(repr=False)


def step_at(unix_s: int) -> int:
    return unix_s // STEP_S


def site_key(key: bytes, site: bytes) -> bytes:
    """The key of one *site* (16 bytes), from the installation's."""
    return HKDF(algorithm=SHA256(), length=32, salt=site, info=_PURPOSE).derive(key)


def mac_of(site: bytes, step: int, *, key: bytes) -> bytes:
    """*key* is the site's own."""
    return hmac.digest(key, _PURPOSE + b"\0" + site + step.to_bytes(_COUNT, "big"), "sha256")


def digits_of(mac: bytes) -> str:
    return f"{int.from_bytes(mac[:8], 'big') % 10**_DIGITS:0{_DIGITS}d}"


def text_of(site: bytes, step: int, *, key: bytes) -> str:
    """The QR of the screen; *key* is the site's own."""
    mac = mac_of(site, step, key=key)
    return _SHOWN + _b32(site + step.to_bytes(_COUNT, "big") + mac[:_MAC])


def printed_text(site: bytes, secret: bytes) -> str:
    return _PRINTED + _b32(site + secret)


def read(text: str) -> Shown | Printed | Typed:
    """What *text* is, by its looks alone; ``site-code.unread`` where it is none of these."""
    plain = text.replace(" ", "")
    if len(plain) == _DIGITS and plain.isascii() and plain.isdigit():
        return Typed(plain)
    if text.startswith(_SHOWN):
        raw = _unb32(text.removeprefix(_SHOWN), size=_SITE + _COUNT + _MAC)
        step = int.from_bytes(raw[_SITE : _SITE + _COUNT], "big")
        return Shown(raw[:_SITE], step, raw[_SITE + _COUNT :])
    if text.startswith(_PRINTED):
        raw = _unb32(text.removeprefix(_PRINTED), size=_SITE + PRINTED_BYTES)
        return Printed(raw[:_SITE], raw[_SITE:])
    raise SiteCodeRefused("unread")


def holds(shown: Shown, *, key: bytes) -> bool:
    """Whether the mac is the site's own for the step it names."""
    return hmac.compare_digest(mac_of(shown.site, shown.step, key=key)[:_MAC], shown.mac)


def step_of(typed: Typed, *, site: bytes, key: bytes, at_step: int) -> int | None:
    """The step whose digits these are: around *at_step* first, then back for a day."""
    near = [at_step, at_step - 1, at_step + 1]
    past = range(at_step - 2, at_step - BACK_STEPS - 1, -1)
    found = None
    for step in (*near, *past):
        same = hmac.compare_digest(digits_of(mac_of(site, step, key=key)), typed.digits)
        # Not left early: how long it takes says nothing about what was found.
        if same and found is None:
            found = step
    return found


def _b32(raw: bytes) -> str:
    return b32encode(raw).rstrip(b"=").decode()


def _unb32(text: str, *, size: int) -> bytes:
    try:
        raw = b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        raise SiteCodeRefused("unread") from None
    # One code, one spelling: what the last letter has over is nothing.
    if len(raw) != size or _b32(raw) != text:
        raise SiteCodeRefused("unread")
    return raw
