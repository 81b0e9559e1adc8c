"""A picture somebody sent: bounded before it unfolds, by content whatever it is called."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from attest.errors import UploadRefused

MOST_BYTES = 10 * 1_048_576
MOST_PIXELS = 24_000_000
# Enough to read the small print of a slip; a phone's camera gives more.
LONGEST_SIDE = 2_600

# Every other decoder stays out of reach.
_FORMATS = ("PNG", "JPEG", "WEBP")
# What phones of one maker keep pictures in; no decoder for it is installed.
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_UNREADABLE = (
    UnidentifiedImageError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as JPEG, or pages as PDF: nothing that stood beside the pixels came along.

    *pixels* is a hash of what is to be seen: equal for a copy whose metadata were changed.
    """

    content: bytes = field(repr=False)
    pixels: bytes
    pages: int = 1


def drawn_anew(content: bytes) -> Drawn:
    """``UploadRefused`` says ``too-large``, ``too-many-pixels``, ``heic`` or ``not-a-picture``."""
    if len(content) > MOST_BYTES:
        raise UploadRefused("too-large")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise UploadRefused("heic")
    with opened(content) as picture:
        # How a phone was held stands in the metadata, which are about to go.
        plain = _on_white(ImageOps.exif_transpose(picture))
    size = f"{plain.width}x{plain.height}\0".encode()
    seen = plain.tobytes()
    # A fresh picture of the same pixels: profile, comment and preview stay behind.
    fresh = Image.frombytes("RGB", plain.size, seen)
    fresh.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = BytesIO()
    fresh.save(out, "JPEG", quality=85)
    return Drawn(out.getvalue(), sha256(size + seen).digest())


@contextmanager
def opened(content: bytes) -> Iterator[Image.Image]:
    """The picture, its head read; pixels come as they are asked for, within the bounds."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            # The head alone was read so far: a bomb is refused before it unfolds.
            if picture.width * picture.height > MOST_PIXELS:
                raise UploadRefused("too-many-pixels")
            yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as wrong:
        raise UploadRefused("too-many-pixels") from wrong
    except _UNREADABLE as wrong:
        raise UploadRefused("not-a-picture") from wrong


def _on_white(picture: Image.Image) -> Image.Image:
    """What is transparent is paper."""
    if picture.mode in {"RGB", "L"}:
        return picture.convert("RGB")
    shown = picture.convert("RGBA")
    sheet = Image.new("RGBA", shown.size, "white")
    sheet.alpha_composite(shown)
    return sheet.convert("RGB")
