"""A film for the browser's camera, drawn frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT, FPS = 640, 480, 10
_WALL = (96, 98, 102)


def write_y4m(
    path: Path, frames: Iterable[Image.Image], *, width: int, height: int, fps: int
) -> None:
    """A silent film Chromium accepts as a camera. Frames must have exactly this size, both even."""
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            y, cb, cr = frame.convert("YCbCr").split()
            half = (width // 2, height // 2)
            film.write(
                b"FRAME\n" + y.tobytes() + cb.resize(half).tobytes() + cr.resize(half).tobytes()
            )


def film_of(path: Path, *screenshots: bytes) -> Path:
    """A hand holds each screen before the camera for a second, a little crooked, then none."""
    write_y4m(path, _frames(screenshots), width=WIDTH, height=HEIGHT, fps=FPS)
    return path


def _frames(screenshots: Iterable[bytes]) -> Iterator[Image.Image]:
    for screenshot in screenshots:
        code = Image.open(BytesIO(screenshot)).convert("RGB")
        code.thumbnail((440, 440), Image.Resampling.LANCZOS)
        yield from [_wall()] * 4
        for frame in range(12):
            yield _held(code, tilt=5 * (frame - 6) / 6)


def _wall() -> Image.Image:
    return Image.new("RGB", (WIDTH, HEIGHT), _WALL)


def _held(code: Image.Image, *, tilt: float) -> Image.Image:
    turned = code.rotate(tilt, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))
    frame = _wall()
    frame.paste(turned, ((WIDTH - turned.width) // 2, (HEIGHT - turned.height) // 2))
    return frame
