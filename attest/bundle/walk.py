"""One walk over all leaves of the range: entry and line side by side, everything asked of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from attest.errors import LeafMalformed, NoteRefused, ProofRefused
from attest.log.leaf import commit_read, leaf_hash, parse_canonical, read_leaf, read_time
from attest.log.merkle import RangeRoot
from attest.log.proof import Checkpoint, open_receipt
from attest.log.strict64 import decode_hash
from attest.log.trust import Trust

from .asked import Asked
from .clock import Anchor, Clock
from .columns import GROUPS, Row, Settled, leaf_cells
from .content import Counts
from .erasures import Erasures
from .inside import ENTRIES, JSONL, RANGE, RULES, Inside, Range, Single
from .money import Money
from .rows import settlements
from .tables import Tables
from .trail import Trail

Where = dict[str, Any]


class Walk:
    """One walk over all leaves of the range: entry and line side by side."""

    def __init__(
        self,
        inside: Inside,
        covered: Range,
        asked: Asked,
        *,
        trust: Trust,
        anchors: Sequence[Anchor],
    ) -> None:
        self.inside, self.range, self.asked, self.trust = inside, covered, asked, trust
        self.findings, self.counts = inside.findings, Counts()
        rules = inside.under(RULES)
        self.groups = frozenset(inside.request.get("groups", ()))
        self.trail = Trail(self.findings)
        self.clock = Clock(self.findings, now=asked.now, anchors=anchors)
        self.money = Money(self.findings, rules)
        retention = rules.get("retention.json")
        self.erasures = Erasures(self.findings, start=covered.start, retention=retention)
        self.settled = Settled()
        self.tables = Tables(inside, asked.tables)
        self.receipts = self._receipts()

    def run(self, checkpoint: Checkpoint | None) -> Counts:
        try:
            self._run(checkpoint)
        finally:
            self.tables.let_go()
        return self.counts

    def _run(self, checkpoint: Checkpoint | None) -> None:
        for one in self.inside.support:
            if one.index < self.range.start:
                self._announce(one)
        self._root(self._leaves(), checkpoint)
        for one in self.inside.support:
            if one.index >= self.range.stop:
                self.erasures.announce(one.leaf)
        self._lines()
        self.trail.close()
        self.counts.total = self.money.close()
        self.erasures.close()
        self.tables.close()
        self._close_receipts()
        if self.counts.withheld:
            self.findings.note("row.withheld", count=self.counts.withheld)
        if self.counts.sealed:
            self.findings.note("row.sealed", count=self.counts.sealed)

    def _announce(self, one: Single) -> None:
        self.money.announce(one.leaf)
        self.erasures.announce(one.leaf)
        if "trip" in one.leaf:
            self.trail.before(one.leaf, leaf_hash(one.entry))

    # -- the walk --------------------------------------------------------------------------

    def _root(self, hashes: Iterator[bytes], checkpoint: Checkpoint | None) -> None:
        proof = self.range
        try:
            grown = RangeRoot(
                start=proof.start,
                stop=proof.stop,
                size=proof.size,
                left=proof.left,
                right=proof.right,
            )
        except (ProofRefused, TypeError) as no:
            why = no.why if isinstance(no, ProofRefused) else "shape"
            self.findings.fail(f"proof.{why}", file=RANGE)
            _read_on(hashes)
            return
        try:
            for one in hashes:
                grown.append(one)
                self._compare_root(grown)
            root = grown.root()
        except ProofRefused:
            self.findings.fail("proof.shape", file=ENTRIES)
            _read_on(hashes)
            return
        if checkpoint and (proof.size, root) != (checkpoint.size, checkpoint.root):
            self.findings.fail("proof.range_root", file=ENTRIES)

    def _compare_root(self, grown: RangeRoot) -> None:
        if (due := self.range.roots_at.get(grown.grown.size)) is None:
            return
        code, root = due
        if grown.grown.root() != root:
            self.findings.fail(code, file=ENTRIES)

    def _leaves(self) -> Iterator[bytes]:
        lines = self._jsonl()
        pending = next(lines, None)
        index = self.range.start
        try:
            for entry in self.inside.entries():
                row = index - self.range.start + 1
                where: Where = {"file": JSONL, "leaf": index, "row": row}
                while pending is not None and pending[1] < index:
                    said = where | {"leaf": pending[1], "row": pending[0]}
                    self.findings.fail("row.order", **said)
                    pending = next(lines, None)
                line = None
                if pending is not None and pending[1] == index:
                    line, pending = pending[2], next(lines, None)
                else:
                    self.findings.fail("row.missing", **where)
                yield self._leaf(index, entry, line, where)
                index += 1
        except ProofRefused:
            self.findings.fail("proof.shape", file=ENTRIES)
        while pending is not None:
            self.findings.fail("row.surplus", file=JSONL, leaf=pending[1], row=pending[0])
            pending = next(lines, None)

    def _jsonl(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Row number, leaf number and what is said of it."""
        for row, raw in enumerate(self.inside.lines(JSONL), start=1):
            try:
                said = parse_canonical(raw)
            except LeafMalformed:
                said = {}
            if _is_line(said):
                yield row, said["leaf"], said
            else:
                self.findings.fail("row.format", file=JSONL, row=row)

    def _leaf(self, index: int, entry: bytes, said: dict[str, Any] | None, where: Where) -> bytes:
        hashed = leaf_hash(entry)
        self.receipts.pop(hashed, None)
        try:
            leaf = read_leaf(entry)
        except LeafMalformed as no:
            self.findings.fail(f"leaf.{str(no).partition(':')[0]}", **(where | {"file": ENTRIES}))
            return hashed
        self.clock.see(index, leaf, where)
        opened, shut = self._open(leaf, said, where) if said else ({}, {})
        row = Row(index, leaf, hashed, opened, shut)
        self.trail.see(row, where)
        self.money.see(row, where)
        self.erasures.see(row)
        self.settled.see(row)
        self.counts.see(row)
        self.tables.leaf(leaf_cells(row))
        return hashed

    def _open(
        self, leaf: dict[str, Any], said: dict[str, Any], where: Where
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Each committed group is open and fits, or shut for a reason."""
        opened, shut = {}, {}
        for group in GROUPS:
            here = where | {"column": group}
            shown, hidden = said["open"].get(group), said["shut"].get(group)
            if (group in leaf) != ((shown is None) != (hidden is None)):
                self.findings.fail("row.format", **here)
            elif shown is not None:
                if self._fits(leaf, group, shown):
                    opened[group] = shown["value"]
                else:
                    self.findings.fail("row.opening", **here)
            elif hidden is not None:
                shut[group] = hidden
                self._shut(group, hidden, here)
        if {*said["open"], *said["shut"]} - {*GROUPS}:
            self.findings.fail("row.format", **where)
        return opened, shut

    def _fits(self, leaf: dict[str, Any], group: str, shown: Any) -> bool:
        try:
            salt = bytes.fromhex(shown["salt"])
            if set(shown) != {"salt", "value"} or salt.hex() != shown["salt"]:
                return False
            return commit_read(group, salt, shown["value"]) == decode_hash(leaf[group])
        except (KeyError, ValueError, TypeError, LeafMalformed):
            return False

    def _shut(self, group: str, why: Any, here: Where) -> None:
        if why not in {"erased", "withheld", "sealed"}:
            self.findings.fail("row.format", **here)
        elif why == "withheld" and group in self.groups:
            self.findings.fail("row.withheld_unexplained", **here)
        if group in self.asked.require:
            self.findings.fail("row.required", found=str(why), **here)

    def _lines(self) -> None:
        """Only now is it known which settlements were taken back."""
        try:
            pairs = self.inside.entries(), self.inside.lines(JSONL)
            for row in settlements(self.range.start, *pairs):
                for cells in self.settled.lines(row):
                    self.tables.line(cells)
        except ProofRefused:
            # The walk over the leaves has said so.
            return

    # -- receipts --------------------------------------------------------------------------

    def _receipts(self) -> dict[bytes, tuple[str, datetime]]:
        found = {}
        for name, note in self.asked.receipts.items():
            try:
                receipt = open_receipt(note, self.trust)
            except NoteRefused as no:
                ended = no.why == "key_ended"
                self.findings.fail(
                    f"receipt.{'key_ended' if ended else 'bad_signature'}", file=name
                )
            else:
                found[receipt.leaf_hash] = name, receipt.at
        return found

    def _close_receipts(self) -> None:
        """Those whose leaf was not met: promised for inside the range, or for elsewhere."""
        proved = {leaf_hash(one.entry) for one in self.inside.support}
        first, last = self.counts.first_at, self.counts.last_at
        for hashed, (name, at) in self.receipts.items():
            inside = first and read_time(first) <= at <= read_time(last)
            if hashed in proved or not inside:
                self.findings.note("receipt.out_of_range", file=name)
            else:
                self.findings.fail("receipt.missing", file=name)


def _is_line(said: dict[str, Any]) -> bool:
    if set(said) != {"leaf", "open", "shut"} or type(said["leaf"]) is not int:
        return False
    return isinstance(said["open"], dict) and isinstance(said["shut"], dict)


def _read_on(hashes: Iterator[bytes]) -> None:
    """To the end all the same: every row is judged as it passes by."""
    deque(hashes, maxlen=0)
