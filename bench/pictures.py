"""The QR of a receipt: how long its matrix and its pictures take, and how large they are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import process_time

from bench.report import machine, tell
from bench.scan import sample
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
    tell("QR matrix, ms", rounds, limit=10, at_least=False)
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


if __name__ == "__main__":
    main()
