"""The QR of a receipt: how long its matrix, its pictures and a PDF of sixty take; their sizes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from statistics import median
from time import perf_counter, process_time

from PIL import Image

from bench.report import machine, tell
from bench.scan import sample
from settlement.documents import sheets_in
from trips.qr import matrix, png, svg

ROUNDS = 25
KIB = 1024


def spent_ms(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return 1000 * (process_time() - start)


def main() -> None:
    sys.stdout.write(f"pictures: {machine()}\n")
    text, _ = sample()
    drawn = {"SVG": lambda: svg(text), "PNG of 8 px": lambda: png(text, scale=8)}
    rounds = [spent_ms(lambda: matrix(text)) for _ in range(ROUNDS)]
    tell("QR matrix, ms", rounds, limit=0.5, at_least=False)
    for name, draw in drawn.items():
        more = [spent_ms(draw) - median(rounds) for _ in range(ROUNDS)]
        tell(f"QR {name} after the matrix, ms", more, limit=2, at_least=False)
    sizes = {
        "PNG of 4 px": (len(png(text, scale=4)), 1.2),
        "PNG of 8 px": (len(png(text, scale=8)), 2.5),
        "SVG": (len(svg(text).encode()), 16),
    }
    for name, (size, most) in sizes.items():
        tell(f"QR {name}, KiB", [size / KIB], limit=most, at_least=False)
    paper = scanned([text[:-3] + f"{number:03}" for number in range(60)])
    waited = [read_s(paper, codes=60) for _ in range(5)]
    tell("PDF of 60 codes, s until all are read", waited, limit=1.5, at_least=False)


def scanned(texts: list[str]) -> bytes:
    """Paper as a scanner hands it on: pages at 150 dpi, six codes on each."""
    sheets = [Image.new("L", (1240, 1754), 255) for _ in range(0, len(texts), 6)]
    for place, text in enumerate(texts):
        code = Image.open(BytesIO(png(text, scale=4))).convert("L")
        sheets[place // 6].paste(code, (100 + place % 2 * 550, 60 + place % 6 // 2 * 560))
    out = BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    return out.getvalue()


def read_s(paper: bytes, *, codes: int) -> float:
    start = perf_counter()
    found = {code for sheet in sheets_in(paper) for code in sheet.codes or ()}
    if len(found) != codes:
        raise SystemExit(f"{len(found)} of {codes} codes were read")
    return perf_counter() - start


if __name__ == "__main__":
    main()
