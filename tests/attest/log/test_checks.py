"""Receipts, two heads, a split view, the whole log in a folder: judged without its server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attest.commands.log import run
from attest.log.note import sign_note
from attest.log.proof import Checkpoint
from attest.log.strict64 import encode64
from attest.log.tiles import Tree, bundle, extend, tile_path

from .vectors import cosigner, ecdsa, ed25519, entry, hashes, load, trust

ORIGIN = "tripseal.example.go.kr/log"
WITNESSED = 1_800_000_000


def tree(size: int) -> Tree:
    tiles = extend({}, hashes()[:size])
    return Tree(lambda level, index: tiles[level, index], size)


def head(size: int, root: bytes = b"") -> str:
    text = Checkpoint(ORIGIN, size, root or tree(size).root()).text()
    return sign_note(text, [ed25519("log"), ecdsa("log_ecdsa"), cosigner(WITNESSED)])


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    write(tmp_path, "trust", trust().text())
    for size in (1, 300, 1000):
        write(tmp_path, f"head-{size}", head(size))
    write(tmp_path, "forked", head(300, bytes(32)))
    hashes_ = tree(1000).consistency(300)
    write(tmp_path, "proof", "".join(f"{encode64(one)}\n" for one in hashes_))
    write(tmp_path, "receipt", load("papers")["receipt"]["file"])
    return tmp_path


def write(desk: Path, name: str, text: str) -> None:
    (desk / name).write_text(text, encoding="utf-8")


def asked(desk: Path, verb: str, *names: str, **files: str) -> int:
    options = [word for key, name in files.items() for word in (f"--{key}", str(desk / name))]
    paths = [str(desk / name) for name in names]
    return run([verb, *paths, *options, "--trust", str(desk / "trust"), "--json"])


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def codes(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [one["code"] for one in said(capsys)["findings"]]


def test_the_published_receipt_holds(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(desk, "verify-receipt", "receipt") == 0
    report = said(capsys)
    assert report["merge_by"].startswith("2026-11-23T02:17:53.123456")


def test_a_receipt_altered_does_not(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = load("papers")["receipt"]["file"].replace("T01:17:53", "T01:17:54")
    write(desk, "receipt", text.replace("T02:17:53", "T02:17:54"))

    assert asked(desk, "verify-receipt", "receipt") == 1
    assert codes(capsys) == ["receipt.bad_signature"]


def test_the_proof_of_another_leaf_keeps_no_promise(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(desk, "other", load("papers")["tlog_proof"]["file"])

    assert asked(desk, "verify-receipt", "receipt", proof="other") == 1
    assert codes(capsys) == ["proof.inclusion"]


def test_one_head_follows_the_other(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(desk, "verify-consistency", "head-300", "head-1000", proof="proof") == 0
    assert asked(desk, "verify-consistency", "head-300", "head-300", proof="proof") == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("head-1000", "head-300", "checkpoint.rollback"),
        ("head-300", "forked", "checkpoint.fork"),
        ("forked", "head-1000", "proof.consistency"),
        ("head-1", "head-1000", "proof.consistency"),
    ],
)
def test_what_does_not_follow_is_said(
    desk: Path, old: str, new: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(desk, "verify-consistency", old, new, proof="proof") == 1
    assert codes(capsys)[0] in {code, "proof.surplus", "proof.shape"}


def test_a_split_view_is_seen(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(desk, "compare", "head-1", "head-300", "head-1000") == 0
    capsys.readouterr()
    assert asked(desk, "compare", "head-300", "head-1000", "forked") == 1
    assert codes(capsys) == ["checkpoint.fork"]


def test_a_head_of_other_keys_is_no_part_of_it(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Checkpoint(ORIGIN, 300, tree(300).root()).text()
    write(desk, "strange", sign_note(text, [ed25519("stranger_same_name"), ecdsa("log_ecdsa")]))

    assert asked(desk, "compare", "head-300", "strange") == 1
    assert codes(capsys) == ["note.no_log_key"]


@pytest.fixture
def dump(desk: Path) -> Path:
    """The folder a client of ``/log/`` ends up with."""
    folder = desk / "dump"
    for index in range(4):
        rows = range(256 * index, min(1000, 256 * index + 256))
        path = folder / tile_path("entries", index, len(rows))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bundle(map(entry, rows)))
    write(folder, "checkpoint", head(1000))
    return desk


def test_the_whole_log_adds_up(dump: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(dump, "verify-dump", "dump") == 0
    assert said(capsys)["size"] == 1000
    assert asked(dump, "verify-dump", "dump", since="head-300") == 0


def test_one_bit_in_the_whole_log_is_found(dump: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = dump / "dump" / tile_path("entries", 1, 256)
    path.write_bytes(path.read_bytes().replace(b'"every":1', b'"every":2', 1))

    assert asked(dump, "verify-dump", "dump") == 1
    assert codes(capsys) == ["proof.range_root"]


def test_a_log_rewritten_since_is_found(dump: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(dump, "verify-dump", "dump", since="forked") == 1
    assert codes(capsys) == ["checkpoint.inconsistent"]
    write(dump / "dump", "checkpoint", head(300))
    assert asked(dump, "verify-dump", "dump", since="head-1000") == 1
    assert codes(capsys) == ["checkpoint.rollback"]


@pytest.mark.parametrize(
    "argv",
    [
        ["verify-dump", "nowhere"],
        ["verify-dump", "."],
        ["verify-consistency", "trust", "head-300"],
        ["verify-receipt", "nowhere"],
    ],
)
def test_what_cannot_be_read_says_nothing(
    desk: Path, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"proof": "proof"} if argv[0] == "verify-consistency" else {}

    assert asked(desk, *argv, **files) == 2
    assert said(capsys)["verdict"] == "unusable"
