"""The statements by which rows are written, worded once for each shape they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement is but for its values.

    *verb* is ``insert``, ``update`` or ``claim``; *names* are the fields that change. *pointing*
    says which values of an insertion are the key of a row made by an earlier write, and which.
    """

    verb: str
    kind: type[Model]
    count: int
    names: tuple[str, ...]
    pointing: tuple[tuple[int, int], ...]


@cache
def columns(kind: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in kind._meta.concrete_fields if field is not kind._meta.auto_field]


def insertion(shape: Shape, aims: Mapping[int, str]) -> str:
    """*aims* stand in place of the values of these numbers."""
    width = len(columns(shape.kind))
    names = ", ".join(_quoted(field.column for field in columns(shape.kind)))
    marks = [aims.get(n, "%s") for n in range(width * shape.count)]
    rows = [", ".join(marks[at : at + width]) for at in range(0, len(marks), width)]
    said = ", ".join(f"({row})" for row in rows)
    table, key = _quoted([shape.kind._meta.db_table, shape.kind._meta.pk.column])
    return f"INSERT INTO {table} ({names}) VALUES {said} RETURNING {key}"  # noqa: S608 -- names of our own columns


def change(shape: Shape) -> str:
    fields = [field.column for field in columns(shape.kind) if field.name in shape.names]
    table, key = _quoted([shape.kind._meta.db_table, shape.kind._meta.pk.column])
    said = ", ".join(f"{column} = %s" for column in _quoted(fields))
    where = f"{key} = %s"
    if shape.verb == "claim":
        where += "".join(f" AND {column} IS NULL" for column in _quoted(fields))
    return f"UPDATE {table} SET {said} WHERE {where}"  # noqa: S608 -- names of our own columns


def driven(field: Field[Any, Any], value: Any, database: BaseDatabaseWrapper) -> Any:
    """*value* as the driver of *database* takes it; bytes are taken as they are."""
    return value if type(value) is bytes else field.get_db_prep_save(value, database)


def _quoted(names: Iterable[str | None]) -> Iterator[str]:
    return (connection.ops.quote_name(name) for name in names if name)
