"""Key files: JSON documents of token.md §5, read strictly, text in and keys out.

    {"tripseal": "sealing-keys/1", "sign": [record with d], "seal_to": [record]}
    {"tripseal": "opening-keys/1", "open": [record with d], "verify":  [record]}
    root.json is one public record with use "keyset"

    record = {"kid", "use", "alg", "jwk", ? "nbf", ? "naf", ? "max_age", ? "withdrawn"}

A file with one wrong record is unusable as a whole: half a key set would refuse
genuine tokens, or keep a withdrawn key alive, and nobody would know why.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from . import curves
from .errors import KeysUnusable
from .keys import (
    LETTERS,
    PROFILES,
    TOKEN_USES,
    Alg,
    KeySet,
    Kid,
    OpeningKey,
    Profile,
    RecipientKey,
    Sealer,
    SealingKey,
    Use,
    VerifyKey,
    Window,
    checked_kid,
    one_kid_each,
)

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey

# kty, crv and the coordinates of a public half.
_SHAPES = {
    Alg.ES256: ("EC", "P-256", ("x", "y")),
    Alg.HPKE_7: ("EC", "P-256", ("x", "y")),
    Alg.ED25519: ("OKP", "Ed25519", ("x",)),
    Alg.HPKE_3: ("OKP", "X25519", ("x",)),
}
_KINDS: Mapping[Alg, type[PrivateKey]] = {
    Alg.ES256: ec.EllipticCurvePrivateKey,
    Alg.HPKE_7: ec.EllipticCurvePrivateKey,
    Alg.ED25519: ed25519.Ed25519PrivateKey,
    Alg.HPKE_3: x25519.X25519PrivateKey,
}
_Named = TypeVar("_Named", Use, Alg)
_MUST = {"kid", "use", "alg", "jwk"}
_MAY = {"nbf", "naf", "withdrawn"}
_LARGEST_TIME = 2**53


class Hands(Protocol):
    """Whoever holds private halves that no file does: a PKCS#11 module, say.

    Each gives what can be done with one key, or KeysUnusable where the halves differ.
    """

    def signer(self, kid: Kid, public: bytes, /) -> Callable[[bytes], bytes]: ...
    def agreer(self, kid: Kid, public: bytes, /) -> Callable[[bytes], bytes]: ...


@dataclass(frozen=True, slots=True)
class SealingKeys:
    """``sealing-keys.json``."""

    sign: tuple[SealingKey, ...]
    seal_to: tuple[RecipientKey, ...]

    def signer(self, *, use: Use, at: int, alg: Alg = Alg.ES256) -> SealingKey:
        """The newest key of this use whose window holds *at*, or KeysUnusable."""
        live = [k for k in self.sign if (k.use, k.alg) == (use, alg) and k.window.holds(at)]
        if not live:
            raise KeysUnusable(f"no live {alg} key for {use}")
        return max(live, key=lambda key: (key.window.nbf, key.kid))

    def recipient(self, *, at: int, alg: Alg = Alg.HPKE_7) -> RecipientKey:
        live = [k for k in self.seal_to if k.alg is alg and k.window.holds(at)]
        if not live:
            raise KeysUnusable(f"no live {alg} key to seal to")
        return max(live, key=lambda key: (key.window.nbf, key.kid))

    def sealer(self, *, use: Use, host: str, at: int, profile: Profile = Profile.DEFAULT) -> Sealer:
        """A sealer of the newest live keys. Ask again once a key's window has ended."""
        alg, kem = PROFILES[profile]
        return Sealer(self.signer(use=use, at=at, alg=alg), self.recipient(at=at, alg=kem), host)


@dataclass(frozen=True, slots=True)
class OpeningKeys:
    """``opening-keys.json``."""

    open: tuple[OpeningKey, ...]
    verify: KeySet


def read_sealing_keys(text: str, *, hands: Hands | None = None) -> SealingKeys:
    """KeysUnusable says which record is wrong, and nothing of what it holds.

    With *hands* every private record lacks its private half: it is theirs.
    """
    said = _document(text, "sealing-keys/1", {"sign", "seal_to"})
    signing = LETTERS.keys() - {Use.OPEN}
    keys = SealingKeys(
        tuple(_sealing_key(record, signing, hands) for record in said["sign"]),
        tuple(_recipient_key(record) for record in said["seal_to"]),
    )
    one_kid_each([*keys.sign, *keys.seal_to])
    return keys


def read_opening_keys(text: str, *, hands: Hands | None = None) -> OpeningKeys:
    """As ``read_sealing_keys``."""
    said = _document(text, "opening-keys/1", {"open", "verify"})
    checking = LETTERS.keys() - {Use.OPEN, Use.KEYSET}
    keys = OpeningKeys(
        tuple(_opening_key(record, hands) for record in said["open"]),
        KeySet(tuple(_verify_key(record, checking) for record in said["verify"])),
    )
    one_kid_each(keys.open)
    return keys


def private_halves(text: str) -> dict[Kid, tuple[bytes, bytes]]:
    """Of each opening key of the default profile: the point, and the private half as PKCS#8.

    Only for lending them to a desk (token.md §10); all else is done by an OpeningKey.
    """
    said = _document(text, "opening-keys/1", {"open", "verify"})
    records = [_Record.read(one, {Use.OPEN}, halves={"d"}) for one in said["open"]]
    return {one.kid: (one.public, _pkcs8(one.secret)) for one in records if one.alg is Alg.HPKE_7}


def _pkcs8(key: PrivateKey | None) -> bytes:
    if key is None:
        raise KeysUnusable("a private half is missing")
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def read_root(text: str) -> VerifyKey:
    """``root.json``: whom a KeySet must be signed by."""
    return _verify_key(_json(text), {Use.KEYSET})


def new_record(
    *,
    use: Use,
    alg: Alg,
    kid: bytes,
    nbf: int,
    naf: int,
    private_key: PrivateKey,
    max_age: int | None = None,
) -> dict[str, Any]:
    """A private record, ready for a key file. The caller made the key, having dice."""
    if not isinstance(private_key, _KINDS[alg]):
        raise KeysUnusable(f"kid {kid.hex()}: not a key for {alg}")
    record = new_public_record(
        use=use,
        alg=alg,
        kid=kid,
        nbf=nbf,
        naf=naf,
        public=_public_of(private_key),
        max_age=max_age,
    )
    record["jwk"]["d"] = _b64(_private_bytes(private_key))
    # What is written must be what the reader takes.
    _Record.read(record, {use}, halves={"d"})
    return record


def new_public_record(
    *,
    use: Use,
    alg: Alg,
    kid: bytes,
    nbf: int,
    naf: int,
    public: bytes,
    max_age: int | None = None,
) -> dict[str, Any]:
    """The record of a key whose private half is in other hands."""
    checked_kid(kid, use=use, alg=alg)
    kty, crv, _ = _SHAPES[alg]
    halves = {"x": public[1:33], "y": public[33:]} if kty == "EC" else {"x": public}
    jwk = {"kty": kty, "crv": crv} | {name: _b64(half) for name, half in halves.items()}
    record = {"kid": kid.hex(), "use": str(use), "alg": str(alg), "jwk": jwk}
    times = {"nbf": nbf, "naf": naf}
    if use in TOKEN_USES:
        times["max_age"] = Window().max_age if max_age is None else max_age
    whole = record | times
    _Record.read(whole, {use}, halves=set())
    return whole


def public_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """*record* without its private half."""
    jwk = {name: half for name, half in record["jwk"].items() if name != "d"}
    return {**record, "jwk": jwk}


@dataclass(frozen=True, slots=True, repr=False)
class _Record:
    """One record, its shape checked; *secret* is None in a public one."""

    kid: Kid
    use: Use
    alg: Alg
    public: bytes
    secret: PrivateKey | None
    window: Window

    @classmethod
    def read(cls, said: object, uses: Iterable[Use], *, halves: set[str]) -> _Record:
        """*halves* names what the key holds beside its public coordinates."""
        if not isinstance(said, dict) or not said.keys() >= _MUST:
            raise KeysUnusable("a record lacks kid, use, alg or jwk")
        name = said["kid"] if isinstance(said["kid"], str) else "?"
        use, alg = _among(Use, said["use"], name), _among(Alg, said["alg"], name)
        if use not in set(uses):
            raise KeysUnusable(f"kid {name}: {use} has no place here")
        may = _MAY | {"max_age"} if use in TOKEN_USES else _MAY
        if said.keys() - _MUST - may:
            raise KeysUnusable(f"kid {name}: a member nobody knows")
        kid = checked_kid(_hex(name), use=use, alg=alg)
        public, secret = _halves(said["jwk"], alg, name=name, beside=halves)
        return cls(kid, use, alg, public, secret, _window(said, may, name))


def _sealing_key(said: object, uses: Iterable[Use], hands: Hands | None) -> SealingKey:
    it = _Record.read(said, uses, halves=set() if hands else {"d"})
    sign = hands.signer(it.kid, it.public) if hands else _signer(it.secret)
    return SealingKey(it.kid, it.use, it.alg, it.public, sign, it.window)


def _opening_key(said: object, hands: Hands | None) -> OpeningKey:
    it = _Record.read(said, {Use.OPEN}, halves=set() if hands else {"d"})
    agree = hands.agreer(it.kid, it.public) if hands else _agreer(it.secret)
    return OpeningKey(it.kid, it.alg, it.public, agree)


def _recipient_key(said: object) -> RecipientKey:
    it = _Record.read(said, {Use.OPEN}, halves=set())
    return RecipientKey(it.kid, it.alg, it.public, it.window)


def _verify_key(said: object, uses: Iterable[Use]) -> VerifyKey:
    it = _Record.read(said, uses, halves=set())
    return VerifyKey(it.kid, it.use, it.alg, it.public, it.window)


def _signer(key: PrivateKey | None) -> Callable[[bytes], bytes]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda message: curves.sign_es256(key, message)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign
    raise KeysUnusable("not a key that signs")


def _agreer(key: PrivateKey | None) -> Callable[[bytes], bytes]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda ek: curves.p256_agree(key, ek)
    if isinstance(key, x25519.X25519PrivateKey):
        return lambda ek: curves.x25519_agree(key, ek)
    raise KeysUnusable("not a key that agrees")


def _halves(
    jwk: object, alg: Alg, *, name: str, beside: set[str]
) -> tuple[bytes, PrivateKey | None]:
    kty, crv, coordinates = _SHAPES[alg]
    wanted = {"kty", "crv", *coordinates} | beside
    if not isinstance(jwk, dict) or jwk.keys() != wanted:
        raise KeysUnusable(f"kid {name}: its jwk has a member too many or too few")
    if (jwk["kty"], jwk["crv"]) != (kty, crv):
        raise KeysUnusable(f"kid {name}: not a key for {alg}")
    point = b"".join(_unb64(jwk[axis], name) for axis in coordinates)
    public = b"\x04" + point if kty == "EC" else point
    if "d" not in beside:
        return public, None
    try:
        secret = _private_of(alg, _unb64(jwk["d"], name))
    except ValueError:
        raise KeysUnusable(f"kid {name}: its private half is no key") from None
    if _public_of(secret) != public:
        raise KeysUnusable(f"kid {name}: its halves differ")
    return public, secret


def _private_of(alg: Alg, secret: bytes) -> PrivateKey:
    if alg is Alg.ED25519:
        return ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    if alg is Alg.HPKE_3:
        return x25519.X25519PrivateKey.from_private_bytes(secret)
    return curves.p256_private(secret)


def _private_bytes(key: PrivateKey) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.private_numbers().private_value.to_bytes(32, "big")
    return key.private_bytes_raw()


def _public_of(key: PrivateKey) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return curves.p256_point(key.public_key())
    return key.public_key().public_bytes_raw()


def _window(said: Mapping[str, Any], names: set[str], kid: str) -> Window:
    times = {name: said[name] for name in names if name in said}
    for name, time in times.items():
        if type(time) is not int or not 0 <= time <= _LARGEST_TIME:
            raise KeysUnusable(f"kid {kid}: {name} is not a whole number of seconds")
    return Window(**times)


def _document(text: str, kind: str, lists: set[str]) -> dict[str, Any]:
    said = _json(text)
    if not isinstance(said, dict) or said.get("tripseal") != kind:
        raise KeysUnusable(f"not a {kind} document")
    if said.keys() - {"note"} != lists | {"tripseal"}:
        raise KeysUnusable(f"{kind}: a member too many or too few")
    if not all(isinstance(said[name], list) for name in lists):
        raise KeysUnusable(f"{kind}: records stand in lists")
    return said


def _json(text: str) -> object:
    try:
        said: object = json.loads(text, object_pairs_hook=_once)
        return said
    except (ValueError, RecursionError):
        # The words of the parser would show the line, and in it the key.
        raise KeysUnusable("not a JSON document") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise KeysUnusable("a member stands twice")
    return said


def _among(kind: type[_Named], said: object, kid: str) -> _Named:
    try:
        # As text: whatever else stands there is then the name of no member.
        return kind(str(said))
    except ValueError:
        raise KeysUnusable(f"kid {kid}: no such {kind.__name__.lower()}") from None


def _hex(kid: str) -> bytes:
    # Two hexadecimal digits a byte in lower case: one key, one spelling.
    if len(kid) != 4 or not set(kid) <= set("0123456789abcdef"):
        raise KeysUnusable("a kid is four hexadecimal digits")
    return bytes.fromhex(kid)


def _b64(half: bytes) -> str:
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def _unb64(half: object, kid: str) -> bytes:
    """The 32 bytes *half* spells in the one way RFC 7518 allows."""
    try:
        found = base64.urlsafe_b64decode(half + "=") if isinstance(half, str) else b""
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != 32 or _b64(found) != half:
        raise KeysUnusable(f"kid {kid}: half a key is 32 bytes in base64url")
    return found
