"""T7: the tables of a bundle, against the fastest that anybody writes the same cells.

    CSV    against PostgreSQL's own COPY of a table that holds those very cells in the clear
    XLSX   against the csv module of the standard library

Ours are text cells marked where a spreadsheet would compute them, quoted, in UTF-8; the cells
are at hand. What opening a sealed leaf costs before is told beside them.
"""

from __future__ import annotations

import csv
import sys
from io import StringIO
from time import perf_counter, process_time

from django.db import connection
from psycopg import sql

from attest.bundle.cells import Cell, csv_line
from attest.bundle.columns import INT, LEAF_COLUMNS, leaf_cells
from attest.bundle.packing import Packer
from attest.bundle.workbook import row_of
from bench.history import History
from bench.report import machine, note, tell

ROWS, ROUNDS = 20_000, 5
CSV, XLSX = 0.6, 0.08
TABLE = sql.Identifier("bench_leaves")


def main() -> None:
    rows = [leaf_cells(one.row()) for one in History(ROWS).opened()]
    laid(rows)
    sys.stdout.write(f"T7 tables, {ROWS:,} rows: {machine()}\n")
    pairs = [(copied(), ours(rows)) for _ in range(ROUNDS)]
    tell("T7 CSV / bare COPY", [bare / mine for bare, mine in pairs], limit=CSV)
    pairs = [(plain(rows), book(rows)) for _ in range(ROUNDS)]
    tell("T7 XLSX / csv module", [bare / mine for bare, mine in pairs], limit=XLSX)
    start = process_time()
    for one in History(ROWS).opened():
        leaf_cells(one.row())
    note("T7 microseconds from leaf to cells", [(process_time() - start) / ROWS * 1e6])


def laid(rows: list[list[Cell]]) -> None:
    """The cells as a table, and nothing sealed in it."""
    kinds = {INT: sql.SQL("bigint"), "string": sql.SQL("text")}
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(name), kinds[kind]) for name, _, kind in LEAF_COLUMNS
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ({})").format(TABLE, sql.SQL(", ").join(columns))
        )
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(TABLE)) as copy:
            for row in rows:
                copy.write_row([None if cell == "" else cell for cell in row])


def copied() -> float:
    start = perf_counter()
    with connection.cursor() as cursor:
        asked = sql.SQL("COPY {} TO STDOUT (FORMAT csv, FORCE_QUOTE *)").format(TABLE)
        with cursor.copy(asked) as copy:
            for _ in copy:
                pass
    return perf_counter() - start


def ours(rows: list[list[Cell]]) -> float:
    start = perf_counter()
    for row in rows:
        csv_line(row)
    return perf_counter() - start


def plain(rows: list[list[Cell]]) -> float:
    start = process_time()
    csv.writer(StringIO()).writerows(rows)
    return process_time() - start


def book(rows: list[list[Cell]]) -> float:
    start = process_time()
    packer = Packer()
    for at, row in enumerate(rows):
        packer.write(row_of(0, at, row))
    packer.close()
    return process_time() - start


if __name__ == "__main__":
    main()
