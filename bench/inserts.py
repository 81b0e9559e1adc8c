"""The inserts of one real touch as a script for pgbench: the same rows, new names each time."""

from __future__ import annotations

from typing import Any, LiteralString

from django.db import connection, models
from psycopg import sql

from ledger.models import Opening, Outbox
from trips.models import Assessment, CheckIn

# Columns that no two rows may share, and what makes them anew.
_BYTES: LiteralString = "decode(md5(random()::text) || md5(random()::text), 'hex')"
_FRESH: dict[str, LiteralString] = {
    "uid": "gen_random_uuid()",
    "client_id": "gen_random_uuid()",
    "cti": f"substring({_BYTES} for 8)",
    "spoken": "substring(upper(md5(random()::text)) for 12)",
    "leaf_hash": _BYTES,
}


def script(touch: CheckIn) -> str:
    """One transaction: the touch, its assessment, its leaf, and the leaf's openings."""
    leaf = Outbox.objects.get(leaf_hash=bytes(touch.leaf_hash))
    rows: list[models.Model] = [touch, *Assessment.objects.filter(check_in=touch), leaf]
    rows += Opening.objects.filter(leaf_hash=leaf.leaf_hash)
    return "BEGIN;\n" + "".join(_insert(row) for row in rows) + "COMMIT;\n"


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
