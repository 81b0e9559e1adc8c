"""New token keys: the one place where the dice for them are thrown."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from attest.keyfile import new_record
from attest.keys import Alg, Use


def make(*, use: Use, alg: Alg, kid: bytes, nbf: int, naf: int) -> dict[str, Any]:
    """A private record, for the provider this installation has chosen."""
    return in_file(use=use, alg=alg, kid=kid, nbf=nbf, naf=naf)


def in_file(*, use: Use, alg: Alg, kid: bytes, nbf: int, naf: int) -> dict[str, Any]:
    """A private record that holds its secret. Of P-256: the one curve of the default profile."""
    key = generate_private_key(SECP256R1())
    return new_record(use=use, alg=alg, kid=kid, nbf=nbf, naf=naf, private_key=key)
