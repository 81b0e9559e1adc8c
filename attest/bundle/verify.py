"""Judges a bundle: is it whole, is it the log's, does every number in it follow?

Order: packaging, manifests, how keys followed one another, signature, checkpoint, what the
auditor held before, the leaves and all that hangs on them, money, erasure, tables, receipts,
request, anchors. It does not stop at the first failure; later steps run on what still makes
sense.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from attest.errors import BundleUnusable, LeafMalformed
from attest.log.leaf import canonical
from attest.log.proof import Checkpoint
from attest.log.strict64 import decode_hash

from .archive import Members
from .asked import Asked, Report
from .clock import Anchor
from .findings import Findings
from .head import anchors_of, held_before, judge_checkpoint, judge_since, judge_support, led_on
from .inside import ENTRIES, JSONL, REQUEST, SUPPORT, Inside
from .packaging import judge_packaging, judge_signature
from .walk import Walk


def verify(members: Members, asked: Asked) -> Report:
    findings = Findings()
    report = Report(asked.trust.origin, findings)
    try:
        _judge(Inside(members, findings), asked, report)
    except BundleUnusable as wrong:
        report.unusable = wrong
    report.failed = findings.failed(strict=asked.strict)
    return report


def _judge(inside: Inside, asked: Asked, report: Report) -> None:
    judge_packaging(inside)
    trust = report.trust = led_on(inside, asked.trust)
    judge_signature(inside, trust)
    held = held_before(asked.since, trust) if asked.since else None
    anchors: list[Anchor] = []
    if signed := judge_checkpoint(inside, trust):
        report.checkpoint, note = signed
        judge_support(inside, report.checkpoint)
        if held:
            judge_since(inside, held, report.checkpoint)
        anchors = list(
            anchors_of(inside, report.checkpoint, note, trust=trust, stamped=asked.stamped)
        )
    if inside.range:
        report.range = inside.range.start, inside.range.stop
        if {ENTRIES, JSONL} <= inside.names:
            walk = Walk(inside, inside.range, asked, trust=trust, anchors=anchors)
            report.counts = walk.counts
            walk.run(report.checkpoint)
    _judge_request(inside, asked)
    _judge_anchors(report, asked, anchors, held)


def _judge_request(inside: Inside, asked: Asked) -> None:
    request, fail, covered = inside.request, inside.findings.fail, inside.range
    if covered and (request.get("from"), request.get("to")) != (covered.start, covered.stop):
        fail("request.range", file=REQUEST)
    if asked.nonce and request.get("nonce") != asked.nonce:
        fail("request.nonce", file=REQUEST, expected=asked.nonce)
    if asked.request is not None and dict(asked.request) != request:
        other = asked.request.get("nonce") != request.get("nonce")
        fail("request.replayed" if other else "request.mismatch", file=REQUEST)
    logged = [one.leaf for one in inside.support if one.leaf["t"] == "export"]
    own = [leaf for leaf in logged if leaf["nonce"] == request.get("nonce")]
    asks = [leaf for leaf in own if leaf["phase"] == "request"]
    if not asks:
        fail("request.not_logged", file=REQUEST)
    elif len(own) > 1:
        fail("request.replayed", file=SUPPORT)
    elif not _is_request(asks[0], request):
        fail("request.mismatch", file=REQUEST)


def _is_request(leaf: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    try:
        scope = sha256(canonical(request["scope"])).digest()
        told = {name: request[name] for name in ("from", "to", "groups", "purpose")}
        at: object = request["requested_at"]
    except (KeyError, LeafMalformed):
        return False
    same = all(leaf[name] == value for name, value in told.items())
    return same and leaf["at"] == at and decode_hash(leaf["scope"]) == scope


def _judge_anchors(
    report: Report, asked: Asked, anchors: Sequence[Anchor], held: Checkpoint | None
) -> None:
    """The last one others hold; how old it may be stands in the trust file."""
    findings, mine = report.findings, report.checkpoint
    if anchors:
        report.anchor = max(anchors, key=lambda one: (one.size, str(one.at)))
        at, oldest = report.anchor.at, asked.trust.max_anchor_age
        if at and oldest and asked.now - at > oldest:
            findings.fail("anchor.stale", found=at.isoformat())
    elif held and mine and held.size <= mine.size and not _contradicted(findings):
        # The auditor's own copy is an anchor too; when it was taken, they know.
        report.anchor = Anchor("kept", held.size, None)
    else:
        findings.warn("anchor.none")


def _contradicted(findings: Findings) -> bool:
    return any(findings.has(f"checkpoint.{why}") for why in ("rollback", "inconsistent", "fork"))
