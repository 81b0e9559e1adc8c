"""A PDF somebody sent: looked at by a child, and drawn anew."""

from __future__ import annotations

from base64 import b64decode
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from typing import Any

from PIL import Image

from attest.errors import UploadRefused
from trips.adapters.looking import told
from trips.adapters.pictures import MOST_BYTES, Drawn, opened

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


def _page(said: dict[str, Any]) -> Image.Image:
    """What a child sent is as strange as what somebody sent: the same door."""
    if "jpeg" not in said:
        raise UploadRefused("too-heavy")
    with opened(b64decode(said["jpeg"])) as picture:
        return picture.convert("RGB")
