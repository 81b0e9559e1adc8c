"""Reading JSON by a table: every field once, in the table's order, every fault named.

A faulty value leaves a stand-in of its type behind, so that reading can go on to the
next fault. Nothing that held a fault is ever used: who reads looks at the faults last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Generic, TypeVar

from attest.errors import Fault

from . import words

T = TypeVar("T")
D = TypeVar("D")

KST = timezone(timedelta(hours=9))
WON_LIMIT = 1_000_000_000
METRES_LIMIT = 1_000_000_000


class _Wrong(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A type of the contract: its check, and what stands in for a faulty value."""

    check: Callable[[object], T]
    stand_in: T


class Fields:
    """One object of the facts. What nobody asked for by ``close`` is a fault."""

    def __init__(self, said: dict[str, object], path: str, faults: list[Fault]) -> None:
        self._said, self._path, self._faults = said, path, faults
        self._asked: set[str] = set()
        self._bad: set[str] = set()

    def has(self, *names: str) -> bool:
        return all(name in self._said for name in names)

    def sound(self, *names: str) -> bool:
        """All are there and none had a fault of its own."""
        return self.has(*names) and not self._bad & set(names)

    def faulty(self, *names: str) -> bool:
        return bool(self._bad & set(names))

    def fault(self, code: str, name: str = "", detail: str = "") -> None:
        self._bad.add(name)
        self._faults.append(words.fault(code, self._at(name), detail))

    def need(self, name: str, kind: Kind[T]) -> T:
        if self._absent(name):
            self.fault("facts.missing", name)
            return kind.stand_in
        return self._checked(name, kind)

    def may(self, name: str, kind: Kind[T], default: D) -> T | D:
        return default if self._absent(name) else self._checked(name, kind)

    def part(self, name: str, read: Callable[[Fields], T]) -> T | None:
        """The object under *name* if there is one."""
        if self._absent(name):
            return None
        said = self._said[name]
        if isinstance(said, dict):
            return self._whole(said, name, read)
        self.fault("facts.type", name)
        return None

    def part_or_empty(self, name: str, read: Callable[[Fields], T], stand_in: T) -> T:
        """An absent object reads as an empty one: what it needs is missing in it."""
        if self._absent(name):
            return self._whole({}, name, read)
        part = self.part(name, read)
        return stand_in if part is None else part

    def need_part(self, name: str, read: Callable[[Fields], T]) -> T | None:
        """``None`` only after a fault."""
        if not self.has(name):
            self.fault("facts.missing", name)
        return self.part(name, read)

    def each(self, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """The objects of the list under *name*; none if it is absent."""
        found = []
        for spot, item in self._items(name):
            if isinstance(item, dict):
                found.append(self._whole(item, spot, read))
            else:
                self._faults.append(words.fault("facts.type", self._at(spot)))
        return tuple(found)

    def all_of(self, name: str, kind: Kind[T]) -> tuple[T, ...]:
        return tuple(self._value(item, at, kind) for at, item in self._items(name))

    def reject(self, code: str, name: str, detail: str) -> None:
        """A fault of *name* that spares reading what is in it."""
        self._asked.add(name)
        self.fault(code, name, detail)

    def length(self, name: str) -> int:
        said = self._said.get(name)
        return len(said) if isinstance(said, list) else 0

    def close(self) -> None:
        for name in sorted(map(str, self._said.keys() - self._asked)):
            self.fault("facts.unknown_field", _printable(name))

    def _whole(self, said: dict[str, object], spot: str, read: Callable[[Fields], T]) -> T:
        inner = Fields(said, self._at(spot), self._faults)
        value = read(inner)
        inner.close()
        return value

    def _items(self, name: str) -> Iterator[tuple[str, object]]:
        if self._absent(name):
            return
        said = self._said[name]
        if isinstance(said, list):
            yield from ((f"{name}[{n}]", item) for n, item in enumerate(said))
        else:
            self.fault("facts.type", name)

    def _absent(self, name: str) -> bool:
        self._asked.add(name)
        return name not in self._said

    def _checked(self, name: str, kind: Kind[T]) -> T:
        return self._value(self._said[name], name, kind)

    def _value(self, said: object, spot: str, kind: Kind[T]) -> T:
        try:
            return kind.check(said)
        except _Wrong as wrong:
            self.fault(wrong.code, spot, wrong.detail)
            return kind.stand_in

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path and name else self._path + name


def _printable(name: str) -> str:
    """A name of any length and any code points, fit to be printed as UTF-8."""
    return name[:64].encode("utf-8", "backslashreplace").decode()


def _flag(said: object) -> bool:
    if not isinstance(said, bool):
        raise _Wrong("facts.type", "true, false")
    return said


def _won(said: object) -> int:
    # type(), not isinstance(): true is an int to Python, not to an accountant.
    if type(said) is not int or not 0 <= said <= WON_LIMIT:
        raise _Wrong("facts.money")
    return said


def _won_above_zero(said: object) -> int:
    if (won := _won(said)) == 0:
        raise _Wrong("facts.range", "> 0")
    return won


def _string(said: object) -> str:
    # Half of a surrogate pair is not text: it could not be printed again.
    if not isinstance(said, str) or any("\ud800" <= c <= "\udfff" for c in said):
        raise _Wrong("facts.type", "string")
    return said


def _text(said: object) -> str:
    if len(text := _string(said)) > 500:
        raise _Wrong("facts.range", "≤ 500")
    return text


def _id(said: object) -> str:
    if not 1 <= len(text := _string(said)) <= 64:
        raise _Wrong("facts.range", "1–64")
    return text


def _id_or_null(said: object) -> str | None:
    return None if said is None else _id(said)


def _unit(said: object) -> str:
    if not re.fullmatch(r"[0-9]{5}", text := _string(said)):
        raise _Wrong("facts.range", "5-digit code")
    return text


def _time(said: object) -> datetime:
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
    if not re.fullmatch(form, text := _string(said), re.ASCII):
        raise _Wrong("facts.time")
    try:
        return datetime.fromisoformat(text).astimezone(KST)
    except (ValueError, OverflowError) as wrong:
        raise _Wrong("facts.time") from wrong


def _date(said: object) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text := _string(said), re.ASCII):
        raise _Wrong("facts.date")
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise _Wrong("facts.date") from wrong


def _month(said: object) -> date:
    return _date(f"{_string(said)}-01")


def _decimal(said: object) -> Decimal:
    form = r"(0|[1-9][0-9]{0,9})(\.[0-9]{1,9})?"
    if not isinstance(said, str) or not re.fullmatch(form, said):
        raise _Wrong("facts.money")
    if (price := Decimal(said)) > WON_LIMIT:
        raise _Wrong("facts.money")
    return price


def _grade(said: object) -> int:
    if type(said) is not int:
        raise _Wrong("facts.type", "1, 2")
    if said not in (1, 2):
        raise _Wrong("facts.enum", "1, 2")
    return said


def whole(low: int, high: int) -> Kind[int]:
    def check(said: object) -> int:
        if type(said) is not int:
            raise _Wrong("facts.type", "integer")
        if not low <= said <= high:
            raise _Wrong("facts.range", f"{low}–{high}")
        return said

    return Kind(check, low)


def date_between(first: date, last: date) -> Kind[date]:
    def check(said: object) -> date:
        if not first <= (day := _date(said)) <= last:
            raise _Wrong("facts.range", f"{first}–{last}")
        return day

    return Kind(check, first)


def word(*listed: str) -> Kind[str]:
    def check(said: object) -> str:
        if _string(said) not in listed:
            raise _Wrong("facts.enum", ", ".join(listed))
        return str(said)

    return Kind(check, listed[0])


FLAG = Kind(_flag, stand_in=False)
WON = Kind(_won, 0)
WON_ABOVE_ZERO = Kind(_won_above_zero, 1)
TEXT = Kind(_text, "")
ID = Kind(_id, "?")
ID_OR_NULL: Kind[str | None] = Kind(_id_or_null, None)
UNIT = Kind(_unit, "00000")
TIME = Kind(_time, datetime(1970, 1, 1, tzinfo=UTC).astimezone(KST))
DATE = Kind(_date, date(1970, 1, 1))
MONTH = Kind(_month, date(1970, 1, 1))
DECIMAL = Kind(_decimal, Decimal(0))
GRADE = Kind(_grade, 2)
METRES = whole(0, METRES_LIMIT)
