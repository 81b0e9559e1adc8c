"""The published worked cases, through the function and through the command line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attest.allowance import Refused, canonical, compute, read_claims
from attest.commands.allowance import run

from .claims import rules

ROOT = Path(__file__).parents[3]
FILE = ROOT / "tests" / "cases" / "travel-expenses.json"
ALL = json.loads(FILE.read_text())["cases"]
CASES = [case for case in ALL if case["kind"] == "allowance"]
FINDINGS = [case for case in ALL if case["kind"] == "findings"]


def name(case: dict[str, Any]) -> str:
    return str(case["id"])


def ask(
    facts: object, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any, *argv: str
) -> tuple[int, Any]:
    """The command's exit status and what it printed."""
    raw = facts if isinstance(facts, bytes) else json.dumps(facts).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    status = run([*argv])
    return status, json.loads(capsysbinary.readouterr().out)


def check(answer: dict[str, Any], expect: dict[str, Any]) -> None:
    if "error" in expect:
        assert expect["error"] in [error["code"] for error in answer["errors"]]
        return
    lines = [line for trip in answer["trips"] for line in trip["lines"]]
    warned = [w["code"] for trip in answer["trips"] for w in trip["warnings"]]
    warned += [w["code"] for w in answer["warnings"]]
    for key in {"total", "balance", "recover"} & expect.keys():
        assert answer[key] == expect[key]
    for item, amount in expect.get("items", {}).items():
        assert sum(line["amount"] for line in lines if line["item"] == item) == amount
    for item, status in expect.get("status", {}).items():
        assert status in [line["status"] for line in lines if line["item"] == item]
    for trip in answer["trips"]:
        said = {**trip, "rule_set": trip["rule_set"][0]}
        told = expect.get("trips", {}).get(trip["id"], {})
        assert {key: said[key] for key in told} == told
    assert set(expect.get("warnings_include", [])) <= set(warned)
    assert not set(expect.get("warnings_exclude", [])) & set(warned)


def test_every_case_is_one_of_two_kinds_and_both_are_there() -> None:
    assert len(CASES) + len(FINDINGS) == len(ALL) == 35
    assert len(FINDINGS) == 4


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_case_comes_out_as_published(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    status, printed = ask(case["facts"], monkeypatch, capsysbinary)

    many = isinstance(printed, list)
    answers = printed if many else [printed]
    expected = case["expect"] if many else [case["expect"]]
    assert status == {"E1": 3, "E2": 4}.get(case["id"], 0)
    for answer, expect in zip(answers, expected, strict=True):
        check(answer, expect)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_command_prints_what_the_function_says(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    _, printed = ask(case["facts"], monkeypatch, capsysbinary, "--compact")

    answers = printed if isinstance(printed, list) else [printed]
    said = read_claims(json.dumps(case["facts"])).claims
    for answer, one in zip(answers, said, strict=True):
        if not isinstance(one, Refused) and "errors" not in answer:
            assert answer == compute(one, rules()).as_dict()


@pytest.mark.parametrize("case", FINDINGS, ids=name)
def test_findings_come_out_as_published(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    status, printed = ask(case["facts"], monkeypatch, capsysbinary, "findings")

    found = [{"code": one["code"], "trips": one["trips"]} for one in printed["findings"]]
    assert status == 0
    assert found == case["expect"]["findings"]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 2, "facts.json"),
        (b"[]", 3, "facts.type"),
        (b'{"contract": "allowance/1", "trips": []}', 3, "facts.contract"),
        (b'{"contract": "findings/1"}', 3, "facts.missing"),
        (b'{"contract": "findings/1", "trips": [], "more": 1}', 3, "facts.unknown_field"),
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_by_name(
    raw: bytes, status: int, code: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    left, printed = ask(raw, monkeypatch, capsysbinary, "findings")

    assert left == status
    assert printed["contract"] == "findings/1"
    assert [error["code"] for error in printed["errors"]] == [code]


def test_findings_are_refused_where_no_rules_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    facts = next(case["facts"] for case in FINDINGS if case["id"] == "F3")
    file = tmp_path / "office.toml"
    file.write_text("a =")

    unknown = ask({**facts, "rule_set": "nobody"}, monkeypatch, capsysbinary, "findings")
    spoilt = ask(facts, monkeypatch, capsysbinary, "findings", "--rules", str(file))

    for (status, printed), code in ((unknown, "rules.unknown"), (spoilt, "rules.text")):
        assert status == 4
        assert [error["code"] for error in printed["errors"]] == [code]


def test_the_program_runs_alone_and_prints_the_canonical_form() -> None:
    facts = next(case["facts"] for case in CASES if case["id"] == "C1")
    done = subprocess.run(
        [sys.executable, "-m", "attest", "allowance", "--compact"],
        input=json.dumps(facts).encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
    )

    (claim,) = read_claims(json.dumps(facts)).claims
    assert not isinstance(claim, Refused)
    assert done.stdout == canonical(compute(claim, rules()).as_dict()) + b"\n"


def test_one_refused_claim_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    by_id = {case["id"]: case["facts"] for case in CASES}
    facts = [by_id["C1"], {**by_id["E1"], "id": "spoilt"}, by_id["E2"], by_id["C2"]]

    status, printed = ask(facts, monkeypatch, capsysbinary)

    assert status == 4
    assert [one.get("total") for one in printed] == [20000, None, None, 10000]
    assert printed[1]["id"] == "spoilt"


def test_an_empty_list_is_answered_with_an_empty_list(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    assert ask([], monkeypatch, capsysbinary) == (0, [])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff{}",
        b'{"id": NaN}',
        b'{"id": "a", "id": "b"}',
        b"[" * 100_000,
        b" " * (8 * 1024 * 1024 + 1),
        b"[" + b"{}," * 10_000 + b"{}]",
        b'{"id": 1' + b"0" * 5_000 + b"}",
    ],
    ids=["nothing", "half", "utf8", "nan", "twice", "deep", "long", "many", "digits"],
)
def test_what_is_no_json_is_one_refusal(
    raw: bytes, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    status, printed = ask(raw, monkeypatch, capsysbinary)

    assert status == 2
    assert printed["id"] is None
    assert [error["code"] for error in printed["errors"]] == ["facts.json"]


def test_a_rules_file_adds_a_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    facts = next(case["facts"] for case in CASES if case["id"] == "C1")
    file = tmp_path / "office.toml"
    file.write_text(
        'in_area = { full = 15000 }\nrule_set = { id = "office", '
        'version = "2026-01-01", valid_from = 2026-01-01, parent = "kr-national" }'
    )

    status, printed = ask(
        {**facts, "rule_set": "office"}, monkeypatch, capsysbinary, "--rules", str(file)
    )

    assert (status, printed["total"]) == (0, 15000)
    assert printed["trips"][0]["lines"][0]["rule_set"] == "office@2026-01-01"


@pytest.mark.parametrize("text", [None, b"in_area = ", b"\xff", b"[in_area]\nfull = 1"])
def test_a_bad_rules_file_refuses_every_claim(
    text: bytes | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: Any,
) -> None:
    facts = next(case["facts"] for case in CASES if case["id"] == "C1")
    file = tmp_path / "office.toml"
    if text is not None:
        file.write_bytes(text)

    status, printed = ask([facts], monkeypatch, capsysbinary, "--rules", str(file))

    assert status == 4
    assert [error["code"] for error in printed[0]["errors"]] == ["rules.text"]
