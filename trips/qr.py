"""The QR of a token, drawn by the server: for pages without script, for mail and paper.

Three segments (alphanumeric ``HTTPS://HOST/V``, byte ``#``, numeric digits), version 11 to
13, level M, mask 2, quiet zone 4: token.md §6. The phone draws the same modules itself.
"""

from __future__ import annotations

from io import BytesIO

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, MODE_NUMBER, QRData

from attest.errors import TokenRefused

QUIET = 4
_VERSIONS = (11, 12, 13)


def matrix(text: str) -> list[list[bool]]:
    """The modules of *text* without quiet zone; ``TokenRefused`` where no version 13 holds it."""
    head, _, digits = text.partition("#")
    for version in _VERSIONS:
        code = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=2)
        code.add_data(QRData(head.encode(), mode=MODE_ALPHA_NUM), optimize=0)
        code.add_data(QRData(b"#", mode=MODE_8BIT_BYTE), optimize=0)
        code.add_data(QRData(digits.encode(), mode=MODE_NUMBER), optimize=0)
        try:
            code.make(fit=False)
        except DataOverflowError:
            continue
        return [[bool(module) for module in row] for row in code.modules]
    raise TokenRefused("malformed", at="text")


def svg(text: str) -> str:
    """One run-length path, black on white whatever the page's colours."""
    rows = matrix(text)
    side = len(rows) + 2 * QUIET
    path = "".join(_runs(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path d="{path}"/></svg>'
    )


def png(text: str, *, scale: int) -> bytes:
    """One bit a pixel, *scale* pixels a module."""
    rows = matrix(text)
    side = len(rows) + 2 * QUIET
    picture = Image.new("1", (side, side), 1)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + QUIET, y + QUIET), 0)
    out = BytesIO()
    picture.resize((side * scale, side * scale), Image.Resampling.NEAREST).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def _runs(rows: list[list[bool]]) -> list[str]:
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            end = x
            while end < len(row) and row[end]:
                end += 1
            path.append(f"M{x + QUIET} {y + QUIET}h{end - x}v1h{x - end}z")
            x = end
    return path
