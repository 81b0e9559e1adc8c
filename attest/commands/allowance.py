"""``python -m attest allowance [findings] [--rules FILE.toml]… [--compact] < facts.json``.

Prints one result, or a list in the order of the facts; a claim that cannot be computed
is answered in its place with its errors. With ``findings`` it reads a batch of trips
and prints what should be looked at. Exit status: 0 computed, 2 not readable, 3 facts
refused, 4 rules refused; of several the largest.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from attest.allowance import (
    BYTES_LIMIT,
    Batch,
    Claim,
    Finding,
    Reading,
    Refused,
    Result,
    RuleSets,
    canonical,
    compute,
    find,
    findings_as_dict,
    read_batch,
    read_claims,
    read_sets,
)
from attest.allowance.batch_facts import CONTRACT as FINDINGS
from attest.allowance.words import fault
from attest.errors import ClaimRefused

from .shipped import shipped


def run(argv: list[str]) -> int:
    options = _options(argv)
    # One byte over the limit is enough to know.
    raw = sys.stdin.buffer.read(BYTES_LIMIT + 1)
    sets = _rule_sets(options.rules)
    if options.what == "findings":
        printed, status = _found(read_batch(raw), sets)
    else:
        printed, status = _answers(read_claims(raw), sets)
    form = canonical if options.compact else _readable
    sys.stdout.buffer.write(form(printed) + b"\n")
    return status


def _readable(printed: object) -> bytes:
    return json.dumps(printed, ensure_ascii=False, indent=1).encode()


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m attest allowance")
    parser.add_argument(
        "what", nargs="?", choices=["findings"], help="look across people and trips"
    )
    parser.add_argument(
        "--rules",
        metavar="FILE.toml",
        type=Path,
        action="append",
        default=[],
        help="add or replace a rule set",
    )
    parser.add_argument("--compact", action="store_true", help="print the canonical form")
    return parser.parse_args(argv)


def _answers(reading: Reading, sets: RuleSets | ClaimRefused) -> tuple[object, int]:
    answered = [_answered(claim, sets) for claim in reading.claims]
    status = max((_worst(a) for a in answered if isinstance(a, Refused)), default=0)
    answers = [answer.as_dict() for answer in answered]
    return (answers if reading.listed else answers[0]), status


def _found(batch: Batch | Refused, sets: RuleSets | ClaimRefused) -> tuple[object, int]:
    found = batch if isinstance(batch, Refused) else _sought(batch, sets)
    if isinstance(found, Refused):
        return found.as_dict(), _worst(found)
    return findings_as_dict(found), 0


def _sought(batch: Batch, sets: RuleSets | ClaimRefused) -> list[Finding] | Refused:
    if isinstance(sets, ClaimRefused):
        return Refused(None, sets.faults, FINDINGS)
    try:
        return find(batch, sets)
    except ClaimRefused as refusal:
        return Refused(None, refusal.faults, FINDINGS)


def _rule_sets(files: list[Path]) -> RuleSets | ClaimRefused:
    """The sets, or the reason why no claim can be computed with these files."""
    try:
        return read_sets([*shipped(), *map(_text, files)])
    except ClaimRefused as refusal:
        return refusal


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise ClaimRefused([fault("rules.text", "", file.name)]) from wrong


def _answered(claim: Claim | Refused, sets: RuleSets | ClaimRefused) -> Result | Refused:
    if isinstance(claim, Refused):
        return claim
    if isinstance(sets, ClaimRefused):
        return Refused(claim.id, sets.faults)
    try:
        return compute(claim, sets)
    except ClaimRefused as refusal:
        return Refused(claim.id, refusal.faults)


def _worst(refused: Refused) -> int:
    return max(_status(each.code) for each in refused.faults)


def _status(code: str) -> int:
    if code == "facts.json":
        return 2
    return 4 if code.startswith("rules.") else 3
