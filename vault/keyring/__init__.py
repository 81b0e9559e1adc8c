"""Every key of the installation, through one door.

A key folder (0700) holds, each file 0600 or 0400 and owned by whoever runs us:

    session.key fingerprint.key blind-index.key field-kek.key   32 bytes each
    sealing-keys.json opening-keys.json                                    token.md §5
    log-ed25519.pem log-p256.pem                                           PKCS#8

The root lies beside them from ``keys create`` until it is taken away
(``root-sealing-keys.json``; its public half, ``root.json``, stays), and a copy of the last
KeySet (``keyset.cbor``): no server reads any of them.
Keys come to be by ``manage.py keys`` alone. What is missing or readable by others stops the
start with one line; nothing here ever makes a key up.

The two token files are read again when they change, so that a rotation needs no restart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from attest.errors import KeysUnusable
from attest.keyfile import (
    OpeningKeys,
    SealingKeys,
    read_opening_keys,
    read_root,
    read_sealing_keys,
)
from attest.keys import (
    PROFILES,
    Opener,
    Profile,
    RecipientKey,
    Sealer,
    SealingKey,
    Use,
    VerifyKey,
)
from attest.log.note import EcdsaSigner, Ed25519Signer, SigningKey

from . import file

Keys = TypeVar("Keys")

SYMMETRIC = ("session", "fingerprint", "blind-index", "field-kek")
SEALING, OPENING, ROOT = "sealing-keys.json", "opening-keys.json", "root.json"
ROOT_SEALING = "root-sealing-keys.json"
DOCUMENTS = (SEALING, OPENING)
LOG_PEMS = ("log-ed25519.pem", "log-p256.pem")
# A version of the product has exactly one suite of algorithms.
SUITE = "TS1-P256-SHA256-A256GCM"
VALIDATED, VALIDATED_KO = "not a KCMVP-validated module", "KCMVP 검증필 아님"


def folder() -> Path:
    return Path(settings.KEY_FOLDER)


def provider() -> str:
    """Where private halves of token keys are."""
    return "file"


def forget() -> None:
    """Read the folder afresh at the next use (tests, and after ``keys create``)."""
    for reader in (_symmetric, _sealing_as, _opening_as, _opener_as, _sealer, root, log_signers):
        reader.cache_clear()


def check() -> None:
    """Read every key once, and refuse the start if one is missing, open or doubled."""
    if not folder().is_dir():
        raise ImproperlyConfigured("no key folder: run `manage.py keys create`")
    if folder().stat().st_mode & 0o077:
        raise ImproperlyConfigured("the key folder is open to others: chmod 700")
    opener()
    seen = [_symmetric(name) for name in SYMMETRIC]
    # A pair is known by its public half: of P-256 the point, at the end of what a log key tells.
    seen += [key.public for key in sealing().sign] + [key.public for key in opening().open]
    seen += [signer.verifying.material[-65:] for signer in log_signers()]
    if len(set(seen)) != len(seen):
        raise ImproperlyConfigured("two keys share their bytes: run `manage.py keys create`")


def fingerprint_key() -> bytes:
    return _symmetric("fingerprint")


def blind_index_key() -> bytes:
    return _symmetric("blind-index")


def field_kek() -> bytes:
    return _symmetric("field-kek")


def sealer(*, at: int, use: Use = Use.CHECK_IN) -> Sealer:
    """The newest keys for *use* whose windows hold *at* (seconds since 1970)."""
    keys = sealing()
    alg, kem = PROFILES[Profile.DEFAULT]
    signer, to = keys.signer(use=use, at=at, alg=alg), keys.recipient(at=at, alg=kem)
    return _sealer(signer, to)


def status_signer(*, at: int) -> SealingKey:
    """Who signs the status list at *at*."""
    return sealing().signer(use=Use.STATUS, at=at)


def opener() -> Opener:
    return _opener_as(_version(OPENING))


def sealing() -> SealingKeys:
    return _sealing_as(_version(SEALING))


def opening() -> OpeningKeys:
    return _opening_as(_version(OPENING))


@cache
def root() -> VerifyKey:
    """Whom the KeySet must be signed by."""
    return _read(read_root, ROOT)


@cache
def log_signers() -> tuple[SigningKey, ...]:
    """Both keys of the log; every checkpoint carries both lines (log.md §2)."""
    ed25519, p256 = (_private(name) for name in LOG_PEMS)
    if not isinstance(ed25519, Ed25519PrivateKey) or not isinstance(p256, EllipticCurvePrivateKey):
        raise ImproperlyConfigured("a log key is not of its kind")
    if not isinstance(p256.curve, SECP256R1):
        raise ImproperlyConfigured("a log key is not of its kind")
    name = settings.LOG_ORIGIN
    return Ed25519Signer(name, ed25519), EcdsaSigner(name, p256)


def _version(name: str) -> file.Version:
    return file.version(folder() / name)


@cache
def _symmetric(name: str) -> bytes:
    key = file.read_key(folder() / f"{name}.key")
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name}.key: a key is 32 bytes")
    return key


# One version of a document is kept: the older one is never asked for again.
@lru_cache(maxsize=1)
def _sealing_as(version: file.Version) -> SealingKeys:
    del version
    return _read(read_sealing_keys, SEALING)


@lru_cache(maxsize=1)
def _opening_as(version: file.Version) -> OpeningKeys:
    del version
    return _read(read_opening_keys, OPENING)


@lru_cache(maxsize=1)
def _opener_as(version: file.Version) -> Opener:
    keys = _opening_as(version)
    return Opener(keys.open, keys.verify, settings.HOST)


@lru_cache(maxsize=8)
def _sealer(signer: SealingKey, to: RecipientKey) -> Sealer:
    # Everything but the message is worked out once: a touch should not wait for it.
    return Sealer(signer, to, settings.HOST)


def _read(reader: Callable[[str], Keys], name: str) -> Keys:
    try:
        return reader(file.read_key(folder() / name).decode("utf-8"))
    except (KeysUnusable, UnicodeDecodeError) as wrong:
        raise ImproperlyConfigured(f"{name}: {wrong}") from wrong


def _private(name: str) -> object:
    try:
        return load_pem_private_key(file.read_key(folder() / name), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise ImproperlyConfigured(f"{name}: not a private key") from wrong
