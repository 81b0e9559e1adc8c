"""Token keys inside a PKCS#11 module: it signs and agrees, and no private half ever leaves it.

A key is found by its kid (``CKA_ID``). A session that was lost is opened once more; where that
does not help the deed is refused, and the next one tries again. A PIN that was refused is not
tried again: three tries lock a card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import pkcs11
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.core.exceptions import ImproperlyConfigured
from pkcs11 import KDF, Attribute, KeyType, Mechanism, ObjectClass, Session
from pkcs11.exceptions import (
    NoSuchKey,
    NoSuchToken,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
)
from pkcs11.types import DeriveMixin, SignMixin
from pkcs11.util.ec import encode_named_curve_parameters

from attest import curves
from attest.errors import KeysAway, KeysUnusable
from attest.keys import Kid, Use

from . import file

Found = TypeVar("Found")
_REFUSED = (PinIncorrect, PinInvalid, PinLenRange, PinLocked)
_POINT = 65
_PROBE = b"TripSeal: is this key here?"


class Module:
    """One token of one module, through one session."""

    def __init__(self, path: str, token: str, pin_file: Path) -> None:
        self._path, self._token, self._pin_file = path, token, pin_file
        self._turn = Lock()
        self._session: Session | None = None
        # Found as the session opens: a touch should not wait for a search.
        self._found: dict[Kid, Any] = {}
        self._barred = False

    def signer(self, kid: Kid, public: bytes) -> Callable[[bytes], bytes]:
        """Signs with *kid*, whose public half is *public*; KeysUnusable where it is another's."""

        def sign(message: bytes) -> bytes:
            # The digest is ours: not every module hashes and signs in one call.
            digest = sha256(message).digest()
            return self._with(kid, lambda key: _signed(key, digest))

        point = curves.p256_public(_of_p256(kid, public))
        if not curves.es256_holds(point, _PROBE, sign(_PROBE)):
            raise KeysUnusable(f"kid {kid.hex()}: its halves differ")
        return sign

    def agreer(self, kid: Kid, public: bytes) -> Callable[[bytes], bytes]:
        """Agrees with *kid*; ValueError for a point that is none, which no module is shown."""

        def agree(ek: bytes) -> bytes:
            curves.p256_public(ek)
            return self._with(kid, lambda key: _derived(key, ek))

        probe = generate_private_key(SECP256R1())
        wanted = curves.p256_agree(probe, _of_p256(kid, public))
        if agree(curves.p256_point(probe.public_key())) != wanted:
            raise KeysUnusable(f"kid {kid.hex()}: its halves differ")
        return agree

    def make(self, kid: Kid, *, use: Use) -> bytes:
        """A new pair inside; its public half. One that bears this name already stays."""
        with self._turn, _answering():
            session = self._open(rw=True)
            if kid in self._found:
                raise ImproperlyConfigured(f"the module holds a key {kid.hex()} already")
            curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
            parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
            opens = use is Use.OPEN
            public, _ = parameters.generate_keypair(
                id=bytes(kid),
                label=f"tripseal {kid.hex()}",
                store=True,
                private_template={
                    Attribute.SENSITIVE: True,
                    Attribute.EXTRACTABLE: False,
                    Attribute.SIGN: not opens,
                    Attribute.DERIVE: opens,
                },
            )
            # Some wrap the point in an OCTET STRING; its bytes are the last ones either way.
            return bytes(public[Attribute.EC_POINT])[-_POINT:]

    def destroy(self, kid: Kid) -> None:
        """Both halves are gone from the module; one that is not there is as good."""
        with self._turn, _answering():
            session = self._open(rw=True)
            for found in list(session.get_objects({Attribute.ID: bytes(kid)})):
                found.destroy()

    def _with(self, kid: Kid, deed: Callable[[Any], Found]) -> Found:
        with self._turn:
            try:
                return deed(self._key(kid))
            except PKCS11Error:
                self._session = None
            with _answering():
                return deed(self._key(kid))

    def _key(self, kid: Kid) -> Any:
        if self._session is None:
            self._open()
        if kid not in self._found:
            raise NoSuchKey(kid.hex())
        return self._found[kid]

    def _open(self, *, rw: bool = False) -> Session:
        if self._barred:
            raise KeysAway("the module refused the PIN")
        pin = file.read_key(self._pin_file).decode("utf-8").strip()
        with _answering(), self._refusing():
            library = pkcs11.lib(self._path)
            # Whatever it held from before a loss is worth nothing now.
            library.reinitialize()
            token = library.get_token(token_label=self._token)
            self._session = token.open(rw=rw, user_pin=pin)
            held = self._session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
            self._found = {Kid(key[Attribute.ID]): key for key in list(held)}
            return self._session

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except _REFUSED as wrong:
            self._barred = True
            raise KeysAway("the module refused the PIN") from wrong
        except NoSuchToken:
            raise KeysAway(f"the module knows no token {self._token}") from None


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except NoSuchKey as wrong:
        raise KeysAway(f"the module holds no key {wrong}") from None
    except PKCS11Error as wrong:
        raise KeysAway(f"the module does not answer: {type(wrong).__name__}") from wrong


def _signed(key: Any, digest: bytes) -> bytes:
    if not isinstance(key, SignMixin):
        raise KeysUnusable("the module holds this key for another use")
    return bytes(key.sign(digest, mechanism=Mechanism.ECDSA))


def _derived(key: Any, ek: bytes) -> bytes:
    if not isinstance(key, DeriveMixin):
        raise KeysUnusable("the module holds this key for another use")
    shared = key.derive_key(
        KeyType.GENERIC_SECRET,
        256,
        mechanism=Mechanism.ECDH1_DERIVE,
        mechanism_param=(KDF.NULL, None, ek),
        # Of this one message alone, and never stored: HPKE goes on from it outside.
        template={
            Attribute.TOKEN: False,
            Attribute.SENSITIVE: False,
            Attribute.EXTRACTABLE: True,
            Attribute.VALUE_LEN: 32,
        },
    )
    return bytes(shared[Attribute.VALUE])


def _of_p256(kid: Kid, public: bytes) -> bytes:
    if len(public) != _POINT:
        raise KeysUnusable(f"kid {kid.hex()}: a module holds keys of P-256 alone")
    return public
