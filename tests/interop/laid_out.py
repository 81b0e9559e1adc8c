"""A log as our own code lays it out, for programs that nobody here wrote."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.log.leaf import leaf_hash
from attest.log.note import sign_note
from attest.log.signing import EcdsaSigner, Ed25519Signer
from attest.log.strict64 import encode64
from attest.log.tiles import Tree, extend, tile_path
from tests.attest.log.naive import Naive

ORIGIN = "trip.example.kr/log"
SIGNERS = (
    Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32)))),
    EcdsaSigner(ORIGIN, derive_private_key(int.from_bytes(bytes(range(32))), SECP256R1())),
)
# A raw Ed25519 key as other programs read one (RFC 8410).
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
SIZES = [1, 255, 256, 257, 70_000]


def entry(index: int) -> bytes:
    return b'{"leaf":%d}' % index


@cache
def laid(size: int) -> tuple[dict[tuple[int, int], bytes], tuple[bytes, ...]]:
    """The tiles of *size* leaves, and their hashes."""
    hashes = tuple(leaf_hash(entry(index)) for index in range(size))
    return extend({}, hashes), hashes


def tree_of(size: int) -> Tree:
    tiles, _ = laid(size)
    return Tree(lambda level, index: tiles[level, index], size)


def note_of(size: int) -> str:
    """The signed head of *size* leaves."""
    return sign_note(f"{ORIGIN}\n{size}\n{encode64(tree_of(size).root())}\n", SIGNERS)


def some_of(size: int) -> list[int]:
    """Leaves at the edges, and one within."""
    return sorted({0, size // 3, size - 1, *range(max(0, size - 3), size)})


def ages_of(size: int) -> list[int]:
    """Sizes the log once had."""
    return sorted({1, size // 2 or 1, size})


def written(folder: Path, size: int) -> Path:
    """The log of *size* leaves in files, as ``log/main.go`` tells their shapes."""
    tiles, hashes = laid(size)
    for (level, index), data in tiles.items():
        file = folder / tile_path(level, index, len(data) // 32)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    tree, naive, some = tree_of(size), Naive(hashes), some_of(size)
    (folder / "checkpoint").write_text(note_of(size), "utf-8")
    lines = {
        "leaves": [f"{n} {encode64(entry(n))}" for n in some],
        "older": [f"{n} {encode64(naive.tree_hash(0, n))}" for n in ages_of(size)],
        "proofs": [" ".join([str(n), *_way(hashes[n], tree, n)]) for n in some],
    }
    for name, said in lines.items():
        (folder / name).write_text("\n".join(said) + "\n")
    return folder


def _way(hashed: bytes, tree: Tree, index: int) -> list[str]:
    return list(map(encode64, (hashed, *tree.inclusion(index))))
