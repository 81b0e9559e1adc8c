"""Every key of a new installation is made: once, by this explicit deed, never by use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from django.core.exceptions import ImproperlyConfigured

from attest.keys import LIFE_S, Use
from ledger.keys import Made, made_of
from vault.keyring import PEMS, SYMMETRIC
from vault.keyring.book import TURNING, Book, expect_both, make_root
from vault.keyring.file import write_key
from vault.keyring.making import pem_for


def create_keys(*, folder: Path, since: datetime, now: datetime) -> list[Made]:
    """Fill the empty *folder*; windows begin at *since* and end counted from *now*.

    Refused where there is any key already: a second set would orphan what the first sealed.
    """
    expect_both()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ImproperlyConfigured("there are keys already; `keys create` never replaces them")
    folder.chmod(0o700)
    for name in SYMMETRIC:
        write_key(folder / f"{name}.key", token_bytes(32))
    made = [Made(name) for name in SYMMETRIC]
    return [*made, *_token_keys(folder, since, now), *_log_keys(folder)]


def _token_keys(folder: Path, since: datetime, now: datetime) -> Iterable[Made]:
    nbf, end = int(since.timestamp()), int(now.timestamp())
    book = Book.new()
    records = [book.add(use, nbf=nbf, naf=end + LIFE_S[use]) for use in TURNING]
    book.write(folder)
    records.append(make_root(folder, nbf=nbf, naf=end + LIFE_S[Use.KEYSET]))
    return (made_of(record) for record in records)


def _log_keys(folder: Path) -> Iterable[Made]:
    for name in PEMS:
        pem = pem_for(name)
        write_key(folder / name, pem)
        key = load_pem_private_key(pem, password=None).public_key()
        public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        yield Made(name.removesuffix(".pem"), sha256(public).digest())
