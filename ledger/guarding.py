"""What the database itself refuses to do to the log: hygiene, not proof (log.md §7).

    leaf, anchor, landmark   stand as they were written
    checkpoint               grows by lines of witnesses; may go once another of its hour is
                             larger and nobody outside has seen it
    tile                     grows at its end
    head                     grows
    outbox                   stands, and goes once its leaf has its place

A mistake, a stray statement or a stolen application role ends here. Who owns the database can
take the triggers away, as ``lowered`` does: that is why there are anchors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# By table: what identifies a row. SQLite's REPLACE would push one out without a word.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "leaf": ('"index"', "leaf_hash", "outbox_id"),
    "checkpoint": ("size",),
    "anchor": ("id", "(size, kind, digest)"),
    "tile": ("id", "(level, n)"),
    "head": ("id",),
    "landmark": ("id", "leaf_hash"),
    "outbox": ("id", "leaf_hash"),
}
# By table: the one change that is none of the past. Others have none.
_GROWS: Final[Mapping[str, str]] = {
    "checkpoint": (
        "NEW.size = OLD.size AND NEW.root = OLD.root AND NEW.signed_at = OLD.signed_at"
        " AND length(NEW.note) >= length(OLD.note)"
        " AND substr(NEW.note, 1, length(OLD.note)) = OLD.note"
    ),
    "tile": (
        "NEW.id = OLD.id AND NEW.level = OLD.level AND NEW.n = OLD.n"
        " AND length(NEW.data) > length(OLD.data)"
        " AND substr(NEW.data, 1, length(OLD.data)) = OLD.data"
    ),
    "head": "NEW.id = OLD.id AND NEW.size > OLD.size",
}
_UNSEEN: Final = "NOT EXISTS (SELECT 1 FROM ledger_anchor WHERE size = OLD.size)"
_IN_ITS_PLACE: Final = "EXISTS (SELECT 1 FROM ledger_leaf WHERE leaf_hash = OLD.leaf_hash)"
_LARGER: Final = "EXISTS (SELECT 1 FROM ledger_checkpoint c WHERE c.size > OLD.size AND {})"
# By table and database: what may go.
_GOES: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {
        # The hour of a time as SQLite keeps it: 2026-11-23 03
        "checkpoint": _UNSEEN
        + " AND "
        + _LARGER.format("substr(c.signed_at, 1, 13) = substr(OLD.signed_at, 1, 13)"),
        "outbox": _IN_ITS_PLACE,
    },
    "postgresql": {
        "checkpoint": _UNSEEN
        + " AND "
        + _LARGER.format("date_trunc('hour', c.signed_at) = date_trunc('hour', OLD.signed_at)"),
        "outbox": _IN_ITS_PLACE,
    },
}


def raised(schema: BaseDatabaseSchemaEditor) -> None:
    """The guards stand, as this version has them. For a migration."""
    taken(schema)
    for statement in _standing(schema.connection.vendor):
        schema.execute(statement, params=None)


def taken(schema: BaseDatabaseSchemaEditor) -> None:
    """The guards are gone. For a migration that goes back, and before one that alters a table."""
    for statement in _gone(schema.connection.vendor):
        schema.execute(statement, params=None)


@contextmanager
def lowered() -> Iterator[None]:
    """They step aside for whoever owns the database and empties it whole, and stand again.

    In one transaction: nobody else ever sees them gone, and who dies on the way left them standing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _gone(connection.vendor):
            cursor.execute(statement)
        yield
        for statement in _standing(connection.vendor):
            cursor.execute(statement)


def lacking() -> list[str]:
    """Which guards do not stand as this version has them, by name: ``leaf_delete``, …"""
    standing = {*_found(connection.vendor)}
    wanted = map(_wanted, _standing(connection.vendor))
    return sorted(guard.name for guard in wanted if guard not in standing)


class _Guard(NamedTuple):
    """*kind* is trigger or function; *said* the statement itself, of a function its body."""

    kind: str
    name: str
    said: str


def _wanted(statement: str) -> _Guard:
    """What must be found where *statement* stands."""
    _, kind, name, *_ = statement.split()
    kind, name = kind.lower(), name.removesuffix("()")
    if connection.vendor != "postgresql":
        return _Guard(kind, name, statement)
    if kind == "function":
        return _Guard(kind, name, statement.split("$$")[1])
    # PostgreSQL keeps no text: it tells what it understood, in one spelling of its own.
    told = statement.replace("NEW.", "new.").replace("OLD.", "old.")
    return _Guard(kind, name, told.replace("NOT (false)", "NOT false"))


def _found(vendor: str) -> Iterator[_Guard]:
    with connection.cursor() as cursor:
        if vendor != "postgresql":
            cursor.execute("SELECT type, name, sql FROM sqlite_master WHERE type = 'trigger'")
            yield from map(_Guard._make, cursor.fetchall())
            return
        # One that was switched off stands for nothing.
        cursor.execute(
            "SELECT 'trigger', tgname, pg_get_triggerdef(t.oid, true)"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid"
            " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
            " AND relnamespace = current_schema()::regnamespace"
        )
        yield from map(_Guard._make, cursor.fetchall())
        cursor.execute(
            "SELECT 'function', proname, prosrc FROM pg_proc"
            " WHERE pronargs = 0 AND pronamespace = current_schema()::regnamespace"
        )
        yield from map(_Guard._make, cursor.fetchall())


def _standing(vendor: str) -> Iterator[str]:
    if vendor == "postgresql":
        yield from _on_postgresql()
    else:
        yield from _on_sqlite()


def _gone(vendor: str) -> Iterator[str]:
    if vendor == "postgresql":
        for table in _KEYS:
            for deed in ("update", "delete", "truncate"):
                yield f"DROP TRIGGER IF EXISTS {table}_{deed} ON ledger_{table}"
            yield f"DROP FUNCTION IF EXISTS ledger_{table}_goes()"
        yield "DROP FUNCTION IF EXISTS ledger_refuses()"
        return
    for table in _KEYS:
        for deed in ("insert", "update", "delete"):
            yield f"DROP TRIGGER IF EXISTS {table}_{deed}"


def _on_sqlite() -> Iterator[str]:
    for table, keys in _KEYS.items():
        taken_already = " OR ".join(f"{key} = {_new(key)}" for key in keys)
        told = {
            "insert": f"EXISTS (SELECT 1 FROM ledger_{table} WHERE {taken_already})",  # noqa: S608 -- our own words
            "update": f"NOT ({_GROWS.get(table, '0')})",
            "delete": f"NOT ({_GOES['sqlite'].get(table, '0')})",
        }
        for deed, wrong in told.items():
            yield (
                f"CREATE TRIGGER {table}_{deed} BEFORE {deed} ON ledger_{table} WHEN {wrong} "
                f"BEGIN SELECT RAISE(ABORT, '{_said(table, deed)}'); END"
            )


def _on_postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in _KEYS:
        said = {deed: _said(table, deed) for deed in ("update", "delete", "truncate")}
        yield (
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON ledger_{table} FOR EACH ROW "
            f"WHEN (NOT ({_GROWS.get(table, 'false')})) "
            f"EXECUTE FUNCTION ledger_refuses('{said['update']}')"
        )
        yield (
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON ledger_{table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses('{said['truncate']}')"
        )
        if goes := _GOES["postgresql"].get(table):
            # After the statement, over all it took out: thousands leave the outbox at a time.
            lost = f"SELECT 1 FROM gone WHERE NOT ({goes.replace('OLD.', 'gone.')})"  # noqa: S608 -- our own words
            yield (
                f"CREATE FUNCTION ledger_{table}_goes() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN IF EXISTS ({lost}) THEN RAISE EXCEPTION '{said['delete']}' "
                "USING ERRCODE = 'restrict_violation'; END IF; RETURN NULL; END $$"
            )
            yield (
                f"CREATE TRIGGER {table}_delete AFTER DELETE ON ledger_{table} "
                "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT "
                f"EXECUTE FUNCTION ledger_{table}_goes()"
            )
        else:
            yield (
                f"CREATE TRIGGER {table}_delete BEFORE DELETE ON ledger_{table} "
                f"FOR EACH ROW EXECUTE FUNCTION ledger_refuses('{said['delete']}')"
            )


def _said(table: str, deed: str) -> str:
    return f"the log does not let go of its past: {deed} of {table}"


def _new(key: str) -> str:
    """``(size, kind)`` as the row to come has it."""
    names = key.strip("()").split(", ")
    said = ", ".join(f"NEW.{name}" for name in names)
    return f"({said})" if len(names) > 1 else said
