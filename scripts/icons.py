"""Draw the icons a phone shows, from the shapes of ``static/icons/favicon.svg``.

`python scripts/icons.py` writes them; `--check` says whether they are what it would draw.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from io import BytesIO
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "static" / "icons"
BLUE, WHITE = "#0b50d0", "#ffffff"
# Drawn larger and made smaller: the edges come out smooth.
FINER = 4
SIDE = 32
ROUND = 9
PEN = 2.4

Point = tuple[float, float]


@dataclass(frozen=True)
class Icon:
    """*room*: how much of the side the sign may take; *round*: whether corners are cut."""

    name: str
    pixels: int
    room: float
    cut: str


ICONS = (
    Icon("app-192.png", 192, 1.0, "round"),
    Icon("app-512.png", 512, 1.0, "round"),
    # A phone cuts a circle of four fifths out of it.
    Icon("app-maskable-512.png", 512, 0.8, "none"),
    Icon("app-touch-180.png", 180, 0.9, "none"),
)


def sign() -> list[list[Point]]:
    """Two lines: a pin with its point below, and the tick inside it."""
    centre, radius, tip = (16.0, 13.8), 7.5, (16.0, 26.0)
    # The arc over the top, from the right side to the left.
    turns = [-pi * step / 60 for step in range(61)]
    arc = [(centre[0] + radius * cos(t), centre[1] + radius * sin(t)) for t in turns]
    left = curve((8.5, 13.8), (8.5, 19.8), tip, tip)
    right = curve(tip, tip, (23.5, 20.0), (23.5, 13.8))
    return [[*arc, *left, *right], [(12.6, 13.7), (15.1, 16.2), (19.5, 11.6)]]


def curve(a: Point, b: Point, c: Point, d: Point) -> list[Point]:
    """A cubic Bézier line."""
    points = []
    for step in range(41):
        t = step / 40
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        shares = list(zip(weights, (a, b, c, d), strict=True))
        points.append((sum(w * x for w, (x, _) in shares), sum(w * y for w, (_, y) in shares)))
    return points


def drawn(icon: Icon) -> bytes:
    side = icon.pixels * FINER
    scale = side / SIDE
    picture = Image.new("RGBA", (side, side), "#0b50d000")
    pen = ImageDraw.Draw(picture)
    corner = ROUND * scale if icon.cut == "round" else 0
    pen.rounded_rectangle((0, 0, side - 1, side - 1), corner, fill=BLUE)
    middle = SIDE / 2
    for line in sign():
        near = [
            (middle + (x - middle) * icon.room, middle + (y - middle) * icon.room) for x, y in line
        ]
        at = [(x * scale, y * scale) for x, y in near]
        width = PEN * scale * icon.room
        pen.line(at, fill=WHITE, width=round(width))
        for x, y in at:
            pen.circle((x, y), width / 2, fill=WHITE)
    kept = BytesIO()
    small = picture.resize((icon.pixels, icon.pixels), Image.Resampling.LANCZOS)
    # Few colours, and none of a phone's other papers shines through.
    small.quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def main() -> int:
    stale = [icon.name for icon in ICONS if not same(icon)]
    if "--check" in sys.argv:
        print("stale: " + ", ".join(stale) if stale else "icons are as drawn")
        return 1 if stale else 0
    for icon in ICONS:
        (FOLDER / icon.name).write_bytes(drawn(icon))
    return 0


def same(icon: Icon) -> bool:
    """By their pixels: another release of the packer writes other bytes."""
    place = FOLDER / icon.name
    if not place.is_file():
        return False
    kept, made = (Image.open(one).convert("RGBA") for one in (place, BytesIO(drawn(icon))))
    return kept.tobytes() == made.tobytes()


if __name__ == "__main__":
    sys.exit(main())
