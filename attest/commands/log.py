"""``python -m attest log …``: questions about the log, answered without its server.

    verify-proof PROOF (--leaf FILE | --leaf-hash B64) --trust KEYS [--json]

Exit status: 0 verified · 1 something signed or counted is contradicted · 2 the input
cannot be read, so nothing is said.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from attest.bundle.findings import WORDS
from attest.errors import LeafMalformed, NoteRefused, ProofRefused
from attest.log.leaf import leaf_hash, read_leaf
from attest.log.note import Kind, Note
from attest.log.proof import Checkpoint, TlogProof, verify_proof
from attest.log.strict64 import decode_hash, encode64

from .desk import UNREADABLE, Unusable, line_of, read_bytes, read_text, read_trust, unusable

VERIFIED = (
    "기록 {index}은(는) 크기 {size}인 로그에 있습니다.",
    "Leaf {index} is in the log of size {size}.",
)


def run(argv: list[str]) -> int:
    asked = _arguments().parse_args(argv)
    try:
        report = _verify_proof(asked)
    except Unusable as why:
        report = unusable(why)
    _show(report, asked)
    status: int = report["exit"]
    return status


def _arguments() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m attest log")
    verbs = parser.add_subparsers(required=True, metavar="verify-proof")
    one = verbs.add_parser("verify-proof", help="is this leaf in the signed log?")
    one.add_argument("proof", metavar="PROOF", type=Path)
    which = one.add_mutually_exclusive_group(required=True)
    which.add_argument("--leaf", metavar="FILE", type=Path)
    which.add_argument("--leaf-hash", metavar="B64")
    one.add_argument("--trust", metavar="KEYS", type=Path, required=True)
    one.add_argument("--json", action="store_true")
    return parser


def _verify_proof(asked: Namespace) -> dict[str, Any]:
    trust, proof = read_trust(asked.trust), _proof(asked.proof)
    findings, hashed = _leaf(asked)
    try:
        checkpoint, note = verify_proof(proof, hashed, trust)
    except ProofRefused as no:
        findings.append(_finding(f"proof.{no.why}", file=asked.proof))
    except NoteRefused as no:
        findings.append(_finding(_note_code(no), file=asked.proof))
    else:
        if not findings:
            return _verified(proof, hashed, checkpoint, note)
    return {
        "verdict": "failed",
        "exit": 1,
        "origin": trust.origin,
        "index": proof.index,
        "leaf_hash": encode64(hashed),
        "findings": findings,
    }


def _verified(
    proof: TlogProof, hashed: bytes, checkpoint: Checkpoint, note: Note
) -> dict[str, Any]:
    return {
        "verdict": "verified",
        "exit": 0,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": encode64(checkpoint.root),
        "index": proof.index,
        "leaf_hash": encode64(hashed),
        "witnesses": [
            {"name": one.key.name, "time": one.time}
            for one in note.signatures
            if one.key.kind is Kind.COSIGNATURE
        ],
        "findings": [],
    }


def _proof(path: Path) -> TlogProof:
    try:
        return TlogProof.parse(read_text(path))
    except ProofRefused as wrong:
        raise Unusable(f"{path}: not a tlog-proof") from wrong


def _leaf(asked: Namespace) -> tuple[list[dict[str, Any]], bytes]:
    """What is wrong with the leaf itself, and its hash."""
    if asked.leaf is None:
        try:
            return [], decode_hash(asked.leaf_hash)
        except ValueError as wrong:
            raise Unusable("--leaf-hash: not the base64 of a SHA-256 hash") from wrong
    entry = read_bytes(asked.leaf)
    try:
        read_leaf(entry)
    except LeafMalformed as no:
        code = f"leaf.{str(no).partition(':')[0]}"
        return [_finding(code, file=asked.leaf)], leaf_hash(entry)
    return [], leaf_hash(entry)


def _note_code(no: NoteRefused) -> str:
    return no.why if "." in no.why else f"note.{no.why}"


def _finding(code: str, *, file: Path) -> dict[str, Any]:
    ko, en = WORDS[code]
    return {"code": code, "severity": "fail", "file": str(file), "ko": ko, "en": en}


def _show(report: dict[str, Any], asked: Namespace) -> None:
    if asked.json:
        sys.stdout.write(line_of(report))
    elif report["exit"] == 2:
        sys.stderr.write(UNREADABLE.format(why=report["why"]))
    elif report["exit"] == 1:
        for one in report["findings"]:
            sys.stdout.write(f"{one['code']}: {one['ko']} / {one['en']}\n")
    else:
        ko, en = VERIFIED
        sys.stdout.write(f"{ko} / {en}\n".format(**report))
