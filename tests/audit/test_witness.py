"""From the office to a witness and back: the line is kept, and the bundle is anchored by it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Person, Place
from attest.commands.log import run
from attest.log.trust import Trust
from ledger.models import Checkpoint, Outbox, Witness
from ledger.services.sequence import sequence
from tests.attest.bundle.town import codes
from tests.audit.office import taken
from tests.audit.test_bundle import failures, judged
from tests.conftest import phone_of
from tests.settlement.desk import EVENING, batch_of, confirmed, pay

NAME = "audit.example.go.kr/w1"


@pytest.fixture
def history(felix: Person, ada: Person, bora: Person, site: Place) -> None:
    pay(felix, batch_of(felix, confirmed(ada, bora, site)))
    sequence(now=EVENING)


@pytest.fixture
def vkey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A witness on a machine of its own, with the trust file the office printed."""
    out = StringIO()
    call_command("ledger_trust", stdout=out)
    (tmp_path / "trust").write_text(out.getvalue(), encoding="utf-8")
    assert run(["witness", "init", "--name", NAME, "--state", str(tmp_path / "w")]) == 0
    _, _, key = capsys.readouterr().out.split()
    return key


def request_of(auditor: Person, old: Any = 0) -> Any:
    return phone_of(auditor).get("/log/witness-request", {"old": old})


def cosigned(tmp_path: Path, request: str) -> str:
    (tmp_path / "request").write_text(request, encoding="utf-8")
    files = ["--state", str(tmp_path / "w"), "--trust", str(tmp_path / "trust")]
    out = ["--out", str(tmp_path / "line")]
    assert run(["witness", "cosign", str(tmp_path / "request"), *files, *out]) == 0
    return (tmp_path / "line").read_text("utf-8")


def told(*words: str) -> str:
    out = StringIO()
    call_command("ledger_witness", *words, stdout=out)
    return out.getvalue()


def believed(tmp_path: Path, vkey: str) -> Trust:
    text = (tmp_path / "trust").read_text("utf-8")
    return Trust.parse(text.replace("quorum none", f"witness {NAME} {vkey}\nquorum none"))


def test_the_bundle_is_anchored_by_the_witness(
    history: None, iris: Person, tmp_path: Path, vkey: str
) -> None:
    told("add", NAME, vkey)
    cosigned(tmp_path, request_of(iris).content.decode())
    size = int(told("cosign", str(tmp_path / "line")).split()[1])

    report = judged(taken(iris, form="zip"), believed(tmp_path, vkey))
    assert failures(report) == []
    assert "anchor.none" not in codes(report, "warn")
    assert report.anchor is not None
    assert (report.anchor.kind, report.anchor.size) == ("witness", size)
    assert report.as_dict()["unanchored"] > 0


def test_the_line_is_served_with_the_head_it_signs(
    history: None, iris: Person, tmp_path: Path, vkey: str
) -> None:
    told("add", NAME, vkey)
    line = cosigned(tmp_path, request_of(iris).content.decode())
    told("cosign", str(tmp_path / "line"))
    told("cosign", str(tmp_path / "line"))

    (kept,) = [row.note for row in Checkpoint.objects.all() if NAME in row.note]
    assert kept.count(line) == 1


def test_a_witness_asked_again_is_shown_what_follows(
    history: None, iris: Person, tmp_path: Path, vkey: str
) -> None:
    first = request_of(iris).content.decode()
    cosigned(tmp_path, first)
    old = int(first.split("\n\n")[1].split("\n")[1])
    told("add", NAME, vkey)

    again = request_of(iris, old).content.decode()
    assert again.startswith(f"old {old}\n")
    assert cosigned(tmp_path, again).startswith(f"— {NAME} ")


def test_a_line_by_nobody_known_or_for_another_head_is_not_kept(
    history: None, iris: Person, tmp_path: Path, vkey: str
) -> None:
    cosigned(tmp_path, request_of(iris).content.decode())
    with pytest.raises(CommandError, match="no witness is named"):
        told("cosign", str(tmp_path / "line"))
    told("add", NAME, vkey)
    line = (tmp_path / "line").read_text("utf-8")
    (tmp_path / "line").write_text(line[:-9] + "AAAAAAA=\n", encoding="utf-8")

    with pytest.raises(CommandError):
        told("cosign", str(tmp_path / "line"))
    assert not [row for row in Checkpoint.objects.all() if NAME in row.note]


def test_naming_and_letting_go_stand_in_the_log(history: None, vkey: str) -> None:
    told("add", NAME, vkey)
    told("remove", NAME, vkey)

    said = [json.loads(bytes(row.entry)) for row in Outbox.objects.order_by("pk")]
    changes = [leaf for leaf in said if leaf["t"] == "witness-change"]
    assert [(leaf["action"], leaf["quorum"]) for leaf in changes] == [("add", 1), ("remove", 0)]
    assert not Witness.objects.get().active


@pytest.mark.parametrize("old", ["-1", "01", "x", "99999", ""])
def test_noise_is_no_request(history: None, iris: Person, old: str) -> None:
    assert request_of(iris, old).status_code == 404


@pytest.mark.parametrize("name", ["ada", "felix", "mallory", "olga"])
def test_only_auditors_carry_requests(
    history: None, name: str, request: pytest.FixtureRequest
) -> None:
    assert request_of(request.getfixturevalue(name)).status_code == 403


def test_an_empty_line_cosigns_nothing(history: None, tmp_path: Path, vkey: str) -> None:
    told("add", NAME, vkey)
    (tmp_path / "line").write_text("\n")

    with pytest.raises(CommandError):
        told("cosign", str(tmp_path / "line"))


def test_a_witness_is_named_as_its_key_is(db: None, vkey: str) -> None:
    with pytest.raises(CommandError):
        told("add", "audit.example.kr/other", vkey)


@pytest.mark.parametrize("words", [("add", NAME), ("add", NAME, "x+y+z"), ("cosign", "nowhere")])
def test_a_command_that_makes_no_sense_is_refused(db: None, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        told(*words)
