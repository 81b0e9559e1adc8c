"""The QR of any text, in the smallest version that holds it: for heads of the log on paper."""

from __future__ import annotations

from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from trips.qr import drawn

# What a tablet's camera still reads from a screen (version 25).
MOST_BYTES = 1_200


def plain_svg(text: str) -> str:
    """Byte mode, level M, L where the text is long; empty where no camera would read it."""
    raw = text.encode()
    if len(raw) > MOST_BYTES:
        return ""
    for level in (ERROR_CORRECT_M, ERROR_CORRECT_L):
        code: Any = qrcode.QRCode(error_correction=level, border=0)
        code.add_data(raw, optimize=0)
        try:
            code.make(fit=True)
        except DataOverflowError:
            continue
        return drawn(["".join("01"[dark] for dark in row) for row in code.get_matrix()])
    return ""
