"""``python -m attest log …``: questions about the log, answered without its server.

    verify-proof PROOF (--leaf FILE | --leaf-hash B64) --trust KEYS [--json]

Exit status: 0 verified · 1 something signed or counted is contradicted · 2 the input
cannot be read, so nothing is said.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from attest.errors import KeysUnusable, LeafMalformed, NoteRefused, ProofRefused
from attest.log.leaf import leaf_hash, read_leaf
from attest.log.note import Kind, Note
from attest.log.proof import Checkpoint, TlogProof, Trust, verify_proof
from attest.log.strict64 import decode_hash, encode64

WORDS = {
    "proof.shape": (
        "증명의 형식이 맞지 않습니다.",
        "The proof is not of the right form.",
    ),
    "proof.surplus": ("증명에 남는 해시가 있습니다.", "The proof has a hash too many."),
    "proof.inclusion": (
        "이 기록은 서명된 로그의 그 자리에 없습니다.",
        "This leaf is not at that place of the signed log.",
    ),
    "note.malformed": (
        "체크포인트를 읽을 수 없습니다.",
        "The checkpoint cannot be read.",
    ),
    "note.bad_signature": (
        "체크포인트의 서명이 맞지 않습니다.",
        "A signature of the checkpoint does not hold.",
    ),
    "note.no_log_key": (
        "신뢰 파일의 로그 키 가운데 서명하지 않은 것이 있습니다.",
        "A log key of the trust file has not signed.",
    ),
    "note.quorum": (
        "확인한 증인이 정족수에 미치지 못합니다.",
        "Too few witnesses have cosigned.",
    ),
    "checkpoint.malformed": (
        "서명된 체크포인트의 내용이 형식에 맞지 않습니다.",
        "The signed checkpoint is not of the right form.",
    ),
    "checkpoint.origin": (
        "다른 로그의 체크포인트입니다.",
        "The checkpoint is another log's.",
    ),
    "leaf.not_canonical": (
        "기록의 표기가 정해진 형식이 아닙니다.",
        "The leaf is not in canonical form.",
    ),
    "leaf.unknown_type": (
        "알 수 없는 종류의 기록입니다.",
        "The leaf is of an unknown type.",
    ),
    "leaf.field": ("기록의 항목이 맞지 않습니다.", "A field of the leaf is wrong."),
}
VERIFIED = (
    "기록 {index}은(는) 크기 {size}인 로그에 있습니다.",
    "Leaf {index} is in the log of size {size}.",
)
UNREADABLE = "입력을 읽을 수 없습니다. / The input cannot be read: {why}\n"


class _Unusable(Exception):
    """Nothing can be said about an input like this."""


def run(argv: list[str]) -> int:
    asked = _arguments().parse_args(argv)
    try:
        report = _verify_proof(asked)
    except _Unusable as why:
        report = {"verdict": "unusable", "exit": 2, "why": str(why), "findings": []}
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
    trust, proof = _trust(asked.trust), _proof(asked.proof)
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


def _trust(path: Path) -> Trust:
    try:
        return Trust.parse(_read(path).decode())
    except (KeysUnusable, UnicodeDecodeError) as wrong:
        raise _Unusable(f"{path}: {wrong}") from wrong


def _proof(path: Path) -> TlogProof:
    try:
        return TlogProof.parse(_read(path).decode())
    except (ProofRefused, UnicodeDecodeError) as wrong:
        raise _Unusable(f"{path}: not a tlog-proof") from wrong


def _leaf(asked: Namespace) -> tuple[list[dict[str, Any]], bytes]:
    """What is wrong with the leaf itself, and its hash."""
    if asked.leaf is None:
        try:
            return [], decode_hash(asked.leaf_hash)
        except ValueError as wrong:
            raise _Unusable("--leaf-hash: not the base64 of a SHA-256 hash") from wrong
    entry = _read(asked.leaf)
    try:
        read_leaf(entry)
    except LeafMalformed as no:
        code = f"leaf.{str(no).partition(':')[0]}"
        return [_finding(code, file=asked.leaf)], leaf_hash(entry)
    return [], leaf_hash(entry)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise _Unusable(f"{path}: {wrong.strerror}") from wrong


def _note_code(no: NoteRefused) -> str:
    return no.why if "." in no.why else f"note.{no.why}"


def _finding(code: str, *, file: Path) -> dict[str, Any]:
    ko, en = WORDS[code]
    return {"code": code, "severity": "fail", "file": str(file), "ko": ko, "en": en}


def _show(report: dict[str, Any], asked: Namespace) -> None:
    if asked.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False, sort_keys=True) + "\n")
    elif report["exit"] == 2:
        sys.stderr.write(UNREADABLE.format(why=report["why"]))
    elif report["exit"] == 1:
        for one in report["findings"]:
            sys.stdout.write(f"{one['code']}: {one['ko']} / {one['en']}\n")
    else:
        ko, en = VERIFIED
        sys.stdout.write(f"{ko} / {en}\n".format(**report))
