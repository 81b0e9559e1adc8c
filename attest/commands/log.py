"""``python -m attest log …``: questions about the log, answered without its server.

    verify-proof PROOF (--leaf FILE | --leaf-hash B64) --trust KEYS
    verify-receipt RECEIPT --trust KEYS [--proof PROOF]
    verify-consistency OLD NEW --proof FILE --trust KEYS
    verify-dump DIR --trust KEYS [--since CHECKPOINT]
    compare CHECKPOINT CHECKPOINT… --trust KEYS
    witness init|cosign|serve …

Each but ``witness`` takes ``--json``.

Exit status: 0 verified · 1 something signed or counted is contradicted · 2 the input
cannot be read, so nothing is said.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path
from typing import Any

from attest.errors import LeafMalformed, NoteRefused, ProofRefused
from attest.log.leaf import leaf_hash, read_leaf
from attest.log.note import Kind, Note
from attest.log.proof import Checkpoint, TlogProof, verify_proof
from attest.log.strict64 import decode_hash, encode64

from .desk import UNREADABLE, Unusable, line_of, read_bytes, read_text, read_trust, unusable
from .log_checks import (
    compare,
    finding,
    note_code,
    verify_consistent,
    verify_dump,
    verify_receipt,
)

VERIFIED = (
    "기록 {index}은(는) 크기 {size}인 로그에 있습니다.",
    "Leaf {index} is in the log of size {size}.",
)
HOLDS = ("맞습니다.", "It holds.")


def run(argv: list[str]) -> int:
    if argv[:1] == ["witness"]:
        # Named, not imported above: its lock is none that every system has.
        witnessed: int = import_module("attest.commands.witness").run(argv[1:])
        return witnessed
    asked = _arguments().parse_args(argv)
    try:
        report = asked.judge(asked)
    except Unusable as why:
        report = unusable(why)
    _show(report, asked)
    status: int = report["exit"]
    return status


def _arguments() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m attest log")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    proof = verbs.add_parser("verify-proof", help="is this leaf in the signed log?")
    proof.add_argument("proof", metavar="PROOF", type=Path)
    which = proof.add_mutually_exclusive_group(required=True)
    which.add_argument("--leaf", metavar="FILE", type=Path)
    which.add_argument("--leaf-hash", metavar="B64")
    receipt = verbs.add_parser("verify-receipt", help="was this leaf promised, and is it there?")
    receipt.add_argument("receipt", metavar="RECEIPT", type=Path)
    receipt.add_argument("--proof", metavar="PROOF", type=Path)
    consistent = verbs.add_parser("verify-consistency", help="does one head follow the other?")
    consistent.add_argument("old", metavar="OLD", type=Path)
    consistent.add_argument("new", metavar="NEW", type=Path)
    consistent.add_argument("--proof", metavar="FILE", type=Path, required=True)
    dump = verbs.add_parser("verify-dump", help="does the whole log add up to its head?")
    dump.add_argument("folder", metavar="DIR", type=Path)
    dump.add_argument("--since", metavar="CHECKPOINT", type=Path)
    split = verbs.add_parser("compare", help="were two people shown different logs?")
    split.add_argument("checkpoints", metavar="CHECKPOINT", type=Path, nargs="+")
    judges = (_verify_proof, verify_receipt, verify_consistent, verify_dump, compare)
    for one, judge in zip((proof, receipt, consistent, dump, split), judges, strict=True):
        one.add_argument("--trust", metavar="KEYS", type=Path, required=True)
        one.add_argument("--json", action="store_true")
        one.set_defaults(judge=judge)
    return parser


def _verify_proof(asked: Namespace) -> dict[str, Any]:
    trust, proof = read_trust(asked.trust), _proof(asked.proof)
    findings, hashed = _leaf(asked)
    try:
        checkpoint, note = verify_proof(proof, hashed, trust)
    except ProofRefused as no:
        findings.append(finding(f"proof.{no.why}", asked.proof))
    except NoteRefused as no:
        findings.append(finding(note_code(no), asked.proof))
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
        return [finding(code, asked.leaf)], leaf_hash(entry)
    return [], leaf_hash(entry)


def _show(report: dict[str, Any], asked: Namespace) -> None:
    if asked.json:
        sys.stdout.write(line_of(report))
    elif report["exit"] == 2:
        sys.stderr.write(UNREADABLE.format(why=report["why"]))
    elif report["exit"] == 1:
        for one in report["findings"]:
            sys.stdout.write(f"{one['code']}: {one['ko']} / {one['en']}\n")
    else:
        ko, en = VERIFIED if "index" in report else HOLDS
        sys.stdout.write(f"{ko} / {en}\n".format(**report))
