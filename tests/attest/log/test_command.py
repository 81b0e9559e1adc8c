"""An auditor's own machine: no server, no Django, only files."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from attest.commands.log import run
from attest.log.leaf import leaf_hash

from .vectors import load, trust

PAPER = load("papers")["tlog_proof"]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "leaf").write_bytes(PAPER["entry"].encode())
    (tmp_path / "proof").write_bytes(PAPER["file"].encode())
    (tmp_path / "trust").write_bytes(trust().text().encode())
    return tmp_path


def asked(desk: Path, *more: str) -> list[str]:
    proof, leaf, keys = (str(desk / name) for name in ("proof", "leaf", "trust"))
    return ["verify-proof", proof, "--leaf", leaf, "--trust", keys, *more]


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    said: dict[str, object] = json.loads(capsys.readouterr().out)
    return said


def test_a_leaf_is_proved(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(asked(desk, "--json")) == 0

    said = answer(capsys)
    assert (said["verdict"], said["index"], said["size"]) == ("verified", 300, 1000)
    assert said["witnesses"] == [{"name": "audit.example.go.kr/w1", "time": 1763856000}]


def test_a_person_is_told_in_both_languages(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(asked(desk)) == 0

    said = capsys.readouterr().out
    assert "기록 300" in said
    assert "Leaf 300" in said


def test_the_hash_of_the_leaf_is_enough(desk: Path) -> None:
    hashed = b64encode(leaf_hash(PAPER["entry"].encode())).decode()
    keys = ["--trust", str(desk / "trust")]

    assert run(["verify-proof", str(desk / "proof"), "--leaf-hash", hashed, *keys]) == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("leaf", "00:05:00", "00:05:01", "proof.inclusion"),
        ("leaf", '"v":1', '"v":2', "leaf.unknown_type"),
        ("leaf", '"v":1}', '"v":1}\n', "leaf.not_canonical"),
        ("leaf", '"every":1', '"every":0', "leaf.field"),
        ("proof", "index 300", "index 301", "proof.inclusion"),
        ("proof", "index 300", "index 1000", "proof.shape"),
        ("proof", "\n1000\n", "\n1001\n", "note.bad_signature"),
        ("proof", "— audit", "- audit", "note.malformed"),
        ("trust", "quorum none", "quorum none\n#", ""),
    ],
)
def test_what_is_contradicted_fails_with_its_code(
    desk: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    old: str,
    new: str,
    code: str,
) -> None:
    text = (desk / name).read_bytes().decode()
    assert old in text
    (desk / name).write_bytes(text.replace(old, new).encode())

    assert run(asked(desk, "--json")) == (1 if code else 0)
    findings = answer(capsys)["findings"]
    assert isinstance(findings, list)
    assert ([one["code"] for one in findings] or [""])[0] == code


def test_a_missing_log_key_is_found(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (desk / "proof").read_text().splitlines(keepends=True)
    cut = [line for line in lines if "RObcGjBG" not in line]
    (desk / "proof").write_text("".join(cut))

    assert run(asked(desk)) == 1
    assert capsys.readouterr().out.startswith("note.no_log_key: ")


@pytest.mark.parametrize("name", ["leaf", "proof", "trust"])
def test_what_is_not_there_is_unusable(
    desk: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (desk / name).unlink()

    assert run(asked(desk)) == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("name", ["proof", "trust"])
@pytest.mark.parametrize("noise", [b"", b"\xff\xfe", b"noise\n"])
def test_noise_is_unusable(desk: Path, name: str, noise: bytes) -> None:
    (desk / name).write_bytes(noise)

    assert run(asked(desk)) == 2


def test_a_hash_that_is_none_is_unusable(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = ["--trust", str(desk / "trust"), "--json"]

    assert run(["verify-proof", str(desk / "proof"), "--leaf-hash", "AAAA", *keys]) == 2
    assert answer(capsys)["verdict"] == "unusable"


@pytest.mark.parametrize("argv", [[], ["verify"], ["verify-proof"], ["verify-proof", "x"]])
def test_half_a_question_is_unusable(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(argv)

    assert end.value.code == 2


def test_it_runs_where_there_is_no_django_and_no_network(desk: Path) -> None:
    alone = (
        "import sys, runpy\n"
        "for name in ('django', 'socket', 'ssl'): sys.modules[name] = None\n"
        f"sys.argv = ['attest', 'log', *{asked(desk)!r}]\n"
        "runpy.run_module('attest', run_name='__main__')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", alone],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Leaf 300" in done.stdout
