"""The QR of a token, drawn by the server: for pages without script, for mail and paper.

Three segments (alphanumeric ``HTTPS://HOST/V``, byte ``#``, numeric digits), version 11 to
13, level M, mask 2, quiet zone 4: token.md §6. The phone draws the same modules itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from itertools import count

from PIL import Image

from attest.errors import TokenRefused
from trips.qr_template import modules

QUIET = 4
_VERSIONS = (11, 12, 13)
_RUN = re.compile("1+")
_LIGHT = str.maketrans("01", "10")


def matrix(text: str) -> list[str]:
    """Rows of ``0`` and ``1`` (dark) without quiet zone, in the smallest version that holds *text*.

    ``TokenRefused`` where version 13 does not: a larger one no cheap camera reads.
    """
    for version in _VERSIONS:
        if rows := modules(text, version=version):
            return rows
    raise TokenRefused("malformed", at="text")


def svg(text: str) -> str:
    """One run-length path, black on white whatever the page's colours."""
    return drawn(matrix(text))


def drawn(rows: Sequence[str]) -> str:
    """*rows* as ``matrix`` gives them."""
    side = len(rows) + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path d="{"".join(map(_runs, rows, count(QUIET)))}"/></svg>'
    )


def _runs(row: str, y: int) -> str:
    """The dark runs of a row: the first from its place, the others from the one before."""
    path, x = "", 0
    for run in _RUN.finditer(row):
        start = f"m{run.start() - x} 0" if path else f"M{run.start() + QUIET} {y}"
        path, x = f"{path}{start}h{len(run[0])}v1h-{len(run[0])}z", run.start()
    return path


def png(text: str, *, scale: int) -> bytes:
    """One bit a pixel, *scale* pixels a module."""
    rows = matrix(text)
    side = scale * (len(rows) + 2 * QUIET)
    wide = -(-side // 8)
    quiet, above = "1" * QUIET * scale, b"\xff" * wide * QUIET * scale
    said = (
        quiet + row.translate(_LIGHT).replace("1", "1" * scale).replace("0", "0" * scale) + quiet
        for row in rows
    )
    drawn = b"".join(
        int(line.ljust(8 * wide, "1"), 2).to_bytes(wide, "big") * scale for line in said
    )
    out = BytesIO()
    picture = Image.frombytes("1", (side, side), above + drawn + above)
    picture.save(out, "PNG", compress_level=7)
    return out.getvalue()
