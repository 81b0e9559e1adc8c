"""The columns of the views, each cell derived from an entry and its openings alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from attest.log.leaf import canonical, read_time
from attest.values import KST

from .cells import Cell

GROUPS: Final = ("id", "loc", "biz")
INT, TEXT = "integer", "string"

# name, Korean title, type
LEAF_COLUMNS: Final = (
    ("leaf", "기록 번호", INT),
    ("type", "종류", TEXT),
    ("at", "시각 (UTC)", TEXT),
    ("at_kst", "시각 (KST, UTC+09:00)", TEXT),
    ("trip", "출장 기록 식별자", TEXT),
    ("n", "출장 안의 순번", INT),
    ("leaf_hash", "기록 해시", TEXT),
    ("kind", "구분", TEXT),
    ("person", "사람", TEXT),
    ("name", "이름", TEXT),
    ("dept", "부서", TEXT),
    ("grade", "여비등급", INT),
    ("area", "근무지 내·외", TEXT),
    ("place", "장소", TEXT),
    ("lat_e6", "위도 ×10^6", INT),
    ("lon_e6", "경도 ×10^6", INT),
    ("acc_m", "정확도 (m)", INT),
    ("support", "뒷받침", INT),
    ("concern", "우려", INT),
    ("verdict", "판정", TEXT),
    ("claimed_at", "기기가 말한 시각", TEXT),
    ("offset_ms", "기기 시각 차이 (ms)", INT),
    ("starts", "출장 시작", TEXT),
    ("ends", "출장 끝", TEXT),
    ("vehicle", "차량", TEXT),
    ("rule_set", "여비 규정", TEXT),
    ("total", "정산액 (원)", INT),
    ("decision", "결정", TEXT),
    ("reason", "사유", TEXT),
    ("of", "대상 순번", INT),
    ("state_id", "사람 묶음의 상태", TEXT),
    ("state_loc", "위치 묶음의 상태", TEXT),
    ("state_biz", "업무 묶음의 상태", TEXT),
    ("note", "비고", TEXT),
)
LINE_COLUMNS: Final = (
    ("leaf", "기록 번호", INT),
    ("trip", "출장 기록 식별자", TEXT),
    ("settled_at", "정산 시각 (UTC)", TEXT),
    ("person", "사람", TEXT),
    ("name", "이름", TEXT),
    ("dept", "부서", TEXT),
    ("rule_set", "여비 규정", TEXT),
    ("line", "줄", INT),
    ("item", "항목", TEXT),
    ("amount", "금액 (원)", INT),
    ("total", "정산액 (원)", INT),
    ("status", "상태", TEXT),
)
LEAF_NAMES: Final = tuple(name for name, _, _ in LEAF_COLUMNS)
LINE_NAMES: Final = tuple(name for name, _, _ in LINE_COLUMNS)

_AT: Final = {name: at for at, name in enumerate(LEAF_NAMES)}


def _places(*names: str, **columns: str) -> tuple[tuple[str, int], ...]:
    """Under which name a value stands, and in which column; of two for one the later counts."""
    named = [*columns.items(), *((name, name) for name in names)]
    return tuple((name, _AT[column]) for name, column in named)


_OF_LEAF: Final = _places("at", "trip", "n", "reason", "of", t="type")
# A deed that names nobody else's trip is its actor's.
_OF_ID: Final = _places("person", "name", "dept", "grade", actor="person")
_OF_LOC: Final = _places("lat_e6", "lon_e6", "acc_m")
_OF_BIZ: Final = _places(
    *("kind", "area", "place", "support", "concern", "verdict", "claimed_at", "offset_ms"),
    *("starts", "ends", "vehicle", "rule_set", "total", "decision", "reason", "note"),
    purpose="note",
    stops="place",
)
_NOTHING: Final[Mapping[str, Any]] = {}
_SEVERAL: Final = ", "


@dataclass(frozen=True, slots=True)
class Row:
    """One leaf of the stretch: its fields, its hash, and what is open or shut of it."""

    index: int
    leaf: Mapping[str, Any]
    hash: bytes
    open: Mapping[str, Mapping[str, Any]]
    shut: Mapping[str, str]

    def state(self, group: str) -> str:
        if group in self.open:
            return "open"
        return self.shut.get(group, "none")


def leaf_cells(row: Row) -> list[Cell]:
    """As ``LEAF_COLUMNS`` has them."""
    leaf, shown = row.leaf, row.open
    cells: list[Cell] = [""] * len(LEAF_NAMES)
    cells[_AT["leaf"]], cells[_AT["leaf_hash"]] = row.index, "x" + row.hash.hex()
    at = read_time(leaf["at"]).astimezone(KST).replace(tzinfo=None)
    cells[_AT["at_kst"]] = at.isoformat(sep=" ", timespec="seconds")
    groups = (_OF_ID, "id"), (_OF_LOC, "loc"), (_OF_BIZ, "biz")
    opened = ((places, shown.get(group, _NOTHING)) for places, group in groups)
    for places, values in ((_OF_LEAF, leaf), *opened):
        for name, column in places:
            if name in values:
                cells[column] = _cell(values[name])
    for group in GROUPS:
        cells[_AT[f"state_{group}"]] = row.state(group)
    return cells


def line_cells(row: Row, *, name: Cell, dept: Cell, voided: bool) -> Iterator[list[Cell]]:
    """As ``LINE_COLUMNS`` has them, for an open settlement; *name* stood in its trip-open."""
    who, what = row.open.get("id", {}), row.open["biz"]
    for number, line in enumerate(_lines(what), start=1):
        found: dict[str, Any] = {
            "leaf": row.index,
            "trip": row.leaf["trip"],
            "settled_at": row.leaf["at"],
            "person": who.get("person"),
            "name": name,
            "dept": dept,
            "rule_set": what.get("rule_set"),
            "line": number,
            "item": line.get("item"),
            "amount": line.get("amount"),
            "total": what.get("total"),
            "status": "voided" if voided else line.get("status"),
        }
        yield [_cell(found[column]) for column in LINE_NAMES]


class Names:
    """Name and department by trip: a pair is held once, for people are few, a trip in 16 bytes."""

    __slots__ = ("_by_trip", "_once")

    def __init__(self) -> None:
        self._by_trip = dict[bytes, tuple[Cell, Cell]]()
        self._once = dict[tuple[Cell, Cell], tuple[Cell, Cell]]()

    def put(self, trip: str, name: Cell, dept: Cell) -> None:
        both = name, dept
        self._by_trip[bytes.fromhex(trip[1:])] = self._once.setdefault(both, both)

    def of(self, trip: str) -> tuple[Cell, Cell]:
        return self._by_trip.get(bytes.fromhex(trip[1:]), ("", ""))

    def __iter__(self) -> Iterator[tuple[str, Cell, Cell]]:
        for trip, both in self._by_trip.items():
            yield f"t{trip.hex()}", *both


class Settled:
    """Gathers on one pass what the lines of settlements need; they are written on a second."""

    __slots__ = ("names", "voided")

    def __init__(self) -> None:
        self.names = Names()
        self.voided: set[tuple[str, int]] = set()

    def see(self, row: Row) -> None:
        kind = row.leaf["t"]
        if kind == "trip-open" and (who := row.open.get("id")):
            self.names.put(row.leaf["trip"], _cell(who.get("name")), _cell(who.get("dept")))
        elif kind == "void":
            self.voided.add((row.leaf["trip"], row.leaf["of"]))

    def lines(self, row: Row) -> Iterator[list[Cell]]:
        if row.leaf["t"] != "settlement" or "biz" not in row.open:
            return
        trip = row.leaf["trip"]
        name, dept = self.names.of(trip)
        yield from line_cells(row, name=name, dept=dept, voided=self.is_void(row))

    def is_void(self, row: Row) -> bool:
        return (row.leaf["trip"], row.leaf["n"]) in self.voided


def _lines(what: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    lines = what.get("lines")
    if not isinstance(lines, list):
        return []
    return [line for line in lines if isinstance(line, dict)]


def _cell(value: Any) -> Cell:
    kind = type(value)
    if kind is str or kind is int:
        return value  # type: ignore[no-any-return]
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | str():
            return value
        case list() if all(isinstance(one, str) for one in value):
            return _SEVERAL.join(value)
    return canonical({"value": value}).decode()
