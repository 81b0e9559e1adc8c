"""Is the bag whole, and signed by who exports?"""

from __future__ import annotations

from collections.abc import Sequence

from attest.errors import BundleUnusable, NoteRefused, ProofRefused
from attest.log.note import VerifyingKey, unsigned_text
from attest.log.proof import Checkpoint
from attest.log.trust import Trust

from . import bag
from .inside import CHECKPOINT, NEEDED, Inside


def judge_packaging(inside: Inside) -> None:
    """Every file is in a manifest, every file of a manifest is there and unchanged."""
    fail = inside.findings.fail
    for name in NEEDED:
        if name not in inside.names:
            fail("bag.missing_file", file=name)
    payload, tags = _manifest(inside, bag.MANIFEST), _manifest(inside, bag.TAGMANIFEST)
    for name, digest in (payload | tags).items():
        if name in inside.names:
            if inside.digest(name) != digest:
                fail("bag.digest", file=name)
        elif name not in NEEDED:
            fail("bag.missing_file", file=name)
    for name in sorted(inside.names - bag.UNLISTED):
        if name not in (payload if name.startswith("data/") else tags):
            fail("bag.unlisted_file", file=name)


def judge_signature(inside: Inside, trust: Trust) -> None:
    """*trust* is led on by the rotations in the bundle: an export key may have ended before it."""
    fail, keys = inside.findings.fail, trust.lineage("export")
    if bag.DSSE not in inside.names:
        fail("sign.dsse_missing", file=bag.DSSE)
        return
    if not keys.now:
        inside.findings.warn("sign.unjudged", file=bag.DSSE)
    raw = inside.raw(bag.DSSE)
    try:
        said = bag.open_envelope(raw, keys.standing(_size(inside)))
    except ProofRefused:
        ended = keys.retired and _opens(raw, keys.every)
        fail("sign.key_ended" if ended else "sign.dsse_bad", file=bag.DSSE)
        return
    manifests = [name for name in (bag.MANIFEST, bag.TAGMANIFEST) if name in inside.names]
    if not bag.is_statement_of(said, {name: inside.digest(name) for name in manifests}):
        fail("sign.dsse_subject", file=bag.DSSE)
    if said.get("predicate") != inside.request:
        fail("request.mismatch", file=bag.DSSE)


def _size(inside: Inside) -> int:
    """How long the log says it is. Where it does not say, that is a failure of its own."""
    try:
        return Checkpoint.parse(unsigned_text(inside.text(CHECKPOINT))).size
    except (NoteRefused, BundleUnusable):
        return 0


def _opens(raw: bytes, keys: Sequence[VerifyingKey]) -> bool:
    try:
        bag.open_envelope(raw, keys)
    except ProofRefused:
        return False
    return True


def _manifest(inside: Inside, name: str) -> dict[str, str]:
    if name not in inside.names:
        return {}
    try:
        return bag.read_manifest(inside.raw(name))
    except ValueError:
        inside.findings.fail("bag.format", file=name)
        return {}
