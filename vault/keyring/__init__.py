"""Every key of the installation, through one door.

A key folder (0700) holds, each file 0600 or 0400 and owned by whoever runs us:

    session.key fingerprint.key blind-index.key field-kek.key   32 bytes each
    sealing-keys.json opening-keys.json                                    token.md §5
    log-ed25519.pem log-p256.pem                                           PKCS#8

Keys come to be by ``manage.py keys create`` alone. What is missing or readable by
others stops the start with one line; nothing here ever makes a key up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from attest.errors import KeysUnusable
from attest.keyfile import OpeningKeys, SealingKeys, read_opening_keys, read_sealing_keys
from attest.keys import Opener, Sealer, Use
from attest.log.note import EcdsaSigner, Ed25519Signer, SigningKey

from . import file

Keys = TypeVar("Keys")

SYMMETRIC = ("session", "fingerprint", "blind-index", "field-kek")
DOCUMENTS = ("sealing-keys.json", "opening-keys.json")
LOG_PEMS = ("log-ed25519.pem", "log-p256.pem")


def folder() -> Path:
    return Path(settings.KEY_FOLDER)


def forget() -> None:
    """Read the folder afresh at the next use (tests, and after ``keys create``)."""
    for reader in (_symmetric, _sealing, _opening, _sealer, opener, log_signers):
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
    seen += [key.public for key in _sealing().sign] + [key.public for key in _opening().open]
    seen += [signer.verifying.material[-65:] for signer in log_signers()]
    if len(set(seen)) != len(seen):
        raise ImproperlyConfigured("two keys share their bytes: run `manage.py keys create`")


def fingerprint_key() -> bytes:
    return _symmetric("fingerprint")


def blind_index_key() -> bytes:
    return _symmetric("blind-index")


def field_kek() -> bytes:
    return _symmetric("field-kek")


def sealer(*, at: int) -> Sealer:
    """The newest keys whose windows hold *at* (seconds since 1970)."""
    # Windows begin and end on days; asking once an hour keeps a touch from parsing keys.
    return _sealer(at - at % 3600)


@cache
def opener() -> Opener:
    keys = _opening()
    return Opener(keys.open, keys.verify, settings.HOST)


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


@cache
def _symmetric(name: str) -> bytes:
    key = file.read_key(folder() / f"{name}.key")
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name}.key: a key is 32 bytes")
    return key


@cache
def _sealing() -> SealingKeys:
    return _read(read_sealing_keys, "sealing-keys.json")


@cache
def _opening() -> OpeningKeys:
    return _read(read_opening_keys, "opening-keys.json")


@cache
def _sealer(at: int) -> Sealer:
    return _sealing().sealer(use=Use.CHECK_IN, host=settings.HOST, at=at)


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
