"""New key pairs: the one place where the dice for them are thrown, or a module throws them."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from attest.keyfile import new_public_record, new_record
from attest.keys import Alg, Kid, Use

from . import providers


def make(*, use: Use, alg: Alg, kid: bytes, nbf: int, naf: int) -> dict[str, Any]:
    """A record for the provider this installation has chosen: with its secret, or without."""
    module = providers.module()
    if module is None:
        return in_file(use=use, alg=alg, kid=kid, nbf=nbf, naf=naf)
    public = module.make(Kid(kid), use=use)
    return new_public_record(use=use, alg=alg, kid=kid, nbf=nbf, naf=naf, public=public)


def destroy(kid: str) -> None:
    """What only a module could still hold of a key that left the key files."""
    if module := providers.module():
        module.destroy(Kid(bytes.fromhex(kid)))


def in_file(*, use: Use, alg: Alg, kid: bytes, nbf: int, naf: int) -> dict[str, Any]:
    """A private record that holds its secret. Of P-256: the one curve of the default profile."""
    key = generate_private_key(SECP256R1())
    return new_record(use=use, alg=alg, kid=kid, nbf=nbf, naf=naf, private_key=key)


def pem_for(name: str) -> bytes:
    """PKCS#8 for the key file *name*, which says of what kind its key is."""
    p256 = "p256" in name
    key = generate_private_key(SECP256R1()) if p256 else Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
