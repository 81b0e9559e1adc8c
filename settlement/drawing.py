"""What a sheet of a month holds, whoever draws it: the request, or the worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.models import Person
from settlement import exporting
from settlement.models import Month
from settlement.printing import statement_pdf
from settlement.sheets.books import Paid


def drawn(
    month: Month, sheet: str, *, rows: Sequence[Paid], reader: Person, at: datetime
) -> Iterable[bytes]:
    """Piece by piece, as *reader* is handed it."""
    footer = exporting.footer_of(reader, rows, at)
    if sheet == exporting.STATEMENT_PDF:
        return [statement_pdf(month, rows, footer=footer, reader=reader, at=at)]
    return exporting.sheet_of(month, sheet, rows=rows, footer=footer)
