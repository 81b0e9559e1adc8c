"""Our log before readers of other logs: Sigstore's verifier, and a client in Rust."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import metamorphic_log
import pytest

from attest.log.leaf import leaf_hash
from attest.log.note import Kind, VerifyingKey
from attest.log.strict64 import decode64, encode64
from attest.log.witness import Witness
from tests.attest.log.vectors import load

from .laid_out import (
    ED25519_SPKI,
    ORIGIN,
    SIGNERS,
    SIZES,
    ages_of,
    entry,
    laid,
    note_of,
    some_of,
    tree_of,
    written,
)

READER = Path(__file__).with_name("log") / "sigstore.js"
ED25519, ECDSA = (signer.verifying for signer in SIGNERS)
VKEYS = [ED25519.vkey]


def cosigned(size: int) -> str:
    """With the line of a witness, which none of these readers knows."""
    note = note_of(size)
    line = Witness("audit.example.kr/w1", bytes(32)).line(note.partition("\n\n")[0] + "\n", time=9)
    return note + line


def asked(folder: Path, key: VerifyingKey) -> subprocess.CompletedProcess[str]:
    public = key.material if key.kind is Kind.ECDSA_P256 else ED25519_SPKI + key.material
    words = [str(folder), ORIGIN, encode64(key.id), encode64(public)]
    return subprocess.run(
        ["node", str(READER), *words], capture_output=True, check=False, text=True
    )


@pytest.mark.parametrize("key", [ED25519, ECDSA], ids=["Ed25519", "ECDSA P-256"])
@pytest.mark.parametrize("size", [1, 257, 70_000])
def test_sigstore_takes_our_heads_and_proofs(tmp_path: Path, size: int, key: VerifyingKey) -> None:
    folder = written(tmp_path, size)
    (folder / "checkpoint").write_text(cosigned(size), "utf-8")

    said = asked(folder, key)

    assert (said.stdout, said.stderr) == (f"{len(some_of(size))} leaves\n", "")
    assert said.returncode == 0


def _another_leaf(folder: Path) -> None:
    (folder / "leaves").write_text(
        "".join(f"{n} {encode64(entry(n + 1))}\n" for n in some_of(257)), "utf-8"
    )


def _another_head(folder: Path) -> None:
    note = (folder / "checkpoint").read_text("utf-8")
    (folder / "checkpoint").write_text(note.replace("\n257\n", "\n258\n"), "utf-8")


def _another_way(folder: Path) -> None:
    first, *others = (folder / "proofs").read_text().splitlines()
    index, leaf, hashed, *rest = first.split(" ")
    bent = encode64(bytes(32))
    lines = [" ".join([index, leaf, bent, *rest]), *others]
    assert hashed != bent
    (folder / "proofs").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("bend", "why"),
    [
        (_another_leaf, "0: calculated root hash does not match inclusion proof\n"),
        (_another_head, "0: invalid checkpoint signature\n"),
        (_another_way, "0: calculated root hash does not match inclusion proof\n"),
    ],
)
def test_sigstore_refuses_what_was_altered(
    tmp_path: Path, bend: Callable[[Path], None], why: str
) -> None:
    folder = written(tmp_path, 257)
    bend(folder)

    said = asked(folder, ECDSA)

    assert (said.returncode, said.stdout) == (1, why)


@pytest.mark.parametrize("size", SIZES)
def test_the_client_in_rust_takes_heads_inclusion_and_consistency(size: int) -> None:
    note, (_, hashes), tree = cosigned(size), laid(size), tree_of(size)

    head = metamorphic_log.checkpoint_verify(note, VKEYS)

    assert (head.origin, head.size, head.root) == (ORIGIN, size, tree.root())
    for index in some_of(size):
        metamorphic_log.checkpoint_verify_inclusion(
            note, VKEYS, index, hashes[index], tree.inclusion(index)
        )
    for old in ages_of(size):
        way = tree.consistency(old)
        metamorphic_log.checkpoint_verify_consistency(cosigned(old), note, VKEYS, way)


def test_the_client_in_rust_refuses_what_was_altered() -> None:
    note, tree = note_of(257), tree_of(257)
    way, older = tree.inclusion(3), tree.consistency(128)
    refused = pytest.raises(metamorphic_log.VerifyError)

    with refused:
        metamorphic_log.checkpoint_verify(note.replace("\n257\n", "\n258\n"), VKEYS)
    with refused:
        metamorphic_log.checkpoint_verify_inclusion(note, VKEYS, 3, leaf_hash(entry(4)), way)
    with refused:
        metamorphic_log.checkpoint_verify_inclusion(
            note, VKEYS, 3, leaf_hash(entry(3)), [*way, bytes(32)]
        )
    with refused:
        metamorphic_log.checkpoint_verify_consistency(
            note_of(128), note, VKEYS, [bytes(32), *older[1:]]
        )
    with refused:
        metamorphic_log.checkpoint_verify_consistency(note_of(129), note, VKEYS, older)


def test_the_client_in_rust_takes_what_is_published() -> None:
    """The vectors any implementation is held against, and no byte of them changed."""
    notes, proofs = load("notes"), load("proofs")
    keys, good = [notes["keys"]["log"]["vkey"]], notes["good"][0]["note"]
    assert metamorphic_log.checkpoint_verify(good, keys).size == 1000

    for one in proofs["inclusion"]:
        leaf, root = decode64(one["leaf_hash"]), decode64(one["root"])
        way = list(map(decode64, one["proof"]))
        metamorphic_log.verify_inclusion(one["index"], one["size"], leaf, way, root)
    for one in proofs["consistency"]:
        if one["old"]:
            roots = decode64(one["old_root"]), decode64(one["new_root"])
            way = list(map(decode64, one["proof"]))
            metamorphic_log.verify_consistency(one["old"], one["new"], way, *roots)
