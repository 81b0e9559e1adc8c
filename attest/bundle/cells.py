"""A cell that no spreadsheet computes, and that is read back as it was (log.md §11).

A text that begins with what a spreadsheet obeys gets one apostrophe; reading takes
exactly one off. Integers are written bare. The same in CSV and XLSX.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

Cell = str | int

# What a spreadsheet tells UTF-8 by.
BOM: Final = b"\xef\xbb\xbf"
INTEGER: Final = re.compile(r"-?[0-9]+", re.ASCII)
OBEYED: Final = frozenset("=+-@|%'\t\r\n＝＋－＠")


def cell_of(text: str) -> str:
    return f"'{text}" if text[:1] in OBEYED else text


def text_of(cell: str) -> str:
    return cell.removeprefix("'")


def csv_line(cells: Iterable[Cell]) -> bytes:
    """Text quoted, integers bare, nothing where there is nothing; ends in CRLF."""
    # The usual cells cost no call.
    texts = [
        f"{cell}"
        if isinstance(cell, int)
        else f'"{cell}"'
        if cell and cell[0] not in OBEYED and '"' not in cell
        else cell and _marked(cell)
        for cell in cells
    ]
    return (",".join(texts) + "\r\n").encode()


def _marked(text: str) -> str:
    return '"' + cell_of(text).replace('"', '""') + '"'
