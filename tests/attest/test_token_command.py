"""``python -m attest token``: one JSON line and nothing else, exit 0, 1 or 2."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attest.commands.token import run

from .token_vectors import ATTACKS, DOCUMENTS, FOLDER, HOST, NOW, SAMPLE, VALID, named

SEALING, OPENING, ROOT = (f"{FOLDER}/{n}.json" for n in ("sealing-keys", "opening-keys", "root"))
SOURCE = Path(__file__).resolve().parents[2]
OPEN = ["open", "--keys", OPENING, "--host", HOST, "--now", str(NOW)]
SEAL = ["seal", "--keys", SEALING, "--host", HOST]
Told = tuple[int, dict[str, Any]]
Command = Callable[..., Told]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs one command line, and gives its exit status and the one line it said."""

    def said(*argv: str, heard: str = "") -> Told:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(heard.encode())))
        status = run(list(argv))
        (line,) = capsys.readouterr().out.splitlines()
        return status, json.loads(line)

    return said


@pytest.mark.parametrize("vector", VALID, ids=named)
def test_it_seals_every_vector_to_the_byte(command: Command, vector: dict[str, Any]) -> None:
    status, said = command(
        "seal", "--keys", SEALING, "--host", vector["host"], "--signer", vector["signer"],
        "--to", vector["to"], "--test-seed", vector["seed_hex"], heard=json.dumps(vector["seal"]),
    )  # fmt: skip

    assert (status, said["text"], said["bytes"]) == (0, vector["text"], vector["bytes"])
    assert said["spoken"] == vector["open"]["spoken"]
    assert list(said) == ["result", "text", "digits", "bytes", "cti", "spoken"]


@pytest.mark.parametrize("vector", VALID, ids=named)
def test_it_opens_every_vector_to_the_letter(command: Command, vector: dict[str, Any]) -> None:
    where = ["--host", vector["host"], "--now", str(vector["now"])]
    status, said = command("open", "--keys", OPENING, *where, vector["text"])

    ages = {"age_s": {"keyset": None, "status": None}}
    assert (status, said) == (0, {"result": "ok"} | vector["open"] | ages)


@pytest.mark.parametrize("case", ATTACKS, ids=named)
def test_it_answers_every_attack_by_its_code(
    command: Command, case: dict[str, Any], tmp_path: Path
) -> None:
    more: list[str] = []
    for name in ("keyset", "status"):
        if f"{name}_hex" in case:
            (tmp_path / name).write_bytes(bytes.fromhex(case[f"{name}_hex"]))
            more += [f"--{name}", str(tmp_path / name)]
    more += ["--root", ROOT] if "--keyset" in more else []
    where = ["--host", case["host"], "--now", str(case["now"]), *more]

    status, said = command("open", "--keys", OPENING, *where, "--", case["text"])

    meant = {"ok": (0, None)}.get(case["expect"], (1, case["expect"]))
    assert (status, said.get("code")) == meant


def test_a_text_from_standard_input_loses_one_line_end_and_no_more(command: Command) -> None:
    text = SAMPLE["text"]
    assert command(*OPEN, "-", heard=text + "\n")[0] == 0
    assert command(*OPEN, "-", heard=text)[0] == 0
    for more in ("\n\n", "\r\n", " "):
        assert command(*OPEN, "-", heard=text + more) == (1, refused("malformed", "text"))


def test_noise_from_standard_input_is_refused_as_noise(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe" * 2_000_000)))
    assert run([*OPEN, "-"]) == 1
    assert json.loads(capsys.readouterr().out) == refused("malformed", "text")


def refused(code: str, at: str, public: str = "not_valid") -> dict[str, str]:
    return {"result": "refused", "code": code, "at": at, "public": public}


def documents(folder: Path) -> list[str]:
    for name in ("keyset", "status"):
        (folder / name).write_bytes(bytes.fromhex(DOCUMENTS[name]["hex"]))
    return ["--keyset", f"{folder}/keyset", "--root", ROOT, "--status", f"{folder}/status"]


def test_documents_show_their_age_and_grow_too_old(command: Command, tmp_path: Path) -> None:
    given = documents(tmp_path)
    ages = {name: NOW - DOCUMENTS[name]["iat"] for name in ("keyset", "status")}

    assert command(*OPEN, *given, SAMPLE["text"])[1]["age_s"] == ages
    for name, code in (("keyset", "stale_keys"), ("status", "stale_status")):
        limit = ["--max-" + name + "-age", str(ages[name] - 1)]
        said = command(*OPEN, *given, *limit, SAMPLE["text"])
        assert said == (1, refused(code, name, "cannot_judge"))


def test_a_document_without_end_is_refused_and_not_held(command: Command) -> None:
    endless = ["--keyset", "/dev/zero", "--root", ROOT]
    assert command(*OPEN, *endless, SAMPLE["text"]) == (1, refused("malformed", "keyset"))
    endless = ["--status", "/dev/zero"]
    assert command(*OPEN, *endless, SAMPLE["text"]) == (1, refused("malformed", "status"))


TRIP = next(vector for vector in VALID if vector["name"] == "default trip of four check-ins")


def test_members_of_a_trip_are_compared(command: Command, tmp_path: Path) -> None:
    members = tmp_path / "members.json"
    now = ["--now", str(TRIP["now"])]
    for given, meant in ((TRIP["members"], 0), (TRIP["members"][1:], 1)):
        members.write_text(json.dumps(given))
        status, said = command(*OPEN, *now, "--members", str(members), TRIP["text"])
        assert (status, said.get("code")) == (meant, [None, "trip_mismatch"][meant])


def test_members_stand_for_count_and_digest_when_sealing(command: Command) -> None:
    claims = {key: TRIP["seal"][key] for key in ("sub", "iat", "cti", "trip")}
    said = command(*SEAL, heard=json.dumps(claims | {"members": TRIP["members"]}))[1]

    opened = command(*OPEN, "--now", str(TRIP["now"]), said["text"])[1]
    assert opened["claims"] == TRIP["open"]["claims"]


def test_the_profile_chooses_the_keys(command: Command) -> None:
    given = [*SEAL, "--profile", "compact"]
    said = command(*given, heard=json.dumps(SAMPLE["seal"]))[1]
    assert command(*OPEN, said["text"])[1]["kids"] == {"sign": "4302", "open": "4f02"}
    assert command("inspect", said["text"])[1]["alg"] == "HPKE-3"


def test_two_seals_of_one_claim_differ(command: Command) -> None:
    first, second = (command(*SEAL, heard=json.dumps(SAMPLE["seal"]))[1] for _ in range(2))
    assert first["digits"] != second["digits"]
    assert first["cti"] == second["cti"]


def test_a_test_seed_is_warned_of_beside_the_answer(
    command: Command, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    claims = tmp_path / "claims.json"
    claims.write_text(json.dumps(SAMPLE["seal"]))

    assert run([*SEAL, "--test-seed", "00" * 32, str(claims)]) == 0
    assert "--test-seed" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": 4},
        {"kind": True},
        {"flags": 16},
        {"sub": "e1"},
        {"sub": "E1\n"},
        {"iat": 1},
        {"cti": "0" * 16},
        {"cti": "0f 1e2d3c4b5a6978"},
        {"device": "00"},
        {"exp": 1},
        {"location": {"lat": 91, "lon": 0, "accuracy_m": 1}},
        {"location": {"lat": -0.0, "lon": 0, "accuracy_m": 1}},
        {"location": {"lat": 1, "lon": 1}},
        {"location": []},
        {"purpose": "trip"},
        {"purpose": []},
    ],
    ids=str,
)
def test_it_seals_nothing_that_it_would_not_open(command: Command, wrong: dict[str, Any]) -> None:
    said = command(*SEAL, heard=json.dumps(SAMPLE["seal"] | wrong))
    assert said == (1, refused("malformed", "claims"))


def test_a_key_outside_its_window_seals_nothing(command: Command) -> None:
    said = command(*SEAL, "--signer", "4303", heard=json.dumps(SAMPLE["seal"]))
    assert said == (1, refused("key_not_valid", "time"))


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["open"],
        ["nonsense"],
        [*OPEN],
        [*OPEN, "--now", "-1", "1"],
        [*OPEN, "--ke", OPENING, "1"],
        [*OPEN, "--root", ROOT, "1"],
        [*OPEN, "--max-keyset-age", "1", "1"],
        [*OPEN, "--max-status-age", "1", "1"],
        [*OPEN, "--keys", SEALING, "1"],
        [*OPEN, "--keys", "/nowhere", "1"],
        [*OPEN, "--host", "Trip.Example.KR", "1"],
        [*SEAL, "--signer", "43ff", "-"],
        [*SEAL, "--to", "4fff", "-"],
        [*SEAL, "--test-seed", "00", "-"],
        [*SEAL, "--signer", "4301", "--profile", "compact", "-"],
        [*SEAL, "--signer", "4301", "--to", "4f02", "-"],
    ],
    ids=lambda argv: " ".join(argv[-3:]).rpartition("/")[2],
)
def test_what_cannot_be_used_is_told_as_such(command: Command, argv: list[str]) -> None:
    status, said = command(*argv, heard=json.dumps(SAMPLE["seal"]))
    assert (status, said["result"], list(said)) == (2, "unusable", ["result", "why"])


def test_it_opens_where_there_is_no_django_and_no_network() -> None:
    vector = VALID[0]
    alone = (
        "import sys, runpy\n"
        "for name in ('django', 'socket', 'ssl'): sys.modules[name] = None\n"
        f"sys.argv = ['attest', 'token', *{[*OPEN, vector['text']]!r}]\n"
        "runpy.run_module('attest', run_name='__main__')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", alone], cwd=SOURCE, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["result"] == "ok"
