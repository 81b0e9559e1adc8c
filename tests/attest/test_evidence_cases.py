"""The published cases, through the program an auditor runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest

from attest.evidence import BYTES_LIMIT

from .evidence_facts import CASES, FILE, HONEST, ROOT, SHIPPED, Said, fix, seen, touch

KEYS = ["v", "weights_version", "verdict", "support", "concern", "reasons"]
KEYS += ["missing_mode", "missing", "families"]

# Written here in the format of the case file: what its public part has no example of.
OURS: list[Said] = [
    {"id": "T1", "facts_text": '{"v":1,"v":1}', "expect": {"error": "duplicate-field", "path": ""}},
    {"id": "T2", "facts_text": '{"v":NaN}', "expect": {"error": "not-json", "path": ""}},
    {"id": "T3", "facts_text": "", "expect": {"error": "not-json", "path": ""}},
    {
        "id": "T4",
        "facts_text": json.dumps(touch()).replace("24,", "2.4e1,"),
        "expect": {"error": "wrong-type", "path": "/challenge/age_s"},
    },
    {
        "id": "X1",
        "facts": seen(fix()),
        "expand": {"/position/fixes": 33},
        "expect": {"error": "too-many", "path": "/position/fixes"},
    },
    {
        "id": "X2",
        "facts": touch(),
        "expand": {"/trip/places": 21},
        "expect": {"error": "too-many", "path": "/trip/places"},
    },
    {
        "id": "X3",
        "facts": seen(fix(accuracy_m=1.0)),
        "expand": {"/position/fixes": 32},
        "expect": {
            "verdict": "SUPPLEMENT",
            "support": 45,
            "concern": 30,
            "codes": [
                *("fix.accuracy-preset", "fix.equals-address", "fix.identical"),
                *("where.inside-fine", "who.passkey-synced"),
            ],
            "missing": [],
            "missing_mode": "none",
        },
    },
]
ALL = [*CASES["cases"], *OURS]


def named(case: Said) -> str:
    return str(case["id"])


def expanded(case: Said) -> Said:
    facts: Said = deepcopy(case["facts"])
    for pointer, times in case.get("expand", {}).items():
        *above, last = pointer[1:].split("/")
        here = facts
        for name in above:
            here = here[name]
        here[last] = here[last][:1] * times
    return facts


def text_of(case: Said) -> bytes:
    """What is typed for a case: its text, or its facts in one line."""
    given = case.get("facts_text")
    return (json.dumps(expanded(case)) if given is None else given).encode()


def program(*argv: str, typed: bytes, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "attest", "evidence", *argv],
        input=typed,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | environ,
    )


def told(answer: Said) -> Said:
    """An answer in the words of a case file."""
    if refusal := answer.get("error"):
        return {"error": refusal["code"].removeprefix("facts."), "path": refusal["path"]}
    kept = {name: answer[name] for name in ("verdict", "support", "concern", "missing_mode")}
    return kept | {
        "codes": sorted(one["code"] for one in answer["reasons"]),
        "missing": [one["code"] for one in answer["missing"]],
    }


def expected(case: Said) -> Said:
    expect: Said = case["expect"]
    whole = {"error": expect["error"].removeprefix("facts.")} if "error" in expect else {}
    return expect | whole


@pytest.fixture(scope="module")
def printed() -> subprocess.CompletedProcess[bytes]:
    """All cases asked at once, one a line."""
    return program("--lines", typed=b"".join(text_of(case) + b"\n" for case in ALL))


def test_there_is_one_answer_a_line(printed: subprocess.CompletedProcess[bytes]) -> None:
    assert printed.returncode == 0
    assert printed.stderr == b""
    assert len(printed.stdout.splitlines()) == len(ALL)


@pytest.mark.parametrize("case", ALL, ids=named)
def test_a_case_comes_out_as_published(
    case: Said, printed: subprocess.CompletedProcess[bytes]
) -> None:
    line = printed.stdout.split(b"\n")[ALL.index(case)]

    assert told(json.loads(line)) == expected(case)


@pytest.mark.parametrize("case", ALL, ids=named)
def test_an_answer_is_one_line_in_the_order_of_the_contract(
    case: Said, printed: subprocess.CompletedProcess[bytes]
) -> None:
    line = printed.stdout.split(b"\n")[ALL.index(case)].decode()

    said = json.loads(line)
    assert list(said) in (KEYS, ["error"])
    assert json.dumps(said, ensure_ascii=False, separators=(",", ":")) == line


def test_the_same_cases_give_the_same_bytes_in_another_process(
    printed: subprocess.CompletedProcess[bytes],
) -> None:
    typed = b"".join(text_of(case) + b"\n" for case in ALL)
    again = program("--lines", typed=typed, PYTHONHASHSEED="7", PYTHONUTF8="0", LC_ALL="C")

    assert again.stdout == printed.stdout


def test_reasons_are_told_by_kind_then_weight_then_name(
    printed: subprocess.CompletedProcess[bytes],
) -> None:
    kinds = ["integrity", "policy", "concern", "support", "note"]
    for line in printed.stdout.splitlines():
        reasons = json.loads(line).get("reasons", [])
        order = [(kinds.index(one["kind"]), -one["points"], one["code"]) for one in reasons]
        assert order == sorted(order)


def test_no_sentence_is_left_with_a_gap_or_speaks_of_fraud(
    printed: subprocess.CompletedProcess[bytes],
) -> None:
    said = [json.loads(line) for line in printed.stdout.splitlines()]
    lines = [one for answer in said for one in answer.get("reasons", [])]

    words = " ".join(one["why_ko"] + one["why_en"] for one in lines)
    assert lines
    assert "{" not in words
    assert "fraud" not in words.lower()
    assert "35.1" not in words


def test_one_touch_alone_is_assessed_with_status_zero() -> None:
    case = CASES["cases"][0]

    done = program(typed=text_of(case))
    assert (done.returncode, done.stderr) == (0, b"")
    assert told(json.loads(done.stdout)) == expected(case)


def test_refused_facts_are_said_with_status_two() -> None:
    done = program(typed=b'{"v":2}')

    assert (done.returncode, done.stderr) == (2, b"")
    assert done.stdout == b'{"error":{"code":"facts.wrong-version","path":"/v"}}\n'


def test_an_empty_line_and_a_line_that_is_too_long_are_answered_too() -> None:
    long = b" " * (BYTES_LIMIT + 1)
    fits = json.dumps(HONEST).encode().ljust(BYTES_LIMIT)
    lines = [b"", long, fits, long * 40, fits]

    done = program("--lines", typed=b"\n".join(lines))
    found = [told(json.loads(line)).get("error") for line in done.stdout.splitlines()]
    assert found == ["not-json", "too-large", None, "too-large", None]


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_the_last_line_may_end_or_not(ending: bytes) -> None:
    done = program("--lines", typed=json.dumps(HONEST).encode() + ending)

    assert len(done.stdout.splitlines()) == 1


def test_another_weights_file_is_obeyed(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    bars = FILE["verdict"] | {"sufficient_support": 100}
    other.write_text(json.dumps(FILE | {"verdict": bars, "weights_version": "other"}))

    done = program("--weights", str(other), typed=text_of(CASES["cases"][0]))
    said = json.loads(done.stdout)
    assert (said["weights_version"], said["verdict"]) == ("other", "SUPPLEMENT")


@pytest.mark.parametrize("text", [b"", b"{", b"{}", b"\xff", b'{"format":"evidence-weights/2"}'])
def test_weights_that_cannot_be_used_are_one_line_and_status_one(
    text: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "weights.json"
    file.write_bytes(text)

    done = program("--weights", str(file), typed=b"{}")
    assert (done.returncode, done.stdout) == (1, b"")
    assert len(done.stderr.splitlines()) == 1


def test_missing_weights_are_one_line_and_status_one(tmp_path: Path) -> None:
    done = program("--weights", str(tmp_path / "none.json"), typed=b"{}")

    assert (done.returncode, done.stdout) == (1, b"")
    assert len(done.stderr.splitlines()) == 1


def test_the_program_needs_no_library_beside_python() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE, str(ROOT)],
        capture_output=True,
        check=False,
        input=json.dumps(HONEST).encode(),
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["verdict"] == "SUPPLEMENT"


# Neither site-packages nor the environment: what is imported is Python's and ours.
ALONE = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from attest.__main__ import main
sys.exit(main(["evidence"]))
"""


def test_the_weights_beside_the_cases_are_the_ones_the_package_carries() -> None:
    beside = ROOT / "tests" / "cases" / CASES["weights"]

    assert beside.read_bytes() == SHIPPED.read_bytes()
    assert FILE["weights_version"] == CASES["weights_version"] == SHIPPED.stem
