"""Ed25519 and ECDSA P-256 with integers alone: slow, and needs no library.

For an auditor's machine with nothing but python3. Checking sees public values only.
Signing is for a witness on its own machine: it takes a time that depends on the key.
RFC 8032 §5.1.6 and §5.1.7 without cofactor, as the library does it; FIPS 186-5 §6.4.2.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256, sha512

Point = tuple[int, int, int]

# -- Ed25519: -x² + y² = 1 + d·x²·y² over 2²⁵⁵ - 19, extended coordinates ------------------

_Q = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _Q) % _Q
_ROOT = pow(2, (_Q - 1) // 4, _Q)

Extended = tuple[int, int, int, int]
_ZERO: Extended = (0, 1, 1, 0)


def check_ed25519(public: bytes) -> None:
    """ValueError where there is no such key; a point is looked at when it is used."""
    if len(public) != 32:
        raise ValueError("an Ed25519 key is 32 bytes")


def ed25519_holds(public: bytes, text: bytes, signature: bytes) -> bool:
    if len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    try:
        key = _edwards(public)
    except ValueError:
        return False
    # A second spelling of s would be a second signature.
    if s >= _L:
        return False
    k = int.from_bytes(sha512(signature[:32] + public + text).digest(), "little") % _L
    x, y, z, t = key
    back = _times(k, (_Q - x, y, z, _Q - t))
    return _packed(_plus(_times(s, _base()), back)) == signature[:32]


def ed25519_public(seed: bytes) -> bytes:
    return _packed(_times(_secret(seed)[0], _base()))


def ed25519_sign(seed: bytes, text: bytes) -> bytes:
    scalar, prefix = _secret(seed)
    public = _packed(_times(scalar, _base()))
    r = int.from_bytes(sha512(prefix + text).digest(), "little") % _L
    start = _packed(_times(r, _base()))
    k = int.from_bytes(sha512(start + public + text).digest(), "little")
    return start + ((r + k * scalar) % _L).to_bytes(32, "little")


def _secret(seed: bytes) -> tuple[int, bytes]:
    if len(seed) != 32:
        raise ValueError("a seed is 32 bytes")
    digest = sha512(seed).digest()
    clamped = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8)
    return clamped | 1 << 254, digest[32:]


@cache
def _base() -> Extended:
    return _edwards((4 * pow(5, -1, _Q) % _Q).to_bytes(32, "little"))


def _edwards(raw: bytes) -> Extended:
    if len(raw) != 32:
        raise ValueError("not a point")
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _Q:
        raise ValueError("not a point")
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _Q) % _Q
    x = pow(square, (_Q + 3) // 8, _Q)
    if (x * x - square) % _Q:
        x = x * _ROOT % _Q
    if (x * x - square) % _Q or (x == 0 and sign):
        raise ValueError("not a point")
    if x & 1 != sign:
        x = _Q - x
    return x, y, 1, x * y % _Q


def _plus(one: Extended, other: Extended) -> Extended:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _Q
    b = (one[1] + one[0]) * (other[1] + other[0]) % _Q
    c = 2 * one[3] * other[3] * _D % _Q
    d = 2 * one[2] * other[2] % _Q
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _Q, g * h % _Q, f * g % _Q, e * h % _Q


def _times(number: int, point: Extended) -> Extended:
    found = _ZERO
    for bit in f"{number:b}":
        found = _plus(found, found)
        if bit == "1":
            found = _plus(found, point)
    return found


def _packed(point: Extended) -> bytes:
    x, y, z, _ = point
    back = pow(z, -1, _Q)
    x, y = x * back % _Q, y * back % _Q
    return (y | (x & 1) << 255).to_bytes(32, "little")


# -- P-256: y² = x³ - 3x + b, Jacobian coordinates ------------------------------------------

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G: Point = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    1,
)


def check_p256(point: bytes) -> None:
    """ValueError unless *point* is ``04 ‖ x ‖ y`` on the curve."""
    _weierstrass(point)


def p256_holds(point: bytes, text: bytes, signature: bytes) -> bool:
    """*signature* is strict DER; another encoding of the same numbers does not hold."""
    try:
        key, (r, s) = _weierstrass(point), der_numbers(signature)
    except ValueError:
        return False
    if not (0 < r < _N and 0 < s < _N):
        return False
    digest, back = int.from_bytes(sha256(text).digest(), "big"), pow(s, -1, _N)
    both = _add(_mul(digest * back % _N, _G), _mul(r * back % _N, key))
    if both[2] == 0:
        return False
    return both[0] * pow(both[2], -2, _P) % _P % _N == r


def der_numbers(signature: bytes) -> tuple[int, int]:
    """The two numbers of an ``ECDSA-Sig-Value``; ValueError for any second spelling."""
    if len(signature) < 8 or signature[0] != 0x30 or signature[1] != len(signature) - 2:
        raise ValueError("not DER")
    r, rest = _der_number(signature[2:])
    s, rest = _der_number(rest)
    if rest:
        raise ValueError("not DER")
    return r, s


def _der_number(raw: bytes) -> tuple[int, bytes]:
    if len(raw) < 3 or raw[0] != 2 or not 0 < raw[1] <= min(33, len(raw) - 2):
        raise ValueError("not DER")
    number = raw[2 : 2 + raw[1]]
    if number[0] & 0x80 or (len(number) > 1 and number[0] == 0 and not number[1] & 0x80):
        raise ValueError("not DER")
    return int.from_bytes(number, "big"), raw[2 + raw[1] :]


def _weierstrass(raw: bytes) -> Point:
    if len(raw) != 65 or raw[0] != 4:
        raise ValueError("not an uncompressed point")
    x, y = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:], "big")
    if x >= _P or y >= _P or (y * y - (x * x * x - 3 * x + _B)) % _P:
        raise ValueError("not a point of the curve")
    return x, y, 1


def _double(point: Point) -> Point:
    x, y, z = point
    if y == 0 or z == 0:
        return 0, 1, 0
    a = 4 * x * y * y % _P
    m = 3 * (x - z * z) * (x + z * z) % _P
    x3 = (m * m - 2 * a) % _P
    return x3, (m * (a - x3) - 8 * y**4) % _P, 2 * y * z % _P


def _add(one: Point, other: Point) -> Point:
    if one[2] == 0:
        return other
    if other[2] == 0:
        return one
    z1, z2 = one[2] * one[2] % _P, other[2] * other[2] % _P
    u1, u2 = one[0] * z2 % _P, other[0] * z1 % _P
    s1, s2 = one[1] * z2 * other[2] % _P, other[1] * z1 * one[2] % _P
    if u1 == u2:
        return _double(one) if s1 == s2 else (0, 1, 0)
    h, r = u2 - u1, s2 - s1
    square = h * h % _P
    cube, v = h * square % _P, u1 * square % _P
    x = (r * r - cube - 2 * v) % _P
    return x, (r * (v - x) - s1 * cube) % _P, h * one[2] * other[2] % _P


def _mul(number: int, point: Point) -> Point:
    found: Point = (0, 1, 0)
    for bit in f"{number:b}":
        found = _double(found)
        if bit == "1":
            found = _add(found, point)
    return found
