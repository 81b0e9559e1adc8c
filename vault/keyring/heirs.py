"""Keys that sign for others to believe, and those that will: how one takes the other's place.

    log-ed25519.pem         signs the log
    log-ed25519.next.pem    its heir, from `keys renew log` until it has signed a head
    receipt-p256.next.pem   likewise of log receipts and exports, until `keys renew` ends
    receipt-p256.handover.txt   who follows whom, signed by both, until the log says so

Which of the log's two is in use is said by the last head alone (``ledger.succession``): a name
here changes afterwards, and may change at any time. Of the others the name says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
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
RECEIPT_PEMS = ("receipt-ed25519.pem", "receipt-p256.pem")
EXPORT_PEM = "export-ed25519.pem"
PEMS = {"log": LOG_PEMS, "receipt": RECEIPT_PEMS, "export": (EXPORT_PEM,)}


def heir_of(pem: str) -> str:
    return f"{pem.removesuffix('.pem')}.next.pem"


def handover_of(pem: str) -> str:
    return f"{pem.removesuffix('.pem')}.handover.txt"


def signers(role: str = "log") -> tuple[SigningKey, ...]:
    """The keys of *role*, as their files are named."""
    return tuple(_signer_as(pem, providers.version(pem)) for pem in PEMS[role])


def heirs(role: str = "log") -> tuple[SigningKey, ...]:
    """Those that are made and wait; none between two rotations."""
    return tuple(waiting(role).values())


def waiting(role: str) -> dict[str, SigningKey]:
    """By the name of the key whose heir it is."""
    names = {pem: heir_of(pem) for pem in PEMS[role]}
    return {
        pem: _signer_as(name, providers.version(name))
        for pem, name in names.items()
        if providers.holds(name)
    }


@contextmanager
def editing() -> Iterator[None]:
    """One rotation at a time, where keys lie in files."""
    if providers.name() == providers.ENVIRONMENT:
        raise ImproperlyConfigured("keys in the environment change where they come from")
    with file.alone(providers.folder()):
        yield


def make(role: str = "log") -> bool:
    """An heir for each key that has none; whether any was made. While ``editing``.

    Each is whole before it has its name: half a key would stop all who read the heirs.
    """
    place = providers.folder()
    lacking = [name for pem in PEMS[role] if not (place / (name := heir_of(pem))).exists()]
    for name in lacking:
        _write(name, making.pem_for(name))
    return bool(lacking)


def crown(signed: Collection[SigningKey], role: str = "log") -> None:
    """These heirs are in use: each takes the name of its key, which is gone with that.

    No other that lies there: one made meanwhile has signed nothing, and its key is in use.
    """
    place, known = providers.folder(), {one.verifying for one in signed}
    for pem, heir in waiting(role).items():
        if heir.verifying in known:
            (place / heir_of(pem)).replace(place / pem)
    file.settle(place)


def handovers(role: str) -> dict[str, str]:
    """What is kept until the log has said it: by the name of the key, who took its place."""
    names = {pem: handover_of(pem) for pem in PEMS[role]}
    return {
        pem: providers.read(name).decode() for pem, name in names.items() if providers.holds(name)
    }


def keep_handover(pem: str, note: str) -> None:
    _write(handover_of(pem), note.encode())


def drop_handovers(pems: Iterable[str]) -> None:
    place = providers.folder()
    for pem in pems:
        (place / handover_of(pem)).unlink(missing_ok=True)
    file.settle(place)


def forget() -> None:
    _signer_as.cache_clear()


def _write(name: str, content: bytes) -> None:
    place = providers.folder()
    # What a sudden end left beside the name: empty, or a key that never signed anything.
    for draft in place.glob(f"{name}.*"):
        draft.unlink()
    file.replace_key(place / name, content)


@lru_cache(maxsize=16)
def _signer_as(pem: str, version: file.Version) -> SigningKey:
    del version
    role = pem.partition("-")[0]
    name = settings.LOG_ORIGIN if role == "log" else f"{settings.LOG_ORIGIN}/{role}"
    return EcdsaSigner(name, p256(pem)) if "p256" in pem else Ed25519Signer(name, _ed25519(pem))


def p256(pem: str) -> EllipticCurvePrivateKey:
    key = _private(pem)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ImproperlyConfigured(f"{pem}: a key that is not of its kind")
    return key


def _ed25519(pem: str) -> Ed25519PrivateKey:
    key = _private(pem)
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{pem}: a key that is not of its kind")
    return key


def _private(name: str) -> object:
    try:
        return load_pem_private_key(providers.read(name), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise ImproperlyConfigured(f"{name}: not a private key") from wrong
