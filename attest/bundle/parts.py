"""A bundle is made part by part: so many leaves, every view of them, deflated and laid aside.

    0.jsonl 0.csv 0.sheet 0.entries [0.parquet] 0.head     1.jsonl …     a head says: this is whole

What is laid aside need not be made again by whoever goes on after an interruption, and memory
holds one part at a time. Where a part ends depends on its number alone, so that a bundle made
in one go and one made in three are the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import chain, islice
from typing import Any, Final, Protocol

from attest.log.leaf import canonical, parse_canonical
from attest.log.tiles import frame

from . import workbook
from .cells import Cell, csv_line
from .columns import LEAF_COLUMNS, Settled, leaf_cells
from .content import Counts, Opened
from .packing import Packer
from .parquet import Parquet, Sizes

JSONL, CSV, SHEET, ENTRIES, PARQUET = "jsonl", "csv", "sheet", "entries", "parquet"
_HEAD: Final = "head"


class Shelf(Protocol):
    """Where parts are laid aside, by name; as safe as what is in them."""

    def keep(self, name: str, raw: bytes) -> None: ...
    def read(self, name: str) -> bytes: ...
    def holds(self, name: str) -> bool: ...


class Desk(dict[str, bytes]):
    """A shelf in memory."""

    def keep(self, name: str, raw: bytes) -> None:
        self[name] = raw

    def read(self, name: str) -> bytes:
        return self[name]

    def holds(self, name: str) -> bool:
        return name in self


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of a part without reading it: its figures, voided settlements."""

    number: int
    counts: Counts
    voided: Sequence[tuple[str, int]]
    groups: Sequence[Sizes]


def parts_laid(shelf: Shelf) -> int:
    """How many parts are whole, from the first on."""
    number = 0
    while shelf.holds(f"{number}.{_HEAD}"):
        number += 1
    return number


def lay_parts(shelf: Shelf, leaves: Iterable[Opened], *, parquet: bool) -> int:
    """Lay aside *leaves*, those that come after the parts there are; how many parts then."""
    number, coming = parts_laid(shelf), iter(leaves)
    for leaf in coming:
        rest = islice(coming, workbook.PART - 1)
        _lay(shelf, number, chain([leaf], rest), parquet=parquet)
        number += 1
    if not number:
        _lay(shelf, 0, [], parquet=parquet)
    return max(number, 1)


def part_of(shelf: Shelf, number: int) -> Part:
    said = parse_canonical(shelf.read(f"{number}.{_HEAD}"))
    return Part(
        number,
        Counts(**said["counts"]),
        [(trip, n) for trip, n in said["voided"]],
        [(rows, sizes) for rows, sizes in said["groups"]],
    )


def names_of(shelf: Shelf, number: int) -> Iterator[tuple[str, Cell, Cell]]:
    """Trip, name and department of each trip that was opened in a part. One part's at a time."""
    said = parse_canonical(shelf.read(f"{number}.{_HEAD}"))
    return ((trip, name, dept) for trip, name, dept in said["names"])


def pieces_of(shelf: Shelf, view: str, numbers: Iterable[int]) -> Iterator[bytes]:
    for number in numbers:
        yield shelf.read(f"{number}.{view}")


def added(parts: Iterable[Part]) -> Counts:
    """The figures of all of them."""
    whole = Counts()
    for part in parts:
        counts = part.counts
        for one in fields(Counts):
            if type(getattr(whole, one.name)) is int:
                setattr(whole, one.name, getattr(whole, one.name) + getattr(counts, one.name))
        whole.first_at = whole.first_at or counts.first_at
        whole.last_at = counts.last_at or whole.last_at
    return whole


def _lay(shelf: Shelf, number: int, leaves: Iterable[Opened], *, parquet: bool) -> None:
    packers = {view: Packer() for view in (JSONL, CSV, SHEET, ENTRIES)}
    counts, settled, table = Counts(), Settled(), Parquet(LEAF_COLUMNS)
    columns = Packer()
    for at, leaf in enumerate(leaves):
        row = leaf.row()
        counts.see(row)
        settled.see(row)
        cells = leaf_cells(row)
        packers[JSONL].write(leaf.line())
        packers[ENTRIES].write(frame(leaf.entry))
        packers[CSV].write(csv_line(cells))
        packers[SHEET].write(workbook.row_of(number, at, cells))
        if parquet:
            columns.write(table.row(cells))
    if parquet:
        columns.write(table.rest())
        packers[PARQUET] = columns
    for view, packer in packers.items():
        shelf.keep(f"{number}.{view}", packer.close())
    said: dict[str, Any] = {
        "counts": asdict(counts),
        "names": [list(one) for one in settled.names],
        "voided": [list(one) for one in sorted(settled.voided)],
        "groups": [list(one) for one in table.groups],
    }
    shelf.keep(f"{number}.{_HEAD}", canonical(said))
