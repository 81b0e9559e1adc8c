"""A PDF somebody sent: looked at by a child that is cut off in time."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Generator
from contextlib import closing, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import Any

from PIL import Image

from attest.errors import UploadRefused
from trips.adapters.pictures import MOST_BYTES, Drawn, opened

CHILD = Path(__file__).with_name("pdf_child.py")
# The child has five seconds of the processor; on a busy machine these last longer.
WAIT_S = 20
# A line holds at most one page, drawn; a child somebody took over may not fill our memory.
_LONGEST = 4 * 1_048_576
_START = b"%PDF-"
_DPI = 110


def is_pdf(content: bytes) -> bool:
    """By content, whatever the file is called; scanners put a few bytes before the mark."""
    return _START in content[:1_024]


def drawn_pdf(content: bytes) -> Drawn:
    """A PDF that holds pictures of the pages and nothing else.

    What cannot be drawn whole is refused: a page left out may be the one that counts.
    """
    if len(content) > MOST_BYTES:
        raise UploadRefused("too-large")
    with closing(told(content, "pages")) as lines:
        count = pages_of(next(lines, None))
        pages = [_page(said) for said in lines]
    if not pages or len(pages) != count:
        raise UploadRefused("too-heavy")
    out = BytesIO()
    first, *others = pages
    first.save(out, "PDF", save_all=True, append_images=others, resolution=_DPI)
    seen = sha256()
    for page in pages:
        seen.update(f"{page.width}x{page.height}\0".encode() + page.tobytes())
    return Drawn(out.getvalue(), seen.digest(), count)


def pages_of(head: dict[str, Any] | None) -> int:
    """How many pages the child announces, or its refusal."""
    match head:
        case {"pages": int(count)}:
            return count
        case {"refused": "locked"}:
            raise UploadRefused("locked")
        case {"refused": "too-many-pages"}:
            raise UploadRefused("too-many-pages")
    raise UploadRefused("not-a-pdf")


def told(content: bytes, what: str) -> Generator[dict[str, Any], None, None]:
    """What the child writes until it ends or is ended; whole lines alone."""
    with subprocess.Popen(  # noqa: S603 -- our own file, by the interpreter that runs us
        [sys.executable, "-I", str(CHILD), what],
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
            while (line := child.stdout.readline(_LONGEST)).endswith(b"\n"):  # type: ignore[union-attr]
                yield json.loads(line)
        finally:
            late.cancel()
            child.kill()


def _page(said: dict[str, Any]) -> Image.Image:
    """What a child sent is as strange as what somebody sent: the same door."""
    if "jpeg" not in said:
        raise UploadRefused("too-heavy")
    with opened(b64decode(said["jpeg"])) as picture:
        return picture.convert("RGB")
