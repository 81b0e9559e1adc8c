"""A bundle laid open: its small files read with care, what is wrong with them said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from attest.errors import BundleUnusable, LeafMalformed, ProofRefused
from attest.log.leaf import parse_canonical, read_leaf
from attest.log.strict64 import decode_hash

from . import bag
from .archive import Members, chunks, read
from .findings import Findings
from .rows import split, unframed

JSONL: Final = "data/leaves.jsonl"
LEAVES_CSV, LINES_CSV, LEAVES_XLSX = "data/leaves.csv", "data/lines.csv", "data/leaves.xlsx"
LEAVES_PARQUET = "data/leaves.parquet"
ENTRIES, RANGE, SUPPORT = "proof/entries.bin", "proof/range.json", "proof/support.jsonl"
CHECKPOINT, CONSISTENCY, ANCHORS = "proof/checkpoint", "proof/consistency", "proof/anchors/"
REQUEST, RULES = "request.json", "rules/"
NEEDED: Final = (
    *(JSONL, LEAVES_CSV, LEAVES_XLSX, LINES_CSV, ENTRIES, RANGE, SUPPORT, CHECKPOINT),
    *(REQUEST, "bagit.txt", bag.MANIFEST, bag.TAGMANIFEST),
)


@dataclass(frozen=True, slots=True)
class Single:
    """A leaf outside the range, with its proof. Its entry was read; its proof not yet."""

    index: int
    entry: bytes
    leaf: dict[str, Any]
    proof: Sequence[bytes]
    row: int


@dataclass(slots=True)
class Range:
    """*roots_at*: sizes at which the root must be one the auditor knows, and the code if not."""

    start: int
    stop: int
    size: int
    left: Sequence[bytes]
    right: Sequence[bytes]
    roots_at: dict[int, tuple[str, bytes]] = field(default_factory=dict)


class Inside:
    def __init__(self, members: Members, findings: Findings) -> None:
        self.members, self.findings = members, findings
        self.names = frozenset(members.names)
        self.request = self.json(REQUEST)
        self.support = list(self._support())
        self.range = self._range()

    def digest(self, name: str) -> str:
        seen = sha256()
        for chunk in chunks(self.members, name):
            seen.update(chunk)
        return seen.hexdigest()

    def raw(self, name: str) -> bytes:
        return read(self.members, name)

    def text(self, name: str) -> str:
        try:
            return read(self.members, name).decode()
        except UnicodeDecodeError as wrong:
            raise BundleUnusable("zip.unreadable", what=name) from wrong

    def json(self, name: str) -> dict[str, Any]:
        """The canonical object in *name*; an empty one for anything else."""
        if name not in self.names:
            return {}
        try:
            return parse_canonical(read(self.members, name))
        except LeafMalformed:
            self.findings.fail("bag.format", file=name)
            return {}

    def entries(self) -> Iterator[bytes]:
        return unframed(chunks(self.members, ENTRIES))

    def lines(self, name: str) -> Iterator[bytes]:
        return split(chunks(self.members, name))

    def under(self, folder: str) -> dict[str, bytes]:
        """The files of *folder*, by what follows it."""
        found = sorted(name for name in self.names if name.startswith(folder))
        return {name.removeprefix(folder): self.raw(name) for name in found}

    def _support(self) -> Iterator[Single]:
        if SUPPORT not in self.names:
            return
        before = -1
        for row, line in enumerate(self.lines(SUPPORT), start=1):
            try:
                one = _single(line, row)
            except (LeafMalformed, ValueError, KeyError, TypeError, AttributeError):
                self.findings.fail("proof.support", file=SUPPORT, row=row)
                continue
            if one.index <= before:
                self.findings.fail("proof.support", file=SUPPORT, leaf=one.index, row=row)
                continue
            before = one.index
            yield one

    def _range(self) -> Range | None:
        if RANGE not in self.names:
            return None
        try:
            return _range(self.json(RANGE))
        except (KeyError, ValueError, TypeError, ProofRefused):
            self.findings.fail("proof.shape", file=RANGE)
            return None


def _single(line: bytes, row: int) -> Single:
    said = parse_canonical(line)
    index, entry = said["leaf"], said["entry"].encode()
    if set(said) != {"leaf", "entry", "proof"} or type(index) is not int:
        raise LeafMalformed("field: another form")
    return Single(index, entry, read_leaf(entry), [decode_hash(p) for p in said["proof"]], row)


def _range(said: dict[str, Any]) -> Range:
    numbers = [said[name] for name in ("from", "to", "size")]
    if set(said) != {"from", "to", "size", "left", "right"}:
        raise ProofRefused("shape")
    if any(type(number) is not int for number in numbers):
        raise ProofRefused("shape")
    start, stop, size = numbers
    left, right = ([decode_hash(one) for one in said[side]] for side in ("left", "right"))
    return Range(start, stop, size, left, right)
