"""T5: proofs in a log of 100 million leaves, in times of one node hash.

Its tiles are computed: all leaves are alike, so each whole subtree of one height is, too.
They are ready before the clock runs; a cold proof is one that has read no tile before.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from random import Random
from time import process_time

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.log.merkle import perfect, verify_inclusion
from attest.log.note import sign_note
from attest.log.proof import Checkpoint, TlogProof
from attest.log.signing import EcdsaSigner, Ed25519Signer
from attest.log.tiles import WIDTH, Tree
from attest.log.witness import Witness
from bench.report import machine, tell
from bench.report import note as told

SIZE, ROUNDS, PROOFS = 100_000_000, 5, 100
ORIGIN = "tripseal.example.go.kr/log"
LEAF = sha256(b"\x00leaf").digest()
COLD, VERIFY, BYTES = 3_300, 160, 1_600


def tiles() -> list[bytes]:
    """The one full tile of each level."""
    rows = [LEAF * WIDTH]
    while SIZE >> 8 * len(rows):
        rows.append(perfect(rows[-1]) * WIDTH)
    return rows


def notes(root: bytes) -> tuple[str, str]:
    """The head as the log signs it, by both keys; and as a witness has seen it."""
    text = Checkpoint(ORIGIN, SIZE, root).text()
    secret = int.from_bytes(bytes(range(32)))
    signers = (
        Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32))),
        EcdsaSigner(ORIGIN, derive_private_key(secret, SECP256R1())),
    )
    witness = Witness("audit.example.go.kr/w1", bytes(32))
    signed = sign_note(text, signers)
    return signed, signed + witness.line(text, time=1_790_000_000)


def timed(work: Callable[[int], object], indexes: list[int]) -> float:
    """Seconds of this process for one."""
    start = process_time()
    for index in indexes:
        work(index)
    return (process_time() - start) / len(indexes)


def node_hash(_: int) -> None:
    sha256(b"\x01" + LEAF + LEAF).digest()


def longest(ways: Mapping[int, tuple[bytes, ...]], head: str) -> int:
    return max(len(TlogProof(index, way, head).text().encode()) for index, way in ways.items())


def main() -> None:
    rows, dice = tiles(), Random(SIZE)
    indexes = [dice.randrange(SIZE) for _ in range(PROOFS)]

    def cold(index: int) -> tuple[bytes, ...]:
        return Tree(lambda level, _: rows[level], SIZE).inclusion(index)

    root = Tree(lambda level, _: rows[level], SIZE).root()
    ways = {index: cold(index) for index in indexes}

    def verified(index: int) -> None:
        verify_inclusion(LEAF, index=index, size=SIZE, proof=ways[index], root=root)

    made, held = [], []
    for _ in range(ROUNDS):
        once = timed(node_hash, indexes * 1_000)
        made.append(timed(cold, indexes) / once)
        held.append(timed(verified, indexes * 20) / once)
    own, seen = (longest(ways, head) for head in notes(root))
    sys.stdout.write(f"T5 proofs, {SIZE:,} leaves, in node hashes: {machine()}\n")
    tell("T5 inclusion proof, cold", made, limit=COLD, at_least=False)
    tell("T5 inclusion verified", held, limit=VERIFY, at_least=False)
    tell("T5 bytes of a proof file, the longest", [own], limit=BYTES, at_least=False)
    told("T5 the same with the line of a witness", [seen])


if __name__ == "__main__":
    main()
