"""Seal and open against the raw primitives, interleaved in one process, for both profiles.

Raw is what any implementation must pay: one signature and the library's own one-shot
HPKE over as many bytes (which takes no additional data, so it does less). Beside them, how long
the desk's own script takes to open one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from secrets import token_bytes
from time import process_time
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from attest.claims import Claims, Location
from attest.keyfile import (
    PrivateKey,
    new_record,
    public_record,
    read_opening_keys,
    read_sealing_keys,
)
from attest.keys import PROFILES, Opener, Profile, Sealer, Use
from attest.token import open_token, seal
from bench.report import machine, tell

ROUNDS, CALLS = 25, 60
LIMITS = {"seal": 1.45, "open": 1.5}
HOST, NOW = "trip.example.kr", 1_790_000_000
MESSAGE = bytes(160)
CLAIMS = Claims(
    sub="E20231187",
    iat=NOW,
    cti=bytes(range(1, 9)),
    location=Location.near(37.566536, 126.977966, 12),
    trip="BT26-004217",
    kind=1,
    device=bytes(range(12)),
    flags=0,
)


class Pair(NamedTuple):
    """The same deeds twice: whole, and with the primitives alone."""

    seal: Callable[[], object]
    open: Callable[[], object]


def private(profile: Profile) -> tuple[PrivateKey, PrivateKey]:
    """A signer's key and a recipient's."""
    if profile is Profile.COMPACT:
        return Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    return generate_private_key(SECP256R1()), generate_private_key(SECP256R1())


def keys(profile: Profile) -> tuple[Sealer, Opener]:
    (alg, kem), (signer, reader) = PROFILES[profile], private(profile)
    signing = new_record(
        use=Use.CHECK_IN, alg=alg, kid=b"C\x01", nbf=NOW - 9, naf=NOW + 9, private_key=signer,
    )  # fmt: skip
    opening = new_record(
        use=Use.OPEN, alg=kem, kid=b"O\x01", nbf=NOW - 9, naf=NOW + 9, private_key=reader,
    )  # fmt: skip
    sealing_file = {"tripseal": "sealing-keys/1", "sign": [signing]}
    sealing_file |= {"seal_to": [public_record(opening)]}
    opening_file = {"tripseal": "opening-keys/1", "open": [opening]}
    opening_file |= {"verify": [public_record(signing)]}
    read = read_sealing_keys(json.dumps(sealing_file))
    sealer = read.sealer(use=Use.CHECK_IN, host=HOST, at=NOW, profile=profile)
    held = read_opening_keys(json.dumps(opening_file))
    return sealer, Opener(held.open, held.verify, HOST)


def whole(profile: Profile) -> Pair:
    sealer, opener = keys(profile)
    token = seal(CLAIMS, sealer=sealer, seed=token_bytes(32))
    return Pair(
        lambda: seal(CLAIMS, sealer=sealer, seed=token_bytes(32)),
        lambda: open_token(token, opener=opener, now=NOW),
    )


def raw_default() -> Pair:
    signer, reader = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    suite, how = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM), ECDSA(SHA256())
    to, checks = reader.public_key(), signer.public_key()
    signature, box = signer.sign(MESSAGE, how), suite.encrypt(MESSAGE, to)
    return Pair(
        lambda: (signer.sign(MESSAGE, how), suite.encrypt(MESSAGE, to)),
        lambda: (suite.decrypt(box, reader), checks.verify(signature, MESSAGE, how)),
    )


def raw_compact() -> Pair:
    signer, reader = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    to, checks = reader.public_key(), signer.public_key()
    signature, box = signer.sign(MESSAGE), suite.encrypt(MESSAGE, to)
    return Pair(
        lambda: (signer.sign(MESSAGE), suite.encrypt(MESSAGE, to)),
        lambda: (suite.decrypt(box, reader), checks.verify(signature, MESSAGE)),
    )


RAW = {Profile.DEFAULT: raw_default, Profile.COMPACT: raw_compact}


def timed(work: Callable[[], object]) -> float:
    # Time of this process alone: what else the machine does is no cost of a token.
    start = process_time()
    for _ in range(CALLS):
        work()
    return process_time() - start


def main() -> None:
    sys.stdout.write(f"tokens: {machine()}\n")
    for profile in Profile:
        pairs = zip(LIMITS.items(), whole(profile), RAW[profile](), strict=True)
        for (deed, limit), ours, bare in pairs:
            ratios = [timed(ours) / timed(bare) for _ in range(ROUNDS)]
            tell(f"token {deed} / raw, {profile}", ratios, limit=limit, at_least=False)
    script = ["node", "bench/open.js", str(ROUNDS), str(CALLS)]
    spent = json.loads(subprocess.check_output(script))
    tell("token open in JavaScript, ms", spent, limit=10, at_least=False)


if __name__ == "__main__":
    main()
