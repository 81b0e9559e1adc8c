"""Checkpoints and log receipts, judged one by one; each answer is a report as ``log`` prints it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from attest.bundle.findings import WORDS
from attest.errors import LeafMalformed, LogInconsistent, NoteRefused, ProofRefused
from attest.log.leaf import leaf_hash, read_leaf
from attest.log.merkle import EMPTY, Frontier, verify_consistency
from attest.log.proof import (
    Checkpoint,
    TlogProof,
    open_checkpoint,
    open_receipt,
    verify_proof,
    witnessed_checkpoint,
)
from attest.log.strict64 import decode_hash, encode64
from attest.log.tiles import WIDTH, tile_path, unbundle
from attest.log.trust import Trust

from .desk import Unusable, read_bytes, read_text, read_trust

Finding = dict[str, Any]


def verify_receipt(asked: Namespace) -> dict[str, Any]:
    """A promise that was kept where *--proof* shows its leaf, else only that it was made."""
    trust, findings = read_trust(asked.trust), list[Finding]()
    try:
        receipt = open_receipt(read_text(asked.receipt), trust)
    except NoteRefused as no:
        code = "receipt.key_ended" if no.why == "key_ended" else "receipt.bad_signature"
        return report_of(trust, [finding(code, asked.receipt)])
    said: dict[str, Any] = {
        "leaf_hash": encode64(receipt.leaf_hash),
        "at": receipt.at.isoformat(),
        "merge_by": receipt.merge_by.isoformat(),
    }
    if asked.proof:
        try:
            proof = TlogProof.parse(read_text(asked.proof))
            checkpoint, _ = verify_proof(proof, receipt.leaf_hash, trust)
            said |= {"index": proof.index, "size": checkpoint.size}
        except ProofRefused as no:
            findings.append(finding(f"proof.{no.why}", asked.proof))
        except NoteRefused as no:
            findings.append(finding(note_code(no), asked.proof))
    return report_of(trust, findings, **said)


def verify_consistent(asked: Namespace) -> dict[str, Any]:
    trust = read_trust(asked.trust)
    old, new = (_checkpoint(path, trust) for path in (asked.old, asked.new))
    return report_of(trust, list(_follow(old, new, asked)), size=new.size, old_size=old.size)


def compare(asked: Namespace) -> dict[str, Any]:
    """Split view: two heads of one size, signed by the same keys, with different roots."""
    trust, findings = read_trust(asked.trust), list[Finding]()
    roots: dict[int, tuple[Path, bytes]] = {}
    for path in asked.checkpoints:
        try:
            found = open_checkpoint(read_text(path), replace(trust, quorum="none"))
        except NoteRefused as no:
            findings.append(finding(note_code(no), path))
            continue
        _, root = roots.setdefault(found.size, (path, found.root))
        if root != found.root:
            findings.append(finding("checkpoint.fork", path))
    return report_of(trust, findings, sizes=sorted(roots))


def verify_dump(asked: Namespace) -> dict[str, Any]:
    """The whole log as it is served: ``checkpoint`` and ``tile/entries/…`` in a folder."""
    trust, findings = read_trust(asked.trust), list[Finding]()
    file = asked.folder / "checkpoint"
    try:
        head, _ = witnessed_checkpoint(read_text(file), trust)
    except NoteRefused as no:
        return report_of(trust, [finding(note_code(no), file)])
    held = _checkpoint(asked.since, trust) if asked.since else Checkpoint(trust.origin, 0, EMPTY)
    if held.size > head.size:
        return report_of(trust, [finding("checkpoint.rollback", file)], size=head.size)
    grown = Frontier()
    for index, entry in enumerate(_dumped(asked.folder, head.size)):
        if grown.size == held.size and grown.root() != held.root:
            findings.append(finding("checkpoint.inconsistent", asked.since))
        try:
            read_leaf(entry)
        except LeafMalformed as no:
            code = f"leaf.{str(no).partition(':')[0]}"
            findings.append(finding(code, asked.folder) | {"leaf": index})
        grown.append(leaf_hash(entry))
    if grown.root() != head.root:
        findings.append(finding("proof.range_root", asked.folder))
    elif held.size == head.size and held.root != head.root:
        findings.append(finding("checkpoint.fork", file))
    return report_of(trust, findings, size=head.size, root=encode64(head.root))


def report_of(trust: Trust, findings: list[Finding], **said: Any) -> dict[str, Any]:
    verdict = ("failed", 1) if findings else ("verified", 0)
    head = {"verdict": verdict[0], "exit": verdict[1], "origin": trust.origin}
    return head | said | {"findings": findings}


def finding(code: str, file: Path) -> Finding:
    ko, en = WORDS[code]
    return {"code": code, "severity": "fail", "file": str(file), "ko": ko, "en": en}


def note_code(no: NoteRefused) -> str:
    return no.why if "." in no.why else f"note.{no.why}"


def _checkpoint(path: Path, trust: Trust) -> Checkpoint:
    """One that does not hold says nothing about another."""
    try:
        return open_checkpoint(read_text(path), replace(trust, quorum="none"))
    except NoteRefused as no:
        raise Unusable(f"{path}: {note_code(no)}") from no


def _follow(old: Checkpoint, new: Checkpoint, asked: Namespace) -> Iterator[Finding]:
    if old.size > new.size:
        yield finding("checkpoint.rollback", asked.new)
        return
    if old.size == new.size:
        if old.root != new.root:
            yield finding("checkpoint.fork", asked.new)
        return
    try:
        hashes = [decode_hash(line) for line in read_text(asked.proof).splitlines()]
    except ValueError as wrong:
        raise Unusable(f"{asked.proof}: not a consistency proof") from wrong
    try:
        verify_consistency(
            old=old.size, new=new.size, old_root=old.root, new_root=new.root, proof=hashes
        )
    except ProofRefused as no:
        yield finding(f"proof.{no.why}", asked.proof)


def _dumped(folder: Path, size: int) -> Iterator[bytes]:
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - WIDTH * index)
        path = folder / tile_path("entries", index, width)
        try:
            found = list(unbundle(read_bytes(path)))
        except (ProofRefused, LogInconsistent) as wrong:
            raise Unusable(f"{path}: not an entry bundle") from wrong
        if len(found) != width:
            raise Unusable(f"{path}: {width} entries are wanted")
        yield from found
