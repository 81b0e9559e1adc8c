"""A PDF somebody sent: looked at by a child that is cut off in time, and never kept."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from attest.errors import UploadRefused
from settlement.pictures import MOST_BYTES

CHILD = Path(__file__).with_name("pdf_child.py")
# The child has five seconds of the processor; on a busy machine these last longer.
WAIT_S = 20
MOST_CODES = 300
_START = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was found on one page. *read* is none where the page could not be looked at."""

    page: int
    codes: tuple[str, ...] | None


def is_pdf(content: bytes) -> bool:
    """By content, whatever the file is called; scanners put a few bytes before the mark."""
    return _START in content[:1_024]


def sheets_in(content: bytes) -> list[Sheet]:
    """Every page in order. A page that was not reached in time has no codes, and says so."""
    if len(content) > MOST_BYTES:
        raise UploadRefused("too-large")
    lines = [json.loads(line) for line in _told(content).splitlines()]
    if not lines:
        raise UploadRefused("not-a-pdf")
    head, *pages = lines
    if "refused" in head:
        raise _refusal(head["refused"])
    found = {one["page"]: one.get("codes") for one in pages}
    return [_sheet(page, found.get(page)) for page in range(1, head["pages"] + 1)]


def _refusal(why: str) -> UploadRefused:
    match why:
        case "locked":
            return UploadRefused("locked")
        case "too-many-pages":
            return UploadRefused("too-many-pages")
    return UploadRefused("not-a-pdf")


def _sheet(page: int, codes: list[str] | None) -> Sheet:
    return Sheet(page, None if codes is None else tuple(codes))


def _told(content: bytes) -> str:
    """What the child wrote until it ended or was ended; whole lines alone."""
    with subprocess.Popen(  # noqa: S603 -- our own file, by the interpreter that runs us
        [sys.executable, "-I", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    ) as child:
        try:
            said, _ = child.communicate(content, timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            said, _ = child.communicate()
    return said.decode().rpartition("\n")[0]
