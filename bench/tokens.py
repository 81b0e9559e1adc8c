"""Seal and open against the raw primitives, interleaved in one process.

Raw is what any implementation must pay: an ES256 signature and the library's own
one-shot HPKE over the same bytes (which takes no additional data, so it does less).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from secrets import token_bytes
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from attest.claims import Claims, Location
from attest.keyfile import new_record, public_record, read_opening_keys, read_sealing_keys
from attest.keys import Alg, Opener, Sealer, Use
from attest.token import open_token, seal
from bench.report import machine, tell

ROUNDS, CALLS = 25, 60
HOST, NOW = "trip.example.kr", 1_790_000_000
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


def timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    for _ in range(CALLS):
        work()
    return perf_counter() - start


def keys() -> tuple[Sealer, Opener]:
    signing = new_record(
        use=Use.CHECK_IN, alg=Alg.ES256, kid=b"C\x01", nbf=NOW - 9, naf=NOW + 9,
        private_key=generate_private_key(SECP256R1()),
    )  # fmt: skip
    opening = new_record(
        use=Use.OPEN, alg=Alg.HPKE_7, kid=b"O\x01", nbf=NOW - 9, naf=NOW + 9,
        private_key=generate_private_key(SECP256R1()),
    )  # fmt: skip
    sealing_file = {"tripseal": "sealing-keys/1", "sign": [signing]}
    sealing_file |= {"seal_to": [public_record(opening)]}
    opening_file = {"tripseal": "opening-keys/1", "open": [opening]}
    opening_file |= {"verify": [public_record(signing)]}
    sealer = read_sealing_keys(json.dumps(sealing_file)).sealer(use=Use.CHECK_IN, host=HOST, at=NOW)
    read = read_opening_keys(json.dumps(opening_file))
    return sealer, Opener(read.open, read.verify, HOST)


def main() -> None:
    sys.stdout.write(f"tokens: {machine()}\n")
    sealer, opener = keys()
    signer, reader = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    message, algorithm = bytes(160), ECDSA(SHA256())
    signature = signer.sign(message, algorithm)
    box = suite.encrypt(message, reader.public_key())
    token = seal(CLAIMS, sealer=sealer, seed=token_bytes(32))

    def raw_seal() -> None:
        signer.sign(message, algorithm)
        suite.encrypt(message, reader.public_key())

    def raw_open() -> None:
        suite.decrypt(box, reader)
        signer.public_key().verify(signature, message, algorithm)

    pairs = {"token seal / raw": (1.6, raw_seal), "token open / raw": (1.7, raw_open)}
    whole = {
        "token seal / raw": lambda: seal(CLAIMS, sealer=sealer, seed=token_bytes(32)),
        "token open / raw": lambda: open_token(token, opener=opener, now=NOW),
    }
    for name, (limit, raw) in pairs.items():
        ratios = [timed(whole[name]) / timed(raw) for _ in range(ROUNDS)]
        tell(name, ratios, limit=limit, at_least=False)


if __name__ == "__main__":
    main()
