"""The verifier as an auditor runs it: one file, bare python3, no network, nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from attest.commands.bundle import run
from attest.log.note import sign_note
from attest.log.proof import Receipt
from attest.log.trust import Trust
from tests.attest.log.vectors import ecdsa, ed25519

from .town import ORIGIN, Town, members, repacked, trust

ROOT = Path(__file__).parents[3]
# Whatever reaches for the network or a second program, or writes, ends here.
GUARD = """
import runpy, sys
def watch(event, args):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork")):
        raise SystemExit("reached out: " + event)
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        raise SystemExit("wrote: " + str(args[0]))
sys.addaudithook(watch)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def released(folder: Path) -> tuple[Path, str]:
    """As `make release` builds it, and the hash that is printed."""
    command = [sys.executable, "scripts/release.py", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return folder / "attest.pyz", done.stdout.split()[0]


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("release"))[0]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    town = Town()
    town.found()
    trip = town.whole_trip()
    (tmp_path / "old").write_text(town.note(), encoding="utf-8")
    leaf = town.touch(town.open())
    town.correct(trip)
    promise = Receipt(ORIGIN, leaf.hash, town.now).text()
    receipts = tmp_path / "receipts"
    receipts.mkdir()
    signed = sign_note(promise, [ed25519("receipt"), ecdsa("receipt_ecdsa")])
    (receipts / "one.txt").write_text(signed, encoding="utf-8")
    raw = town.bundle()
    (tmp_path / "b.zip").write_bytes(raw)
    (tmp_path / "mine.xlsx").write_bytes(members(raw)["data/leaves.xlsx"])
    (tmp_path / "mine.csv").write_bytes(members(raw)["data/lines.csv"])
    (tmp_path / "request.json").write_bytes(members(raw)["request.json"])
    (tmp_path / "trust").write_text(trust().text(), encoding="utf-8")
    return tmp_path


def asked(desk: Path, *more: str) -> list[str]:
    return ["verify", str(desk / "b.zip"), "--trust", str(desk / "trust"), *more]


def alone(pyz: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Without site packages, environment or the folder we stand in."""
    command = [sys.executable, "-I", "-S", "-B", "-c", GUARD, str(pyz), *argv]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_release_is_the_same_bytes_every_time(pyz: Path, tmp_path: Path) -> None:
    again, printed = released(tmp_path)

    assert again.read_bytes() == pyz.read_bytes()
    assert printed == sha256(pyz.read_bytes()).hexdigest()


def test_bare_python_verifies_a_bundle_and_touches_nothing(pyz: Path, desk: Path) -> None:
    done = alone(pyz, "bundle", *asked(desk, "--json"))

    report = json.loads(done.stdout)
    assert (done.returncode, report["verdict"], done.stderr) == (0, "verified", "")
    assert report["anchor"]["kind"] == "witness"


def test_bare_python_knows_what_it_cannot_do(pyz: Path) -> None:
    done = alone(pyz, "token", "inspect", "x")

    assert done.returncode == 2
    assert done.stderr.startswith("token: needs the package ")


def test_bare_python_finds_an_altered_row(pyz: Path, desk: Path) -> None:
    files = members((desk / "b.zip").read_bytes())
    files["data/leaves.csv"] = files["data/leaves.csv"].replace(b"SUFFICIENT", b"INVALID", 1)
    (desk / "b.zip").write_bytes(repacked(files))

    done = alone(pyz, "bundle", *asked(desk))
    assert done.returncode == 1
    assert "검증에 실패했습니다." in done.stdout
    assert "[fail] table.cell data/leaves.csv " in done.stdout
    english = alone(pyz, "bundle", *asked(desk, "--lang", "en"))
    assert "column verdict: The cell is not what the signed leaves say." in english.stdout


def test_with_all_that_an_auditor_can_bring(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [f"--{name}={desk / name}" for name in ("receipts", "save-checkpoint")]
    brought = [
        *(f"--since={desk / 'old'}", f"--request={desk / 'request.json'}"),
        *(f"--table={desk / 'mine.xlsx'}", f"--table={desk / 'mine.csv'}"),
        *("--nonce", "n" + "5a" * 16, "--require", "id,biz,loc", "--strict", "--json"),
    ]

    assert run(asked(desk, *files, *brought)) == 0
    report = said(capsys)
    assert [one["code"] for one in report["findings"]] == ["trip.unfinished"]
    assert (desk / "save-checkpoint").read_text("utf-8").startswith(ORIGIN)


def test_an_unpacked_folder_is_as_good(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ZipFile(desk / "b.zip") as archive:
        archive.extractall(desk)
    (folder,) = desk.glob("tripseal-*")

    assert run(["verify", str(folder), "--trust", str(desk / "trust"), "--json"]) == 0
    (folder / "data" / "link").symlink_to("/etc/passwd")
    capsys.readouterr()
    assert run(["verify", str(folder), "--trust", str(desk / "trust"), "--json"]) == 2
    assert said(capsys)["findings"][0]["code"] == "zip.unsafe_name"


def test_a_checkpoint_is_kept_only_when_all_holds(desk: Path) -> None:
    kept = desk / "kept"

    assert run(asked(desk, "--save-checkpoint", str(kept), "--nonce", "other")) == 1
    assert not kept.exists()


@pytest.mark.parametrize(
    "argv",
    [
        ["--since", "nowhere"],
        ["--request", "nowhere"],
        ["--receipts", "nowhere"],
        ["--table", "nowhere.csv"],
        ["--table", "nowhere.xlsx"],
        ["--require", "name"],
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_else(
    desk: Path, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(asked(desk, *argv, "--json")) == 2
    assert said(capsys)["verdict"] == "unusable"


@pytest.mark.parametrize("raw", [b"", b"PK", bytes(100)])
def test_noise_is_unusable_and_no_failure(
    desk: Path, raw: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "b.zip").write_bytes(raw)

    assert run(asked(desk, "--json")) == 2
    assert said(capsys)["findings"][0]["code"] == "zip.unreadable"


def test_no_trust_no_word(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "trust").write_text("quorum none\n", encoding="utf-8")

    assert run(asked(desk)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "trust" in told.err


def test_a_failure_found_is_not_hidden_by_what_cannot_be_read(desk: Path) -> None:
    (desk / "mine.xlsx").write_bytes(b"noise")
    brought = ["--table", str(desk / "mine.xlsx"), "--nonce", "other"]
    files = members((desk / "b.zip").read_bytes())
    (desk / "b.zip").write_bytes(repacked(files | {"more.txt": b"x"}))

    assert run(asked(desk, *brought)) == 1


def test_of_many_alike_a_person_reads_the_first_and_a_count(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = members((desk / "b.zip").read_bytes())
    lines = files["data/leaves.jsonl"].splitlines(keepends=True)
    files["data/leaves.jsonl"] = b"".join(lines[:-12])
    (desk / "b.zip").write_bytes(repacked(files))

    assert run(asked(desk, "--lang", "en")) == 1
    told = capsys.readouterr().out
    assert told.count("[fail] row.missing ") == 10
    assert "row.missing: 2 more" in told


def test_the_trust_that_a_rotation_leads_on_to_is_kept_where_all_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = Town()
    town.found()
    town.rotate()
    (tmp_path / "trust").write_text(trust().text(), encoding="utf-8")
    raw, newer = town.bundle(), tmp_path / "newer"
    (tmp_path / "b.zip").write_bytes(changed_row(raw))
    assert run(asked(tmp_path, "--save-trust", str(newer))) == 1
    assert not newer.exists()

    (tmp_path / "b.zip").write_bytes(raw)
    assert run(asked(tmp_path, "--save-trust", str(newer))) == 0
    kept = Trust.parse(newer.read_text())
    assert kept.log[0] == town.signers[0].verifying
    assert [one.key for one in kept.retired] == [trust().log[0]]
    # It judges the same bundle, and every later one.
    (tmp_path / "trust").write_text(newer.read_text(), encoding="utf-8")
    assert run(asked(tmp_path)) == 0
    capsys.readouterr()


def changed_row(raw: bytes) -> bytes:
    files = members(raw)
    return repacked(files | {"data/leaves.csv": files["data/leaves.csv"] + b"x"})
