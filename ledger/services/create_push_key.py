"""The key that notices to browsers are sent under is made, or a newer one takes its place."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ledger.keys import Made
from vault import keyring
from vault.keyring.book import expect_both
from vault.keyring.file import replace_key


def create_push_key(folder: Path) -> list[Made]:
    """Browsers that took notices under an older key subscribe anew when they are opened next."""
    expect_both()
    key = generate_private_key(SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    replace_key(folder / keyring.PUSH_PEM, pem)
    keyring.forget()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return [Made(keyring.PUSH_PEM.removesuffix(".pem"), sha256(public).digest())]
