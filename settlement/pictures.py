"""A picture somebody sent: looked at in memory for its codes, and never kept."""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO

import zxingcpp
from PIL import Image, UnidentifiedImageError

from attest.errors import UploadRefused

MOST_BYTES = 10 * 1_048_576
MOST_PIXELS = 24_000_000
MOST_CODES = 60

# By content, whatever the file is called; every other decoder stays out of reach.
_FORMATS = ("PNG", "JPEG", "WEBP")
_UNREADABLE = (
    UnidentifiedImageError,
    EOFError,
    IndexError,
    MemoryError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def codes_in(content: bytes) -> list[str]:
    """The text of every QR code in the picture, each once; none is an answer as well.

    ``UploadRefused`` says ``too-large``, ``too-many-pixels`` or ``not-a-picture``.
    """
    if len(content) > MOST_BYTES:
        raise UploadRefused("too-large")
    found = zxingcpp.read_barcodes(
        _grey(content),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        text_mode=zxingcpp.TextMode.Plain,
    )
    return list(dict.fromkeys(code.text for code in found if code.valid))[:MOST_CODES]


def _grey(content: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            # The head alone was read so far: a bomb is refused before it unfolds.
            if picture.width * picture.height > MOST_PIXELS:
                raise UploadRefused("too-many-pixels")
            return picture.convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as wrong:
        raise UploadRefused("too-many-pixels") from wrong
    except _UNREADABLE as wrong:
        raise UploadRefused("not-a-picture") from wrong
