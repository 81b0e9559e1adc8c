"""Bytes chosen by what code they reach: ``python -m tests.fuzz.guided TARGET [OPTION…]``.

    token     as it was scanned, through ``open_token``
    message   as it lay behind the decryption
    claims    behind the signature of a check-in key, and of a trip key
    keyset    behind the signature of the root
    status    behind that of a key for status lists

It stops at an error that is no refusal, and at anything that reads and is not what our own
writer would have written. Options are the fuzzer's: ``-max_total_time=60``, ``-runs=1000``.
What it learns it keeps in ``build/fuzz/TARGET``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

try:
    import atheris
except ImportError:
    sys.exit("missing: atheris (it is built for Linux on x86-64 alone); see pyproject.toml")

with atheris.instrument_imports(include=["attest"]):
    from attest import cose
    from attest.claims import encode, read_check_in, read_trip
    from attest.documents import keyset_in, status_in, write_keyset, write_status
    from attest.errors import TokenRefused
    from attest.keys import RecipientKey, VerifyKey
    from attest.token import open_message, open_token
    from tests.attest.token_forge import DEFAULT
    from tests.attest.token_vectors import DOCUMENTS, HOST, NOW, VALID, opener

from .bending import bent

CORPUS = Path("build/fuzz")
OPENER = opener()
LOCK = OPENER.locks[DEFAULT.protected]


def all_of(name: str) -> list[bytes]:
    return [bytes.fromhex(vector[name]) for vector in VALID]


def payload_of(document: str) -> bytes:
    whole = bytes.fromhex(DOCUMENTS[document]["hex"])
    return cose.read_sign1(whole, at=document).payload


def need(good: bool) -> None:  # noqa: FBT001 - the sentence stands at the call
    if not good:
        raise AssertionError("read, but not what a writer of ours writes")


def token(data: bytes) -> None:
    open_token(data, opener=OPENER, now=NOW)
    need(data in SEALED)


def message(data: bytes) -> None:
    open_message(data, opener=OPENER, lock=LOCK, now=NOW)
    need(data in SIGNED)


def claims(data: bytes) -> None:
    # Behind the signature nothing stops a guess but the reader itself: so it is asked alone.
    with suppress(TokenRefused):
        need(encode(read_trip(data)) == data)
    need(encode(read_check_in(data)) == data)


def keyset(data: bytes) -> None:
    keys = keyset_in(data, host=HOST)
    everybody: list[VerifyKey | RecipientKey] = [*keys.verify, *keys.seal_to]
    seq, at = keys.seq or 0, keys.iat or 0
    need(write_keyset(everybody, host=HOST, seq=seq, at=at) == data)


def status(data: bytes) -> None:
    told = status_in(data, host=HOST)
    ids = [told.ids[at : at + 8] for at in range(0, len(told.ids), 8)]
    need(write_status(ids, host=HOST, seq=told.seq, at=told.iat) == data)


SEALED, SIGNED = all_of("token_hex"), all_of("sign1_hex")
TARGETS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "token": (token, SEALED),
    "message": (message, SIGNED),
    "claims": (claims, all_of("claims_hex")),
    "keyset": (keyset, [payload_of("keyset")]),
    "status": (
        status,
        [payload_of("status"), write_status([], host=HOST, seq=1, at=NOW)],
    ),
}


def mutator(seeds: list[bytes]) -> Callable[[bytes, int, int], bytes]:
    """The fuzzer's own ways by turns with ours, which know CBOR; what is whole bends best."""

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        dice = Random(seed)
        if dice.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return bent(dice.choice([data, *seeds]), dice, seeds)[:most]

    return mutated


def main(name: str, options: list[str]) -> None:
    target, seeds = TARGETS[name]

    def once(data: bytes) -> None:
        with suppress(TokenRefused):
            target(data)

    place = CORPUS / name
    place.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (place / f"vector-{number}").write_bytes(seed)
    given = [sys.argv[0], "-max_len=2048", f"-artifact_prefix={CORPUS}/{name}-", *options]
    atheris.Setup([*given, str(place)], once, custom_mutator=mutator(seeds))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
