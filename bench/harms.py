"""What happens to a code between its screen or paper and a reader, simulated.

A picture is a square of grey numbers, 0 black to 1 white. Each harm takes the code, as
modules with their quiet zone, and dice; what it gives is what a camera or scanner saw.
A simulation only: real cameras, printers and fingers are a field test.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from math import cos, radians, sin

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Grey = NDArray[np.float64]
Harm = Callable[[Grey, Generator], Grey]

FINE = 12  # pixels a module before anything is done to it
INCH_MM = 25.4


def large(code: Grey, fine: int = FINE) -> Grey:
    return code.repeat(fine, axis=0).repeat(fine, axis=1)


def image(grey: Grey) -> Image.Image:
    return Image.fromarray((grey.clip(0, 1) * 255).round().astype(np.uint8))


def grey(picture: Image.Image) -> Grey:
    return np.asarray(picture, dtype=np.float64) / 255


def blurred(picture: Grey, radius: float) -> Grey:
    return grey(image(picture).filter(ImageFilter.GaussianBlur(radius)))


def noisy(picture: Grey, dice: Generator, deviation: float) -> Grey:
    return picture + dice.normal(0, deviation, picture.shape)


def held(code: Grey, dice: Generator, *, module_px: float, tilt: float = 0.05) -> Grey:
    """The code by hand before a camera: turned, tilted, on a table, unevenly lit."""
    fine = image(code)
    side = len(code) / FINE * module_px
    whole = round(side * 1.5)
    angle = radians(dice.uniform(-12, 12))
    corners = []
    for x, y in ((-1, -1), (-1, 1), (1, 1), (1, -1)):
        stretch = 1 + dice.uniform(-tilt, tilt)
        turned = (x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
        corners.append([whole / 2 + stretch * side / 2 * axis for axis in turned])
    # Drawn at twice the size and brought down, as a lens would, not by skipping pixels.
    how = _projection([[2 * axis for axis in corner] for corner in corners], fine.width)
    size = (2 * whole, 2 * whole)
    seen = fine.transform(
        size, Image.Transform.PERSPECTIVE, how, Image.Resampling.BILINEAR, fillcolor=190
    )
    small = grey(seen.resize((whole, whole), Image.Resampling.BOX))
    light = np.linspace(dice.uniform(0.75, 1), dice.uniform(0.75, 1), whole)
    return small * 0.85 * light + 0.06


def _projection(corners: list[list[float]], side: int) -> list[float]:
    """The eight numbers that take a place of the photo to its place in the code."""
    known, wanted = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (0, side), (side, side), (side, 0)), strict=True):
        known += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return list(np.linalg.solve(np.array(known), np.array(wanted)))


def photo(module_px: float) -> Harm:
    def taken(code: Grey, dice: Generator) -> Grey:
        seen = held(large(code), dice, module_px=module_px)
        return noisy(blurred(seen, dice.uniform(0.5, 0.9)), dice, 0.025)

    return taken


def defocus(code: Grey, dice: Generator) -> Grey:
    """A screen photographed: its grid beats with the sensor's, and the lens is a little off."""
    seen = blurred(held(large(code), dice, module_px=5), dice.uniform(1.3, 1.9))
    at = np.arange(len(seen))
    wave, turn = 2 * np.pi / dice.uniform(2.1, 7), dice.uniform(0, np.pi)
    beat = np.cos(wave * (at[:, None] * cos(turn) + at[None, :] * sin(turn)))
    return noisy(seen + 0.06 * beat, dice, 0.02)


def low_light(code: Grey, dice: Generator) -> Grey:
    seen = blurred(held(large(code), dice, module_px=5), 0.9)
    return noisy(0.08 + 0.28 * seen, dice, 0.045)


def glare(code: Grey, dice: Generator) -> Grey:
    """A lamp in the glass: six hundredths of the code burnt out, with a soft edge."""
    seen = held(large(code), dice, module_px=5)
    side = len(seen) / 1.5
    radius = side * (0.06 / np.pi) ** 0.5
    middle = len(seen) / 2 + dice.uniform(-0.4, 0.4, 2) * side
    at = np.arange(len(seen))
    far = np.hypot(at[:, None] - middle[0], at[None, :] - middle[1])
    return noisy(blurred(seen + 1 / (1 + np.exp((far - radius) / 2)), 0.7), dice, 0.025)


def stained(share: float, draw: Callable[[ImageDraw.ImageDraw, Generator, int], None]) -> Harm:
    """*share* of the code, quiet zone left out, covered by what *draw* draws again and again."""

    def seen(code: Grey, dice: Generator) -> Grey:
        fine = image(large(code))
        covered = Image.new("L", fine.size)
        pen = ImageDraw.Draw(covered)
        while np.count_nonzero(np.asarray(covered)) < share * fine.width * fine.height:
            draw(pen, dice, fine.width)
        shade = Image.new("L", fine.size, int(dice.integers(40, 200)))
        fine.paste(shade, mask=covered)
        return noisy(blurred(held(grey(fine), dice, module_px=5), 0.7), dice, 0.025)

    return seen


def blot(pen: ImageDraw.ImageDraw, dice: Generator, side: int) -> None:
    x, y = dice.uniform(4 * FINE, side - 4 * FINE, 2)
    wide, high = dice.uniform(0.6 * FINE, 2.2 * FINE, 2)
    pen.ellipse((x - wide, y - high, x + wide, y + high), fill=255)


def scratch(pen: ImageDraw.ImageDraw, dice: Generator, side: int) -> None:
    x, y = dice.uniform(0, side, 2)
    angle, length = dice.uniform(0, 2 * np.pi), dice.uniform(0.2, 0.7) * side
    end = (x + length * cos(angle), y + length * sin(angle))
    pen.line((x, y, *end), fill=255, width=int(dice.uniform(0.3, 1) * FINE))


def screenshot(code: Grey, dice: Generator) -> Grey:
    """Shown, captured, scaled by a messenger and pressed into a small JPEG."""
    fine = image(large(code))
    side = round(len(code) * dice.uniform(2.4, 4))
    out = BytesIO()
    fine.resize((side, side), Image.Resampling.BILINEAR).save(
        out, "JPEG", quality=int(dice.integers(20, 50))
    )
    return grey(Image.open(out).convert("L"))


def printed(size_mm: float, dpi: int) -> Harm:
    """On paper, quiet zone included, by a printer that bleeds; then laid on a scanner."""

    def scanned(code: Grey, dice: Generator) -> Grey:
        ink = blurred(large(code), 0.16 * FINE) > dice.uniform(0.42, 0.58)
        paper = np.pad(np.where(ink, 0.93, 0.12), 6 * FINE, constant_values=0.93)
        turned = image(paper).rotate(dice.uniform(-3, 3), Image.Resampling.BICUBIC, fillcolor=237)
        side = round(len(paper) / len(code) / FINE * size_mm / INCH_MM * dpi)
        seen = grey(turned.resize((side, side), Image.Resampling.BOX))
        return noisy(blurred(seen, 0.4), dice, 0.02)

    return scanned


HARMS: dict[str, Harm] = {
    "photo, 6 px a module": photo(6),
    "photo, 4 px a module": photo(4),
    "photo, 2.8 px a module": photo(2.8),
    "defocus with moiré": defocus,
    "low light": low_light,
    "glare, 6 %": glare,
    "dirt, 4 %": stained(0.04, blot),
    "scratches, 2.5 %": stained(0.025, scratch),
    "screenshot as JPEG": screenshot,
    "print of 25 mm at 200 dpi": printed(25, 200),
    "print of 30 mm at 150 dpi": printed(30, 150),
    "print of 30 mm at 200 dpi": printed(30, 200),
    "print of 40 mm at 150 dpi": printed(40, 150),
}
