"""A PDF somebody sent: looked at by a child that is cut off in time, and never kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

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


def sheets_in(content: bytes) -> Iterator[Sheet]:
    """Every page in order, each as soon as it was read: others are judged meanwhile.

    A page that was not reached in time has no codes, and says so. What is refused is
    refused before the first page.
    """
    if len(content) > MOST_BYTES:
        raise UploadRefused("too-large")
    with closing(_told(content)) as lines:
        head: dict[str, Any] = next(lines, {"refused": "not-a-pdf"})
        if "refused" in head:
            raise _refusal(head["refused"])
        reached = 0
        for reached, said in enumerate(lines, 1):  # noqa: B007 -- asked after the loop
            codes = said.get("codes")
            yield Sheet(said["page"], None if codes is None else tuple(codes))
    for page in range(reached + 1, head["pages"] + 1):
        yield Sheet(page, None)


def _refusal(why: str) -> UploadRefused:
    match why:
        case "locked":
            return UploadRefused("locked")
        case "too-many-pages":
            return UploadRefused("too-many-pages")
    return UploadRefused("not-a-pdf")


def _told(content: bytes) -> Generator[dict[str, Any], None, None]:
    """What the child writes until it ends or is ended; whole lines alone."""
    with subprocess.Popen(  # noqa: S603 -- our own file, by the interpreter that runs us
        [sys.executable, "-I", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    ) as child:
        late = Timer(WAIT_S, child.kill)
        late.start()
        try:
            # It hears all before it says anything. One that died meanwhile says nothing.
            with suppress(BrokenPipeError):
                child.stdin.write(content)  # type: ignore[union-attr]  # a pipe, as asked for
                child.stdin.close()  # type: ignore[union-attr]
            for line in child.stdout or ():
                if line.endswith(b"\n"):
                    yield json.loads(line)
        finally:
            late.cancel()
            child.kill()
