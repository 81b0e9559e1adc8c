"""The inserts of one real touch as a script for pgbench: the same rows, new names each time."""

from __future__ import annotations

from typing import Any, LiteralString

from django.db import connection, models
from psycopg import sql

from ledger.models import Opening, Outbox, TripHead
from trips.models import Assessment, CheckIn

LINES = 2_000
_DICE = f"\\set leaf random(1, 9000000000000000000)\n\\set line random(1, {LINES})\n"
# Columns that no two rows may share, and what makes them anew.
_BYTES: LiteralString = "decode(md5(random()::text) || md5(random()::text), 'hex')"
_FRESH: dict[str, LiteralString] = {
    "uid": "gen_random_uuid()",
    "client_id": "gen_random_uuid()",
    "cti": f"substring({_BYTES} for 8)",
    "spoken": "substring(upper(md5(random()::text)) for 12)",
    # The same in each row of one transaction.
    "leaf_hash": "decode(md5((:leaf::bigint)::text) || md5((:leaf::bigint + 1)::text), 'hex')",
    "at": "clock_timestamp()",
    "recorded_at": "clock_timestamp()",
}


def script(touch: CheckIn) -> str:
    """One transaction: the touch, its assessment, its leaf, and the leaf's openings."""
    return _transaction(*_deed(touch), *_logged(touch))


def plain(touch: CheckIn) -> str:
    """The touch and its assessment, as if there were no log."""
    return _transaction(*_deed(touch))


def logged(touch: CheckIn) -> str:
    """As ``script``, with the line of a trip locked before and moved on after, a trip of many."""
    head = TripHead.objects.get(pk=touch.trip.log_id)
    return _transaction(*_deed(touch), *_logged(touch), line=head)


def _deed(touch: CheckIn) -> list[models.Model]:
    return [touch, *Assessment.objects.filter(check_in=touch)]


def _logged(touch: CheckIn) -> list[models.Model]:
    leaf = Outbox.objects.get(leaf_hash=bytes(touch.leaf_hash))
    return [leaf, *Opening.objects.filter(leaf_hash=leaf.leaf_hash)]


def _transaction(*rows: models.Model, line: TripHead | None = None) -> str:
    lock, move = _moved(line) if line else ("", "")
    inserts = "".join(map(_insert, rows))
    return f"{_DICE}BEGIN;\n{lock}{inserts}{move}COMMIT;\n"


def _moved(line: TripHead) -> tuple[str, str]:
    """Statements of ``ledger.outbox`` for one of ``LINES`` trips, each as *line*."""
    table, name = sql.Identifier(line._meta.db_table), sql.SQL("'bench-' || :line::bigint")
    lock = sql.SQL("SELECT n, leaf_hash, hashes FROM {} WHERE trip = {} FOR UPDATE;\n")
    move = sql.SQL("UPDATE {} SET n = n + 1, leaf_hash = {}, hashes = {} WHERE trip = {};\n")
    hashed = sql.Literal(bytes(line.leaf_hash)), sql.Literal(bytes(line.hashes))
    connection.ensure_connection()
    texts = (lock.format(table, name), move.format(table, *hashed, name))
    before, after = (one.as_string(connection.connection) for one in texts)
    return before, after


def lines(touch: CheckIn) -> None:
    """The lines that ``logged`` moves on."""
    head = TripHead.objects.get(pk=touch.trip.log_id)
    said = {"n": head.n, "leaf_hash": head.leaf_hash, "hashes": head.hashes}
    names = [f"bench-{number}" for number in range(1, LINES + 1)]
    TripHead.objects.bulk_create([TripHead(pk=name, **said) for name in names])


def _insert(row: models.Model) -> str:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    names = [sql.Identifier(_column(field)) for field in fields]
    values = [_value(row, field) for field in fields]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({});\n").format(
        sql.Identifier(row._meta.db_table), sql.SQL(", ").join(names), sql.SQL(", ").join(values)
    )
    connection.ensure_connection()
    return statement.as_string(connection.connection)


def _column(field: models.Field[Any, Any]) -> str:
    return str(field.get_attname_column()[1])


def _value(row: models.Model, field: models.Field[Any, Any]) -> sql.Composable:
    if fresh := _FRESH.get(_column(field)):
        return sql.SQL(fresh)
    value = field.get_db_prep_save(getattr(row, field.attname), connection)
    return sql.Literal(bytes(value) if isinstance(value, memoryview) else value)
