"""Rows of several tables, written at once.

    with together():
        insert(touch)
        insert(Assessment(check_in=touch, ...))
        update(trip, "state")

What ``insert``, ``update`` and ``claim`` write within the block waits until its end. PostgreSQL
then gets all of it as one statement, SQLite one after another; either way it is inside the
transaction of the deed, and a refusal refuses all of it. A row may point to one written before
it in the block, though neither has a key yet.

What is asked within the block does not see what waits: whoever must, ends it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections
from django.db.models import Field, Model
from django.db.transaction import TransactionManagementError

from vault.wording import Shape, change, columns, driven, insertion


class Overtaken(IntegrityError):
    """A row was claimed that somebody else had claimed meanwhile."""


@dataclass(frozen=True, slots=True)
class Write:
    """One statement; *rows* are those that get keys. A miss of one that *must* hit is an error."""

    shape: Shape
    params: Sequence[Any]
    rows: Sequence[Model] = ()
    must: bool = False


@dataclass(slots=True)
class _Pile:
    writes: list[Write] = field(default_factory=list)
    changed: set[tuple[type[Model], Any]] = field(default_factory=set)

    def part_of(self, row: Model) -> int | None:
        """Which write makes *row*; only one that makes no other can be pointed to."""
        found = (n for n, one in enumerate(self.writes) if any(row is made for made in one.rows))
        return next(found, None)


_pile: ContextVar[_Pile | None] = ContextVar("what waits to be written", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Within another block of its kind it adds to that one."""
    if _pile.get() is not None:
        yield
        return
    if not connection.in_atomic_block:
        raise TransactionManagementError("what is written together is one transaction")
    mark = _pile.set(_Pile())
    try:
        yield
        send()
    finally:
        _pile.reset(mark)


def send() -> None:
    """Write now what waits, if anything does."""
    pile = _pile.get()
    if pile is None or not pile.writes:
        return
    writes, pile.writes, pile.changed = pile.writes, [], set()
    if connection.vendor == "postgresql" and len(writes) > 1:
        _at_once(writes)
    else:
        for one in writes:
            _alone(one)


def insert(*rows: Model) -> None:
    """Write new *rows* of one table in one statement; each gets its key once it is written."""
    if not rows:
        return
    kind = type(rows[0])
    database = connections[DEFAULT_DB_ALIAS]
    params: list[Any] = []
    pointing: list[tuple[int, int]] = []
    for row in rows:
        for column in columns(kind):
            value = column.pre_save(row, add=True)
            if value is None and (part := _awaited(row, column)) is not None:
                pointing.append((len(params), part))
                # By the row, for SQLite: it has its key by then.
                params.append(getattr(row, column.name))
                continue
            params.append(driven(column, value, database))
    _put(Write(Shape("insert", kind, len(rows), (), tuple(pointing)), params, rows))


def update(row: Model, *names: str) -> None:
    """Write the fields *names* of a row that is there."""
    _change("update", row, names)


def claim(row: Model, name: str) -> None:
    """Write the field *name* of a row where it is empty yet; else ``Overtaken``, and nothing is."""
    _change("claim", row, (name,))


def _change(verb: str, row: Model, names: Sequence[str]) -> None:
    pile, kind = _pile.get(), type(row)
    if pile is not None:
        # One statement changes a row once, and says nothing of the second time.
        if (kind, row.pk) in pile.changed:
            send()
        pile.changed.add((kind, row.pk))
    fields = [column for column in columns(kind) if column.name in names]
    database = connections[DEFAULT_DB_ALIAS]
    params = [driven(column, getattr(row, column.attname), database) for column in fields]
    shape = Shape(verb, kind, 1, tuple(column.name for column in fields), ())
    _put(Write(shape, [*params, row.pk], must=verb == "claim"))


def _awaited(row: Model, column: Field[Any, Any]) -> int | None:
    """Which write that waits makes the row that *column* points to."""
    pile = _pile.get()
    if pile is None or not column.is_relation or not column.is_cached(row):  # type: ignore[attr-defined]  # a relation has a cache
        return None
    aim = getattr(row, column.name)
    if aim is None or (part := pile.part_of(aim)) is None:
        return None
    if len(pile.writes[part].rows) > 1:
        raise ValueError("a row can only wait for the key of one that is written alone")
    return part


def _put(one: Write) -> None:
    pile = _pile.get()
    if pile is None:
        _alone(one)
    else:
        pile.writes.append(one)


def _alone(one: Write) -> None:
    params = [value.pk if isinstance(value, Model) else value for value in one.params]
    with connection.cursor() as cursor:
        cursor.execute(_worded(one.shape), params)
        if one.shape.verb == "insert":
            _written(one.rows, [key for (key,) in cursor.fetchall()])
            for n, _ in one.shape.pointing:
                _point(one, n)
        elif one.must and cursor.rowcount != 1:
            raise Overtaken("somebody was first")


def _at_once(writes: Sequence[Write]) -> None:
    params = [value for one in writes for value in one.params if not isinstance(value, Model)]
    with connection.cursor() as cursor:
        cursor.execute(_as_one(tuple(one.shape for one in writes)), params)
        (said,) = cursor.fetchall()
    for one, answer in zip(writes, said, strict=True):
        if one.shape.verb == "insert":
            _written(one.rows, answer)
            for n, _ in one.shape.pointing:
                _point(one, n)
        elif one.must and answer != 1:
            raise Overtaken("somebody was first")


def _written(rows: Iterable[Model], keys: Iterable[Any]) -> None:
    for row, key in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _point(one: Write, n: int) -> None:
    """The row whose value *n* stood for another's key has that key now."""
    here = columns(one.shape.kind)
    row, column = one.rows[n // len(here)], here[n % len(here)]
    setattr(row, column.attname, one.params[n].pk)


@lru_cache(maxsize=256)
def _worded(shape: Shape) -> str:
    return insertion(shape, {}) if shape.verb == "insert" else change(shape)


@lru_cache(maxsize=256)
def _as_one(shapes: tuple[Shape, ...]) -> str:
    parts, answers = zip(*(_part(n, shape) for n, shape in enumerate(shapes)), strict=True)
    return f"WITH {', '.join(parts)} SELECT {', '.join(answers)}"


def _part(n: int, shape: Shape) -> tuple[str, str]:
    """Write *n* and what it answers: the keys it made, or how many rows it changed."""
    if shape.verb == "insert":
        aims = {at: f"(SELECT made FROM w{part})" for at, part in shape.pointing}  # noqa: S608 -- a number of ours
        made = f"w{n} AS ({insertion(shape, aims)} AS made)"
        return made, f"ARRAY(SELECT made FROM w{n})"  # noqa: S608
    made = f"w{n} AS ({change(shape)} RETURNING 1)"
    return made, f"(SELECT count(*) FROM w{n})"  # noqa: S608
