"""Who may sign, seal, verify and open, and when: token.md §5.

A kid is two bytes, a letter for the use and a serial, and pins one algorithm. The
types know no files: ``keyfile`` reads those, and any provider that can ``sign`` and
``agree`` (a PKCS#11 module, say) makes the same types. None prints a key, none pickles.

A ``Sealer`` seals and cannot open; an ``Opener`` opens and cannot seal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NewType, NoReturn, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from . import cose, curves, hpke
from .errors import KeysUnusable, TokenRefused

Kid = NewType("Kid", bytes)

FOREVER = 4_102_444_800
MAX_AGE = 34_560_000  # 400 days

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,38}[a-z0-9])?(:[1-9][0-9]{0,4})?")


class Use(StrEnum):
    CHECK_IN = "check-in"
    TRIP = "trip"
    STATUS = "status"
    OPEN = "open"
    KEYSET = "keyset"


class Alg(StrEnum):
    ES256 = "ES256"
    ED25519 = "Ed25519"
    HPKE_7 = "HPKE-7"
    HPKE_3 = "HPKE-3"


class Profile(StrEnum):
    DEFAULT = "default"
    COMPACT = "compact"


LETTERS = {
    Use.CHECK_IN: b"C",
    Use.TRIP: b"T",
    Use.STATUS: b"S",
    Use.OPEN: b"O",
    Use.KEYSET: b"R",
}
TOKEN_USES = frozenset({Use.CHECK_IN, Use.TRIP})
# How long a window is: signing keys 90 days, opening keys a year, both 7 more beside their
# successor; the root ten years.
_DAY = 86_400
OVERLAP_S = 7 * _DAY
LIFE_S = {
    Use.CHECK_IN: 97 * _DAY,
    Use.TRIP: 97 * _DAY,
    Use.STATUS: 97 * _DAY,
    Use.OPEN: 372 * _DAY,
    Use.KEYSET: 3_650 * _DAY,
}
ALGS = {
    Use.CHECK_IN: {Alg.ES256, Alg.ED25519},
    Use.TRIP: {Alg.ES256, Alg.ED25519},
    Use.STATUS: {Alg.ES256},
    Use.OPEN: {Alg.HPKE_7, Alg.HPKE_3},
    Use.KEYSET: {Alg.ES256},
}
# The HPKE numbers are an Internet-Draft's; should they move, new kids carry new ones.
COSE_ALGS = {Alg.ES256: -7, Alg.ED25519: -19, Alg.HPKE_7: 45, Alg.HPKE_3: 41}
SUITES = {Alg.HPKE_7: hpke.HPKE_7, Alg.HPKE_3: hpke.HPKE_3}
PROFILES = {
    Profile.DEFAULT: (Alg.ES256, Alg.HPKE_7),
    Profile.COMPACT: (Alg.ED25519, Alg.HPKE_3),
}


class Signs(Protocol):
    """*sign* gives 64 bytes, ``r ‖ s`` for ES256; either of the twins will do."""

    @property
    def kid(self) -> Kid: ...
    @property
    def use(self) -> Use: ...
    @property
    def alg(self) -> Alg: ...
    def sign(self, message: bytes) -> bytes: ...


class Agrees(Protocol):
    """*agree* gives the raw shared secret, or ValueError for a point that is none."""

    @property
    def kid(self) -> Kid: ...
    @property
    def alg(self) -> Alg: ...
    @property
    def public(self) -> bytes: ...
    def agree(self, ek: bytes) -> bytes: ...


def checked_kid(kid: bytes, *, use: Use, alg: Alg) -> Kid:
    """*kid* as one for this use and algorithm, or KeysUnusable."""
    if len(kid) != 2 or kid[:1] != LETTERS[use] or not kid[1]:
        raise KeysUnusable(f"kid {kid.hex()} is not one for {use}")
    if alg not in ALGS[use]:
        raise KeysUnusable(f"kid {kid.hex()}: {alg} is not for {use}")
    return Kid(kid)


def checked_host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise KeysUnusable("a host is lower-case ASCII, 40 letters at most, with or without :port")
    return host


class _StaysHere:
    """Shows kid and use only, and refuses to leave the process as a pickle or copy."""

    __slots__ = ()
    kid: Kid

    def __repr__(self) -> str:
        use = getattr(self, "use", Use.OPEN)
        return f"{type(self).__name__}(kid={self.kid.hex()}, use={use})"

    def __reduce_ex__(self, protocol: object, /) -> NoReturn:
        raise TypeError("a key does not pickle")


@dataclass(frozen=True, slots=True)
class Window:
    """First and last second a key may sign or be sealed to; how long that is good."""

    nbf: int = 0
    naf: int = FOREVER
    max_age: int = MAX_AGE
    withdrawn: int | None = None

    def __post_init__(self) -> None:
        if self.naf < self.nbf:
            raise KeysUnusable("a window ends before it begins")

    def holds(self, iat: int) -> bool:
        stands = self.withdrawn is None or iat < self.withdrawn
        return self.nbf <= iat <= self.naf and stands


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SealingKey(_StaysHere):
    """The private half of a signing key, as something that can sign and no more."""

    kid: Kid
    use: Use
    alg: Alg
    public: bytes
    signer: Callable[[bytes], bytes]
    window: Window = Window()
    header: bytes = field(init=False)

    def __post_init__(self) -> None:
        checked_kid(self.kid, use=self.use, alg=self.alg)
        object.__setattr__(self, "header", cose.header(COSE_ALGS[self.alg], self.kid))

    def sign(self, message: bytes) -> bytes:
        """64 bytes, and of ES256's two spellings the low one."""
        signature = self.signer(message)
        if len(signature) != curves.SIGNATURE:
            raise KeysUnusable(f"kid {self.kid.hex()} gave no signature")
        return curves.low_s(signature) if self.alg is Alg.ES256 else signature


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class OpeningKey(_StaysHere):
    """The private half of a recipient key, as something that can agree and no more."""

    kid: Kid
    alg: Alg
    public: bytes
    agreer: Callable[[bytes], bytes]

    def __post_init__(self) -> None:
        checked_kid(self.kid, use=Use.OPEN, alg=self.alg)

    def agree(self, ek: bytes) -> bytes:
        return self.agreer(ek)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class RecipientKey(_StaysHere):
    """Whom a token is sealed to."""

    kid: Kid
    alg: Alg
    public: bytes
    window: Window = Window()

    def __post_init__(self) -> None:
        checked_kid(self.kid, use=Use.OPEN, alg=self.alg)
        try:
            _check_point(self.alg, self.public)
        except ValueError:
            raise KeysUnusable(f"kid {self.kid.hex()} is no point of its curve") from None


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class VerifyKey(_StaysHere):
    """The public half of a signing key; *public* is ``04 ‖ x ‖ y`` or 32 bytes."""

    kid: Kid
    use: Use
    alg: Alg
    public: bytes
    window: Window = Window()
    checker: Callable[[bytes, bytes], bool] = field(init=False)

    def __post_init__(self) -> None:
        checked_kid(self.kid, use=self.use, alg=self.alg)
        try:
            object.__setattr__(self, "checker", _checker(self.alg, self.public))
        except ValueError:
            raise KeysUnusable(f"kid {self.kid.hex()} is no point of its curve") from None

    @property
    def header(self) -> bytes:
        return cose.header(COSE_ALGS[self.alg], self.kid)

    def is_spelt(self, signature: bytes) -> bool:
        """Whether *signature* has the one length and, for ES256, the one S allowed."""
        if len(signature) != curves.SIGNATURE:
            return False
        return self.alg is not Alg.ES256 or curves.is_low_s(signature)

    def holds(self, message: bytes, signature: bytes) -> bool:
        return self.checker(message, signature)


def public_half(key: SealingKey) -> VerifyKey:
    return VerifyKey(key.kid, key.use, key.alg, key.public, key.window)


def _check_point(alg: Alg, public: bytes) -> None:
    """ValueError where nothing can be sealed to *public*."""
    if alg is Alg.HPKE_7:
        curves.p256_public(public)
    else:
        x25519.X25519PublicKey.from_public_bytes(public)


def _checker(alg: Alg, public: bytes) -> Callable[[bytes, bytes], bool]:
    if alg is Alg.ES256:
        point: ec.EllipticCurvePublicKey = curves.p256_public(public)
        return lambda message, signature: curves.es256_holds(point, message, signature)
    key = ed25519.Ed25519PublicKey.from_public_bytes(public)
    return lambda message, signature: curves.ed25519_holds(key, message, signature)


@dataclass(frozen=True, slots=True)
class KeySet:
    """Every public key of a host. *seq* and *iat* are None where no root signed it."""

    verify: tuple[VerifyKey, ...]
    seal_to: tuple[RecipientKey, ...] = ()
    seq: int | None = None
    iat: int | None = None

    def __post_init__(self) -> None:
        one_kid_each([*self.verify, *self.seal_to])

    def of(self, uses: Iterable[Use]) -> Mapping[bytes, VerifyKey]:
        """The keys for *uses*, each under the one header its signatures may carry."""
        wanted = frozenset(uses)
        found = {key.header: key for key in self.verify if key.use in wanted}
        return MappingProxyType(found)


def one_kid_each(keys: Sequence[Any]) -> None:
    kids = [key.kid for key in keys]
    if len(kids) != len(set(kids)):
        raise KeysUnusable("one kid names two keys")


def verified(
    message: bytes,
    *,
    keys: Mapping[bytes, VerifyKey],
    aad: Callable[[VerifyKey], bytes],
    at: str,
) -> tuple[bytes, VerifyKey]:
    """The payload of a COSE_Sign1 and whose it is. Nothing of it exists before that."""
    said = cose.read_sign1(message, at=at)
    # One look-up answers both questions: is the kid ours, and is that its algorithm.
    key = keys.get(said.protected)
    if key is None:
        _, kid = cose.read_header(said.protected, at=at)
        raise TokenRefused("unknown_key", at=at, kid=kid.hex())
    if not key.is_spelt(said.signature):
        raise TokenRefused("malformed", at=at, kid=key.kid.hex())
    if not key.holds(cose.to_sign(said.protected, aad(key), said.payload), said.signature):
        raise TokenRefused("bad_signature", at=at, kid=key.kid.hex())
    return said.payload, key


def signed(payload: bytes, *, signer: SealingKey, aad: bytes) -> bytes:
    signature = signer.sign(cose.to_sign(signer.header, aad, payload))
    return cose.write_sign1(cose.Sign1(signer.header, payload, signature))


@dataclass(frozen=True, slots=True)
class Sealer:
    """One signing key, one recipient, one host. Of one profile, or KeysUnusable."""

    signer: SealingKey
    to: RecipientKey
    host: str
    sign_aad: bytes = field(init=False, repr=False)
    protected: bytes = field(init=False, repr=False)
    seal_aad: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        checked_host(self.host)
        if self.signer.use not in TOKEN_USES:
            raise KeysUnusable(f"kid {self.signer.kid.hex()} signs no tokens")
        if (self.signer.alg, self.to.alg) not in PROFILES.values():
            raise KeysUnusable("signing and recipient key are of two profiles")
        kid = self.to.kid
        protected = cose.header(COSE_ALGS[self.to.alg], kid)
        # Everything but the message is known now; a touch should not wait for it.
        sign_aad = cose.bound(self.signer.use, self.host, kid)
        seal_aad = cose.to_seal(protected, cose.bound("seal", self.host, kid))
        object.__setattr__(self, "sign_aad", sign_aad)
        object.__setattr__(self, "protected", protected)
        object.__setattr__(self, "seal_aad", seal_aad)


@dataclass(frozen=True, slots=True)
class Lock:
    """One opening key, with all that is known of its tokens before they come."""

    key: Agrees
    seal_aad: bytes = field(repr=False)
    sign_aads: Mapping[Use, bytes] = field(repr=False)

    def sign_aad(self, signer: VerifyKey) -> bytes:
        # The purpose comes from the key's record, never from the message.
        return self.sign_aads[signer.use]


@dataclass(frozen=True, slots=True)
class Opener:
    """All keys one host's tokens may name, and nothing that could make one."""

    keys: Sequence[Agrees]
    keyset: KeySet
    host: str
    locks: Mapping[bytes, Lock] = field(init=False, repr=False)
    signers: Mapping[bytes, VerifyKey] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        checked_host(self.host)
        one_kid_each(self.keys)
        locks = dict(self._lock(key) for key in self.keys)
        object.__setattr__(self, "locks", MappingProxyType(locks))
        object.__setattr__(self, "signers", self.keyset.of(TOKEN_USES))

    def _lock(self, key: Agrees) -> tuple[bytes, Lock]:
        protected = cose.header(COSE_ALGS[key.alg], key.kid)
        seal_aad = cose.to_seal(protected, cose.bound("seal", self.host, key.kid))
        sign_aads = {use: cose.bound(use, self.host, key.kid) for use in TOKEN_USES}
        return protected, Lock(key, seal_aad, MappingProxyType(sign_aads))
