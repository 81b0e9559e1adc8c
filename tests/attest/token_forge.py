"""What the rightful keys could be made to sign and seal by somebody who does not look."""

from __future__ import annotations

from attest import cose, hpke
from attest.keys import SUITES, Sealer

from .token_vectors import sealer

DEFAULT = sealer()


def wrapped(sign1: bytes, seals: Sealer = DEFAULT) -> bytes:
    """*sign1* sealed as it stands."""
    suite = SUITES[seals.to.alg]
    ek, sealed = hpke.seal(suite, sign1, to=seals.to.public, ikm=bytes(32), aad=seals.seal_aad)
    return cose.write_encrypt0(cose.Encrypt0(seals.protected, ek, sealed))


def inner(payload: bytes, seals: Sealer = DEFAULT) -> bytes:
    """*payload* signed and sealed by the rightful keys, however wrong it is."""
    message = cose.to_sign(seals.signer.header, seals.sign_aad, payload)
    parts = (seals.signer.header, payload, seals.signer.sign(message))
    return wrapped(cose.write_sign1(cose.Sign1(*parts)), seals)
