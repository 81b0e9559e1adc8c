"""``python -m attest evidence [--weights FILE] [--lines] < facts.json``.

Prints one assessment, or one a line. Exit status: 0 assessed, 2 facts refused, 1 the
weights cannot be used. With ``--lines`` a refusal is an answer like any other: 0.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from attest.commands.shipped import weights_text
from attest.errors import FactsRefused
from attest.evidence import BYTES_LIMIT, Weights, assess, read_facts, read_weights


def run(argv: list[str]) -> int:
    options = _options(argv)
    try:
        weights = read_weights(_text(options.weights))
    except (OSError, ValueError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    if options.lines:
        for line in _lines(sys.stdin.buffer):
            _say(_answer(line, weights)[0])
        return 0
    # One byte over the limit is enough to know.
    answer, status = _answer(sys.stdin.buffer.read(BYTES_LIMIT + 1), weights)
    _say(answer)
    return status


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m attest evidence")
    parser.add_argument("--weights", metavar="FILE", type=Path, help="weigh with another version")
    parser.add_argument("--lines", action="store_true", help="one object a line")
    return parser.parse_args(argv)


def _text(file: Path | None) -> bytes:
    return weights_text().encode() if file is None else file.read_bytes()


def _answer(text: bytes, weights: Weights) -> tuple[str, int]:
    try:
        return assess(read_facts(text, policies=weights.policies), weights).as_json(), 0
    except FactsRefused as no:
        refusal = {"error": {"code": no.why, "path": no.path}}
        return json.dumps(refusal, ensure_ascii=False, separators=(",", ":")), 2


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Without their LF. Of one that is too long, no more than it takes to see that."""
    while line := stream.readline(BYTES_LIMIT + 2):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(BYTES_LIMIT)
        yield line.removesuffix(b"\n")


def _say(answer: str) -> None:
    sys.stdout.buffer.write(answer.encode() + b"\n")
