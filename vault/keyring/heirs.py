"""The two keys that sign the log, and those that will: how one takes the other's place.

    log-ed25519.pem         signs the log
    log-ed25519.next.pem    its heir, from `keys renew log` until it has signed a head

Which of the two is in use is said by the last head alone (``ledger.succession``): a name here
changes afterwards, and may change at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from attest.log.note import SigningKey
from attest.log.signing import EcdsaSigner, Ed25519Signer

from . import file, making, providers

LOG_PEMS = ("log-ed25519.pem", "log-p256.pem")


def heir_of(pem: str) -> str:
    return f"{pem.removesuffix('.pem')}.next.pem"


def signers() -> tuple[SigningKey, ...]:
    """Both keys of the log, as their files are named."""
    first, second = LOG_PEMS
    return _ed25519_as(first, providers.version(first)), _p256_as(second, providers.version(second))


def heirs() -> tuple[SigningKey, ...]:
    """Those that are made and wait; none between two rotations."""
    return tuple(_waiting().values())


def _waiting() -> dict[str, SigningKey]:
    """By the name of the key whose heir it is."""
    found: dict[str, SigningKey] = {}
    for pem, read in zip(LOG_PEMS, (_ed25519_as, _p256_as), strict=True):
        if providers.holds(name := heir_of(pem)):
            found[pem] = read(name, providers.version(name))
    return found


@contextmanager
def editing() -> Iterator[None]:
    """One rotation at a time, where keys lie in files."""
    if providers.name() == providers.ENVIRONMENT:
        raise ImproperlyConfigured("keys in the environment change where they come from")
    with file.alone(providers.folder()):
        yield


def make() -> bool:
    """An heir for each key that has none; whether any was made. While ``editing``.

    Each is whole before it has its name: half a key would stop all who read the heirs.
    """
    place = providers.folder()
    lacking = [name for pem in LOG_PEMS if not (place / (name := heir_of(pem))).exists()]
    for name in lacking:
        # What a sudden end left beside the name: empty, or a key that never signed anything.
        for draft in place.glob(f"{name}.*"):
            draft.unlink()
        file.replace_key(place / name, making.pem_for(name))
    return bool(lacking)


def crown(signed: Collection[SigningKey]) -> None:
    """These heirs are in use: each takes the name of its key, which is gone with that.

    No other that lies there: one made meanwhile has signed nothing, and its key is in use.
    """
    place, known = providers.folder(), {one.verifying for one in signed}
    for pem, heir in _waiting().items():
        if heir.verifying in known:
            (place / heir_of(pem)).replace(place / pem)
    file.settle(place)


def forget() -> None:
    _ed25519_as.cache_clear()
    _p256_as.cache_clear()


@lru_cache(maxsize=4)
def _ed25519_as(pem: str, version: file.Version) -> SigningKey:
    del version
    return ed25519(pem, settings.LOG_ORIGIN)


@lru_cache(maxsize=4)
def _p256_as(pem: str, version: file.Version) -> SigningKey:
    del version
    return EcdsaSigner(settings.LOG_ORIGIN, p256(pem))


def p256(pem: str) -> EllipticCurvePrivateKey:
    key = _private(pem)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ImproperlyConfigured(f"{pem}: a key that is not of its kind")
    return key


def ed25519(pem: str, name: str) -> SigningKey:
    key = _private(pem)
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{pem}: a key that is not of its kind")
    return Ed25519Signer(name, key)


def _private(name: str) -> object:
    try:
        return load_pem_private_key(providers.read(name), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise ImproperlyConfigured(f"{name}: not a private key") from wrong
