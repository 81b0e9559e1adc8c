"""A PDF of receipts: looked at page by page by a child, and never kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from attest.errors import UploadRefused
from trips.adapters.looking import told
from trips.adapters.pdfs import is_pdf, pages_of
from trips.adapters.pictures import MOST_BYTES

__all__ = ["MOST_CODES", "Sheet", "is_pdf", "sheets_in"]

MOST_CODES = 300


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was found on one page. *read* is none where the page could not be looked at."""

    page: int
    codes: tuple[str, ...] | None


def sheets_in(content: bytes) -> Iterator[Sheet]:
    """Every page in order, each as soon as it was read: others are judged meanwhile.

    A page that was not reached in time has no codes, and says so. What is refused is
    refused before the first page.
    """
    if len(content) > MOST_BYTES:
        raise UploadRefused("too-large")
    with closing(told(content, "codes")) as lines:
        pages = pages_of(next(lines, None))
        reached = 0
        for reached, said in enumerate(lines, 1):  # noqa: B007 -- asked after the loop
            codes = said.get("codes")
            yield Sheet(said["page"], None if codes is None else tuple(codes))
    for page in range(reached + 1, pages + 1):
        yield Sheet(page, None)
