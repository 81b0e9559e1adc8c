"""The spoken code: twelve letters for the telephone, token.md §6.

Eleven letters of Crockford's base32 carry 55 bits of SHA-256("TripSeal spoken 1" 00 ‖
host ‖ 00 ‖ cti ‖ i); the twelfth is his check symbol. It names a token and opens none.
"""

from __future__ import annotations

from hashlib import sha256

from .errors import TokenRefused

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_HEARD = str.maketrans("OIL", "011", " -")
_LONGEST = 64  # nobody says more before being asked to stop


def spoken(host: str, cti: bytes) -> str:
    """Like ``2JC8-PN28-H6W3``."""
    start = b"TripSeal spoken 1\0" + host.encode() + b"\0" + cti
    for turn in range(256):
        number = int.from_bytes(sha256(start + bytes((turn,))).digest()[:7], "big") >> 1
        # The other five of the 37 check symbols are ones nobody can say.
        if number % 37 < 32:
            return _grouped(_letters(number) + ALPHABET[number % 37])
    raise ValueError("no code in 256 draws")


def read_spoken(text: str) -> str:
    """*text* as ``spoken`` writes it, however said. One wrong letter is refused."""
    # ASCII before upper(): a dotless i would turn into an I, and that into a 1.
    if not text.isascii() or len(text) > _LONGEST:
        raise TokenRefused("malformed", at="spoken")
    said = text.upper().translate(_HEARD)
    if len(said) != 12 or not all(letter in _VALUES for letter in said):
        raise TokenRefused("malformed", at="spoken")
    number = 0
    for letter in said[:-1]:
        number = number << 5 | _VALUES[letter]
    if number % 37 != _VALUES[said[-1]]:
        raise TokenRefused("malformed", at="spoken")
    return _grouped(said)


def _letters(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(50, -1, -5))


def _grouped(letters: str) -> str:
    return "-".join((letters[:4], letters[4:8], letters[8:]))
