"""Every key of a new installation is made: once, by this explicit deed, never by use."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.exceptions import ImproperlyConfigured

from attest.keyfile import new_record, public_record
from attest.keys import Alg, Use
from ledger.keys import Made
from vault.keyring import LOG_PEMS, SYMMETRIC
from vault.keyring.file import write_key

# Signing keys: 90 days, published 7 days before use (token.md §5). Opening keys: yearly.
SIGNING, OPENING = timedelta(days=97), timedelta(days=365)


def create_keys(*, folder: Path, since: datetime, now: datetime) -> list[Made]:
    """Fill the empty *folder*; windows begin at *since* and end counted from *now*.

    Refused where there is any key already: a second set would orphan what the first sealed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ImproperlyConfigured("there are keys already; `keys create` never replaces them")
    folder.chmod(0o700)
    for name in SYMMETRIC:
        write_key(folder / f"{name}.key", token_bytes(32))
    made = [Made(name) for name in SYMMETRIC]
    return [*made, *_token_keys(folder, since, now), *_log_keys(folder)]


def _token_keys(folder: Path, since: datetime, now: datetime) -> Iterable[Made]:
    # From the full hour on: the keyring asks for the newest key once an hour.
    nbf = int(since.timestamp()) // 3600 * 3600
    signing = new_record(
        use=Use.CHECK_IN,
        alg=Alg.ES256,
        kid=b"C\x01",
        nbf=nbf,
        naf=int((now + SIGNING).timestamp()),
        private_key=generate_private_key(SECP256R1()),
    )
    opening = new_record(
        use=Use.OPEN,
        alg=Alg.HPKE_7,
        kid=b"O\x01",
        nbf=nbf,
        naf=int((now + OPENING).timestamp()),
        private_key=generate_private_key(SECP256R1()),
    )
    _document(folder, "sealing-keys", sign=[signing], seal_to=[public_record(opening)])
    _document(folder, "opening-keys", open=[opening], verify=[public_record(signing)])
    for record in (signing, opening):
        text = json.dumps(public_record(record), sort_keys=True)
        yield Made(record["kid"], sha256(text.encode()).digest())


def _document(folder: Path, name: str, **records: list[dict[str, Any]]) -> None:
    text = json.dumps({"tripseal": f"{name}/1"} | records, indent=1)
    write_key(folder / f"{name}.json", text.encode())


def _log_keys(folder: Path) -> Iterable[Made]:
    pair: tuple[PrivateKeyTypes, ...] = (
        Ed25519PrivateKey.generate(),
        generate_private_key(SECP256R1()),
    )
    for name, key in zip(LOG_PEMS, pair, strict=True):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_key(folder / name, pem)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        yield Made(name.removesuffix(".pem"), sha256(public).digest())
