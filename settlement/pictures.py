"""A picture of receipts: looked at in memory for its codes, and never kept."""

from __future__ import annotations

import zxingcpp

from attest.errors import UploadRefused
from trips.adapters.pictures import MOST_BYTES, opened

MOST_CODES = 60


def codes_in(content: bytes) -> list[str]:
    """The text of every QR code in the picture, each once; none is an answer as well.

    ``UploadRefused`` says ``too-large``, ``too-many-pixels`` or ``not-a-picture``.
    """
    if len(content) > MOST_BYTES:
        raise UploadRefused("too-large")
    with opened(content) as picture:
        grey = picture.convert("L")
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        text_mode=zxingcpp.TextMode.Plain,
    )
    return list(dict.fromkeys(code.text for code in found if code.valid))[:MOST_CODES]
