"""The signed head: by whose keys, after which older head, seen by whom else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from attest.errors import BundleUnusable, LeafMalformed, NoteRefused, ProofRefused
from attest.log.leaf import leaf_hash, read_leaf
from attest.log.merkle import verify_consistency, verify_inclusion
from attest.log.note import Kind, Note
from attest.log.proof import Checkpoint, witnessed_checkpoint
from attest.log.strict64 import decode_hash
from attest.log.trust import ROLES, Trust, open_rotation

from .clock import Anchor
from .inside import ANCHORS, CHECKPOINT, CONSISTENCY, ENTRIES, SUPPORT, Inside

# (token, text of the checkpoint) → when, or nothing where the token does not hold.
Stamped = Callable[[bytes, bytes], datetime | None]
_STAMP = re.compile(r"([1-9][0-9]{0,18})\.rfc3161(?:-[0-9]+)?\.tsr", re.ASCII)
_ROTATION = b'"t":"key-rotation"'


def judge_checkpoint(inside: Inside, trust: Trust) -> tuple[Checkpoint, Note] | None:
    """The checkpoint, if every log key active at its size has signed it.

    *trust* is ``led_on`` by the rotations in the bundle.
    """
    if CHECKPOINT not in inside.names:
        return None
    try:
        return witnessed_checkpoint(inside.text(CHECKPOINT), trust)
    except NoteRefused as no:
        code = no.why if "." in no.why else f"note.{no.why}"
        inside.findings.fail(code, file=CHECKPOINT)
        return None


def judge_support(inside: Inside, checkpoint: Checkpoint) -> None:
    for one in inside.support:
        try:
            verify_inclusion(
                leaf_hash(one.entry),
                index=one.index,
                size=checkpoint.size,
                proof=one.proof,
                root=checkpoint.root,
            )
        except ProofRefused:
            where = {"file": SUPPORT, "leaf": one.index, "row": one.row}
            inside.findings.fail("proof.support", **where)


def held_before(note: str, trust: Trust) -> Checkpoint:
    """The checkpoint the auditor kept. One that does not hold says nothing."""
    try:
        return witnessed_checkpoint(note, replace(trust, quorum="none"))[0]
    except NoteRefused as no:
        raise BundleUnusable("zip.unreadable", what=f"--since ({no.why})") from no


def judge_since(inside: Inside, held: Checkpoint, mine: Checkpoint) -> None:
    """From *held* on nothing was rewritten; where that cannot be shown, the bundle fails."""
    fail, covered = inside.findings.fail, inside.range
    if held.size > mine.size:
        fail("checkpoint.rollback", file=CHECKPOINT, expected=held.size, found=mine.size)
    elif held.size == mine.size:
        if held.root != mine.root:
            fail("checkpoint.fork", file=CHECKPOINT)
    elif not _follows(inside, held, mine):
        # With every leaf from the first on, the old root can be computed.
        if covered and covered.start == 0 and 0 < held.size <= covered.stop:
            covered.roots_at[held.size] = "checkpoint.inconsistent", held.root
        else:
            fail("checkpoint.inconsistent", file=CHECKPOINT)


def anchors_of(
    inside: Inside, checkpoint: Checkpoint, note: Note, *, trust: Trust, stamped: Stamped | None
) -> Iterator[Anchor]:
    """Who else saw this checkpoint, or an earlier one inside the range, and when they say so."""
    heads = {checkpoint.size: (checkpoint, note)}
    heads |= {found.size: (found, seen) for found, seen in _earlier(inside, checkpoint, trust)}
    for size, (_, seen) in heads.items():
        yield from _cosigned(seen, size)
    for name, token in inside.under(ANCHORS).items():
        head = _named(name, heads)
        if stamped is None or head is None:
            continue
        if at := stamped(token, head.text().encode()):
            yield Anchor("rfc3161", head.size, at)
        else:
            inside.findings.fail("anchor.tsa_bad", file=ANCHORS + name)


def _cosigned(note: Note, size: int) -> Iterator[Anchor]:
    for one in note.signatures:
        if one.key.kind is Kind.COSIGNATURE and one.time:
            yield Anchor("witness", size, datetime.fromtimestamp(one.time, tz=UTC))


def _named(name: str, heads: Mapping[int, tuple[Checkpoint, Note]]) -> Checkpoint | None:
    """The head a time stamp is of, if this bundle follows from it."""
    if not (found := _STAMP.fullmatch(name)) or int(found[1]) not in heads:
        return None
    return heads[int(found[1])][0]


def _earlier(
    inside: Inside, checkpoint: Checkpoint, trust: Trust
) -> Iterator[tuple[Checkpoint, Note]]:
    """Older heads that others saw, each with the proof that this one follows from it."""
    files = inside.under(ANCHORS)
    for name, raw in files.items():
        if not name.endswith(".checkpoint.txt"):
            continue
        try:
            text = raw.decode()
            found, note = witnessed_checkpoint(text, replace(trust, quorum="none"))
        except (NoteRefused, UnicodeDecodeError):
            inside.findings.fail("note.bad_signature", file=ANCHORS + name)
            continue
        hashes = files.get(f"{found.size}.consistency.txt", b"").decode("ascii", "replace")
        if _is_before(found, checkpoint, hashes):
            yield found, note
        else:
            inside.findings.fail("checkpoint.inconsistent", file=ANCHORS + name)


def _follows(inside: Inside, held: Checkpoint, mine: Checkpoint) -> bool:
    if CONSISTENCY not in inside.names:
        return False
    return _is_before(held, mine, inside.text(CONSISTENCY))


def _is_before(held: Checkpoint, mine: Checkpoint, hashes: str) -> bool:
    """*hashes* are a consistency proof, one in base64 a line."""
    try:
        verify_consistency(
            old=held.size,
            new=mine.size,
            old_root=held.root,
            new_root=mine.root,
            proof=[decode_hash(line) for line in hashes.splitlines()],
        )
    except (ValueError, ProofRefused):
        return False
    return True


def led_on(inside: Inside, trust: Trust) -> Trust:
    """*trust* with the rotations found inside: each retires a key and names its heir.

    One is signed by both, so it needs no checkpoint to be believed, only a key that is
    believed already; that it stands where it says is shown where leaves are judged.
    Whoever stole every key of an old trust file writes such rotations too, in a story of their
    own: so each is told, with both keys, to whoever can ask for the heir by another way.
    """
    for index, file, note in _rotations(inside):
        try:
            rotation = open_rotation(note, trust)
            led = trust.followed(rotation, index=index)
        except NoteRefused as no:
            unknown = no.why == "no_log_key"
            code = "key.unannounced" if unknown else "key.rotation_signature"
            inside.findings.fail(code, file=file, leaf=index)
            continue
        if led != trust:
            keys = {"expected": rotation.old.vkey, "found": rotation.new.vkey}
            inside.findings.note("key.followed", file=file, leaf=index, **keys)
        trust = led
    _compare_keys(inside, trust)
    return trust


def _rotations(inside: Inside) -> Iterator[tuple[int, str, str]]:
    found = [(one.index, SUPPORT, one.entry) for one in inside.support if _ROTATION in one.entry]
    if ENTRIES in inside.names and inside.range:
        try:
            for index, entry in enumerate(inside.entries(), inside.range.start):
                if _ROTATION in entry:
                    found.append((index, ENTRIES, entry))
        except ProofRefused:
            # Entries that break off are said where leaves are read.
            pass
    for index, file, entry in sorted(found):
        try:
            leaf = read_leaf(entry)
        except LeafMalformed:
            continue
        if leaf["t"] == "key-rotation":
            yield index, file, leaf["note"]


def _compare_keys(inside: Inside, trust: Trust) -> None:
    """What lies in ``keys/`` is there to be compared, never to be trusted."""
    for role in ROLES:
        name, vkeys = f"keys/{role}", {key.vkey for key in trust.keys_of(role)}
        if name not in inside.names or not vkeys:
            continue
        for row, line in enumerate(inside.text(name).splitlines(), start=1):
            if line not in vkeys:
                inside.findings.fail("key.unannounced", file=name, row=row, found=line[:200])
