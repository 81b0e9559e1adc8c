"""Questions to the database, worded once and asked many times.

Django words a statement anew each time, and for a wide one that costs more than the
answer. Here it is worded at its first use; later uses only fill in the values:

    _STOPS = Prepared(lambda trip: TripStop.objects.filter(trip=trip), trip=BigIntegerField())
    stops = _STOPS(trip=7)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

from vault.wording import driven

Row = TypeVar("Row", bound=Model)


class _Blank(Expression):
    """Where a value will stand: the placeholder is worded, the value is this mark."""

    def __init__(self, name: str, kind: Field[Any, Any]) -> None:
        super().__init__(output_field=kind)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        del compiler, connection
        return "%s", (self,)


class _Worded:
    """A queryset's statement, and how to make its rows of what comes back."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self._compiler: SQLCompiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        self._sql, self._params = self._compiler.as_sql()
        select, info = self._compiler.select, self._compiler.klass_info
        self._holds = self._compiler.query.select_for_update
        self._model, columns = info["model"], info["select_fields"]
        self._own = slice(columns[0], columns[-1] + 1)
        self._names = [one[0].target.attname for one in select[self._own]]
        self._related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the plugin knows the next Django
        self._added = list(self._compiler.annotation_col_map.items())
        self._converters = self._compiler.get_converters([one[0] for one in select])

    def rows(self, values: dict[str, Any]) -> list[Any]:
        database = connections[DEFAULT_DB_ALIAS]
        if self._holds and not database.in_atomic_block:
            raise TransactionManagementError("a row is held within a transaction")
        params = [
            driven(one.output_field, values[one.name], database) if type(one) is _Blank else one
            for one in self._params
        ]
        with database.cursor() as cursor:
            cursor.execute(self._sql, params)
            found: Iterable[Any] = cursor.fetchall()
        if self._converters:
            found = self._compiler.apply_converters(found, self._converters)
        return [self._row(said) for said in found]

    def _row(self, said: Any) -> Any:
        row = self._model.from_db(DEFAULT_DB_ALIAS, self._names, said[self._own])
        for related in self._related:
            related.populate(said, row)
        for name, column in self._added:
            setattr(row, name, said[column])
        return row


class Prepared(Generic[Row]):
    """*ask* gets a blank for each of *kinds*; calls give the values by the same names."""

    def __init__(self, ask: Callable[..., QuerySet[Row]], **kinds: Field[Any, Any]) -> None:
        self._ask, self._kinds = ask, kinds
        self._asked: _Worded | None = None
        self._turn = Lock()

    def __call__(self, **values: Any) -> list[Row]:
        return (self._asked or self._worded()).rows(values)

    def first(self, **values: Any) -> Row | None:
        return next(iter(self(**values)), None)

    def _worded(self) -> _Worded:
        with self._turn:
            if self._asked is None:
                blanks = {name: _Blank(name, kind) for name, kind in self._kinds.items()}
                self._asked = _Worded(self._ask(**blanks))
            return self._asked


def hang(row: Model, relation: str, found: Iterable[Model]) -> None:
    """Let ``row.<relation>.all()`` be *found*, as ``prefetch_related`` would."""
    rows: QuerySet[Any] = QuerySet(row._meta.get_field(relation).related_model)
    rows._result_cache = list(found)
    rows._prefetch_done = True  # type: ignore[attr-defined]  # Django's own prefetch does so
    vars(row).setdefault("_prefetched_objects_cache", {})[relation] = rows
