"""Bytes as decimal digits, and the link that carries them: token.md §6.

``HTTPS://`` host in upper case ``/V#`` digits. Seven bytes, little-endian, are 17
digits; a rest of 1, 2, 3, 4, 5, 6 bytes takes 3, 5, 8, 10, 13, 15.
"""

from __future__ import annotations

import re

from .errors import TokenRefused

LONGEST_TEXT = 1_024

_WIDTHS = (0, 3, 5, 8, 10, 13, 15, 17)  # digits of so many bytes
_SIZES = {width: size for size, width in enumerate(_WIDTHS)}
_LINK = re.compile(r"(?:HTTPS://([A-Z0-9.:-]{1,48})|https://([a-z0-9.:-]{1,48}))/V#")


def write(data: bytes) -> str:
    starts = range(0, len(data), 7)
    values = tuple([int.from_bytes(data[at : at + 7], "little") for at in starts])
    whole, rest = divmod(len(data), 7)
    # One format for all groups: a third of the time of one each.
    return ("%017d" * whole + f"%0{_WIDTHS[rest]}d" * bool(rest)) % values


def read(digits: str) -> bytes:
    """The bytes behind *digits*. One text for one string of bytes, and no other."""
    # isdigit alone would let full-width and Arabic digits pass.
    if not (digits.isascii() and digits.isdigit()) or len(digits) > LONGEST_TEXT:
        raise TokenRefused("malformed", at="text")
    rest = _SIZES.get(len(digits) % 17)
    if rest is None:
        raise TokenRefused("malformed", at="text")
    whole = len(digits) - len(digits) % 17
    try:
        groups = [int(digits[at : at + 17]).to_bytes(7, "little") for at in range(0, whole, 17)]
        if rest:
            groups.append(int(digits[whole:]).to_bytes(rest, "little"))
    except OverflowError:
        raise TokenRefused("malformed", at="text") from None
    return b"".join(groups)


def link(digits: str, host: str) -> str:
    return f"HTTPS://{host.upper()}/V#{digits}"


def unlink(text: str, host: str) -> str:
    """What stands behind the link of *host*, or *text* itself where it is no link."""
    if len(text) > LONGEST_TEXT:
        raise TokenRefused("malformed", at="text")
    said = _LINK.match(text)
    if said is None:
        return text
    if said[1] != host.upper() and said[2] != host:
        raise TokenRefused("wrong_host", at="text")
    return text[said.end() :]


def host_in(text: str) -> str | None:
    """The host a link names, in lower case; None for digits alone."""
    said = _LINK.match(text)
    return (said[1] or said[2]).lower() if said else None
