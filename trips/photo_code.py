"""The code that has to stand on a photo: two letters and two digits, drawn from the challenge.

    b = SHA-256("tripseal/photo/1" ‖ 00 ‖ nonce)
    letters b[0] mod 24, b[1] mod 24; digits b[2] mod 100

``static/js/lib/photo.js`` draws the same one into the picture.
"""

from __future__ import annotations

from hashlib import sha256

# Without I and O, which read as digits.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def photo_code(nonce: bytes) -> str:
    """``AB-72``. For people to compare: what binds the photo is its hash in the record."""
    drawn = sha256(b"tripseal/photo/1\0" + nonce).digest()
    first, second = (_LETTERS[byte % len(_LETTERS)] for byte in drawn[:2])
    return f"{first}{second}-{drawn[2] % 100:02d}"
