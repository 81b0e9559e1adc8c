"""Our log before programs of other people: Go's notes and trees, and OpenSSL."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from attest.log.note import open_note
from attest.log.strict64 import encode64

from .laid_out import ED25519_SPKI, SIGNERS, SIZES, entry, written


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built against what Debian brings and nothing from a network."""
    place = tmp_path_factory.mktemp("go")
    env = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(place / "cache"),
        "GOFLAGS": "",
    }
    program = place / "reader"
    source = Path(__file__).with_name("log") / "main.go"
    subprocess.run(["go", "build", "-o", program, source], check=True, env=env)
    return program


def asked(reader: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [reader, folder, SIGNERS[0].verifying.vkey]
    return subprocess.run(command, capture_output=True, check=False, text=True)


@pytest.mark.parametrize("size", SIZES)
def test_go_computes_the_same_tree_and_takes_our_proofs(
    reader: Path, tmp_path: Path, size: int
) -> None:
    said = asked(reader, written(tmp_path, size))

    root = (tmp_path / "checkpoint").read_text("utf-8").split("\n")[2]
    assert (said.returncode, said.stdout) == (0, f"{size} leaves, {root}\n")


def _flipped(name: str, at: int) -> Callable[[Path], None]:
    def bend(folder: Path) -> None:
        raw = bytearray((folder / name).read_bytes())
        raw[at] ^= 1
        (folder / name).write_bytes(raw)

    return bend


def _another_leaf(folder: Path) -> None:
    (folder / "leaves").write_text(f"0 {encode64(entry(1))}\n")


def _another_root(folder: Path) -> None:
    (folder / "older").write_text(f"1 {encode64(bytes(32))}\n")


def _longer_proof(folder: Path) -> None:
    first = (folder / "proofs").read_text().split("\n")[0]
    (folder / "proofs").write_text(f"{first} {encode64(bytes(32))}\n")


@pytest.mark.parametrize(
    ("bend", "where"),
    [
        (_flipped("checkpoint", 21), "checkpoint"),
        (_flipped("tile/1/000.p/1", 4), "tiles"),
        (_flipped("tile/0/000", 40), "leaves"),
        (_another_leaf, "leaves"),
        (_another_root, "older"),
        (_longer_proof, "proofs"),
    ],
)
def test_go_refuses_what_was_altered(
    reader: Path, tmp_path: Path, bend: Callable[[Path], None], where: str
) -> None:
    folder = written(tmp_path, 257)
    assert asked(reader, folder).returncode == 0

    bend(folder)

    said = asked(reader, folder)
    assert said.returncode == 1
    assert said.stdout.startswith(f"{where}: ")


@pytest.mark.parametrize("which", [0, 1], ids=["Ed25519", "ECDSA P-256"])
def test_openssl_holds_both_signatures_and_refuses_another_text(tmp_path: Path, which: int) -> None:
    note = (written(tmp_path, 3) / "checkpoint").read_text("utf-8")
    found = open_note(note, [one.verifying for one in SIGNERS])
    signature = next(s for s in found.signatures if s.key == SIGNERS[which].verifying)
    public = signature.key.material
    (tmp_path / "key").write_bytes(public if which else ED25519_SPKI + public)
    (tmp_path / "signature").write_bytes(signature.raw)

    for text, good in ((found.text, True), (found.text.replace("3", "4", 1), False)):
        (tmp_path / "text").write_text(text, "utf-8")
        key = ["-pubin", "-inkey", "key", "-keyform", "DER", "-sigfile", "signature"]
        digest = ["-digest", "sha256"] if which else []
        command = ["openssl", "pkeyutl", "-verify", *key, "-rawin", *digest, "-in", "text"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode == 0) is good
