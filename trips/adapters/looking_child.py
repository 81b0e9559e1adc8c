"""Looks at one PDF or picture: a process of its own, which gives up what it does not need first.

It comes in on standard input. Of a PDF goes out a JSON line a page, after one that says how many
there are, ``{"pages": 10}``, or instead ``{"refused": why}``. Asked for ``codes`` a page is
``{"page": 1, "codes": […]}``; asked for ``pages`` it is ``{"page": 1, "jpeg": base64}``. Of a
picture (``grey WIDTH HEIGHT``, its bare pixels) goes out ``{"codes": […]}`` for each reader. Cut
off at any moment, what was written stands. A bare script: it imports nothing of the product.

Two readers look: zxing-cpp, and zbar at what that one left over. Dirt and scratches that hide a
code from one seldom hide it from both.
"""

from __future__ import annotations

import json
import resource
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw

try:
    # Now: it looks for its library by a program, and none is started later.
    from pyzbar import pyzbar
except ImportError:
    # Without libzbar0 one reader looks; `manage.py check --deploy` says so.
    pyzbar = None

MOST_PAGES = 30
MEMORY = 512 * 1_048_576
CPU_S = 5
# 200 dpi, less where a page is so large that it would not fit.
SCALE = 200 / 72
MOST_PIXELS = 12_000_000
# To be read by a person, thirty pages within the time: 110 dpi, of an A4 page.
PAGE_SCALE = 110 / 72
PAGE_PIXELS = 1_500_000
# Fewer pixels of ink are no code of ours: at two pixels a module it has eight thousand.
LEAST_INK = 4_000
FAINT = 30
PASSWORD = 4  # FPDF_ERR_PASSWORD

_REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")


def main() -> None:
    content = sys.stdin.buffer.read()
    confine()
    match sys.argv[1:]:
        case ["grey", width, height]:
            picture = Image.frombytes("L", (int(width), int(height)), content)
            for codes in looked(picture):
                say({"codes": codes})
        case [what]:
            turned(content, pictured if what == "pages" else read)


def turned(content: bytes, look: Callable[[Any, int], dict[str, Any]]) -> None:
    """A PDF, page by page."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as wrong:
        locked = getattr(wrong, "err_code", None) == PASSWORD
        say({"refused": "locked" if locked else "not-a-pdf"})
        return
    if len(document) > MOST_PAGES:
        say({"refused": "too-many-pages"})
        return
    say({"pages": len(document)})
    for number in range(len(document)):
        say({"page": number + 1} | look(document, number))


def confine() -> None:
    """From here on: no more memory, no more time, no files to write, nobody to call."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    sys.addaudithook(refuse)


def refuse(event: str, args: Any) -> None:
    del args
    if event.startswith(_REFUSED):
        raise PermissionError(event)


def read(document: Any, number: int) -> dict[str, Any]:
    """The codes of a page, each once. A page that cannot be drawn is told and passed over."""
    try:
        found = [code for codes in looked(drawn(document[number])) for code in codes]
    except (pypdfium2.PdfiumError, MemoryError, ValueError):
        return {"failed": True}
    return {"codes": list(dict.fromkeys(found))}


def looked(picture: Image.Image) -> Iterator[list[str]]:
    """What each reader finds in a grey *picture*, the second in what the first left over."""
    found = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        text_mode=zxingcpp.TextMode.Plain,
    )
    sure = [code for code in found if code.valid]
    yield [code.text for code in sure]
    if pyzbar is None:
        return
    pen = ImageDraw.Draw(picture)
    for code in sure:
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        pen.polygon([(corner.x, corner.y) for corner in corners], fill=255)
    if ink(picture) < LEAST_INK:
        return
    left = pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])
    yield [code.data.decode(errors="replace") for code in left]


def ink(picture: Image.Image) -> int:
    """How many of its pixels are none of the paper: another grey than most of them are."""
    tones = picture.histogram()
    paper = tones.index(max(tones))
    return sum(count for tone, count in enumerate(tones) if abs(tone - paper) > FAINT)


def pictured(document: Any, number: int) -> dict[str, Any]:
    """The page as a picture. One that cannot be drawn is told and passed over."""
    try:
        page = document[number]
        width, height = page.get_size()
        fits = (PAGE_PIXELS / max(1.0, width * height)) ** 0.5
        picture = page.render(scale=min(PAGE_SCALE, fits)).to_pil().convert("RGB")
        out = BytesIO()
        picture.save(out, "JPEG", quality=75)
    except (pypdfium2.PdfiumError, MemoryError, OSError, ValueError):
        return {"failed": True}
    return {"jpeg": b64encode(out.getvalue()).decode()}


def drawn(page: Any) -> Image.Image:
    width, height = page.get_size()
    fits = (MOST_PIXELS / max(1.0, width * height)) ** 0.5
    # In colour and made grey here: drawing in grey takes pdfium twice as long.
    picture: Image.Image = page.render(scale=min(SCALE, fits)).to_pil()
    return picture.convert("L")


def say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
