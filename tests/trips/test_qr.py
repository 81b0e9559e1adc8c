"""The drawing of a token: module for module the package's own, small, and read by a camera."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import shake_256
from io import BytesIO

import pytest
import qrcode
import zxingcpp
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, MODE_NUMBER, QRData

from attest.digits import link, write
from attest.errors import TokenRefused
from trips import qr
from trips.qr_template import modules

RUN = re.compile(r"(M|m)(\d+) (\d+)h(\d+)v1h-(\d+)z")
# Host length, then the largest token of it that version 12 and version 13 hold (token.md §6).
LARGEST = [(15, 261, 305), (20, 258, 302), (24, 256, 299), (30, 252, 295), (40, 245, 288)]


def by_the_package(text: str, version: int) -> list[str]:
    head, _, digits = text.partition("#")
    code = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=2)
    code.add_data(QRData(head, mode=MODE_ALPHA_NUM), optimize=0)
    code.add_data(QRData("#", mode=MODE_8BIT_BYTE), optimize=0)
    code.add_data(QRData(digits, mode=MODE_NUMBER), optimize=0)
    code.make(fit=False)
    return ["".join("01"[bool(module)] for module in row) for row in code.modules]


def text_of(size: int, *, host: int = 15, fill: int = 7) -> str:
    """A link of a *host* of so many letters and a token of *size* bytes."""
    token = b"".join((fill * 2_654_435_761 * n % 2**32).to_bytes(4) for n in range(1, 99))
    return link(write(token[:size]), ("trip.example.kr" + "-town.hall.of.kr" * 2)[:host])


def version_of(text: str) -> int:
    return (len(qr.matrix(text)) - 17) // 4


def scanned(picture: Image.Image) -> str:
    # Only what it is: among so many modules a reader of all kinds now and then sees a bar code.
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    (code,) = zxingcpp.read_barcodes(picture.convert("L"), formats=kinds)
    return str(code.text)


def painted(svg: str, *, scale: int = 4) -> Image.Image:
    """The one black path of the drawing, run by run."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])  # type: ignore[index]
    picture = Image.new("L", (side, side), 255)
    for x, y, wide in runs(svg):
        picture.paste(0, (x, y, x + wide, y + 1))
    return picture.resize((side * scale, side * scale), Image.Resampling.NEAREST)


def runs(svg: str) -> Iterator[tuple[int, int, int]]:
    at_x = at_y = 0
    for pen, x, y, wide, back in RUN.findall(svg.rpartition('d="')[2]):
        assert wide == back
        at_x, at_y = int(x) + at_x * (pen == "m"), int(y) + at_y * (pen == "m")
        yield at_x, at_y, int(wide)


# --- the modules ------------------------------------------------------------------------


@pytest.mark.parametrize("version", [11, 12, 13])
@given(
    host=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:", min_size=1, max_size=40),
    size=st.integers(150, 225),
    seed=st.binary(max_size=8),
)
def test_every_module_is_the_packages_own(version: int, host: str, size: int, seed: bytes) -> None:
    # Spread as a sealed token is: the package itself cannot draw a block of nothing but zeros.
    text = link(write(shake_256(seed).digest(size)), host)
    drawn = modules(text, version=version)
    # What a version cannot hold is tried by size, below.
    assume(drawn is not None)

    assert drawn == by_the_package(text, version)


def test_a_token_of_zeros_is_drawn_and_read_all_the_same() -> None:
    text = link(write(bytes(257)), "trip.example.kr")

    assert scanned(painted(qr.svg(text))) == text


@pytest.mark.parametrize("size", range(230, 306))
def test_every_size_of_a_token_is_drawn_as_the_package_draws_it(size: int) -> None:
    text = text_of(size)

    assert qr.matrix(text) == by_the_package(text, version_of(text))


@pytest.mark.parametrize(("host", "twelve", "thirteen"), LARGEST)
def test_the_smallest_version_that_holds_it_is_taken(host: int, twelve: int, thirteen: int) -> None:
    versions = [version_of(text_of(size, host=host)) for size in (twelve, twelve + 1, thirteen)]

    assert versions == [12, 13, 13]
    with pytest.raises(TokenRefused):
        qr.matrix(text_of(thirteen + 1, host=host))


def test_the_ordinary_token_is_version_12_up_to_a_host_of_20_letters() -> None:
    assert [version_of(text_of(257, host=host)) for host in (15, 20, 24)] == [12, 12, 13]


def test_a_small_token_is_version_11_and_never_smaller() -> None:
    assert version_of(text_of(150)) == 11


def test_in_one_segment_the_same_words_would_need_version_20() -> None:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(text_of(257), optimize=0)
    code.make(fit=True)

    assert code.version == 20


def test_the_mask_is_the_second_always() -> None:
    """Format bits of level M and mask 2, from the standard's table: 101111001111100."""
    for fill in range(1, 9):
        rows = qr.matrix(text_of(257, fill=fill))
        beside = rows[8][:6] + rows[8][7] + rows[8][8] + rows[7][8]
        above = "".join(rows[n][8] for n in range(5, -1, -1))
        assert beside + above == "101111001111100"


# --- the pictures -----------------------------------------------------------------------


def test_the_svg_is_white_ground_and_one_path_for_all_dark_modules() -> None:
    rows = qr.matrix(text_of(257))
    drawn = qr.svg(text_of(257))
    dark = {(x + dx, y) for x, y, wide in runs(drawn) for dx in range(wide)}

    assert drawn.count("<path ") == 2
    assert 'shape-rendering="crispEdges"' in drawn
    assert 'viewBox="0 0 73 73"' in drawn
    assert 'fill="#fff" d="M0 0h73v73H0z"' in drawn
    assert dark == {(x + 4, y + 4) for y in range(65) for x in range(65) if rows[y][x] == "1"}


@pytest.mark.parametrize("size", [150, 257, 305])
def test_the_svg_is_at_most_sixteen_kilobytes(size: int) -> None:
    assert len(qr.svg(text_of(size))) <= 16_384


@pytest.mark.parametrize(("scale", "most"), [(4, 1_200), (8, 2_500)])
@pytest.mark.parametrize("size", [150, 257, 305])
def test_the_png_is_one_bit_deep_and_small(scale: int, most: int, size: int) -> None:
    drawn = qr.png(text_of(size), scale=scale)
    picture = Image.open(BytesIO(drawn))

    assert picture.mode == "1"
    assert picture.width == picture.height == scale * (len(qr.matrix(text_of(size))) + 8)
    assert len(drawn) <= most


@pytest.mark.parametrize("size", [150, 257, 305])
def test_both_pictures_say_the_text_and_are_the_same_modules(size: int) -> None:
    text = text_of(size)
    small = Image.open(BytesIO(qr.png(text, scale=4)))
    drawn = painted(qr.svg(text))

    assert scanned(small) == scanned(drawn) == text
    assert small.tobytes() == drawn.convert("1").tobytes()


@pytest.mark.parametrize("scale", [1, 4])
def test_the_quiet_zone_is_four_white_modules(scale: int) -> None:
    picture = Image.open(BytesIO(qr.png(text_of(257), scale=scale))).convert("L")
    dark = picture.point(lambda light: 255 - light).getbbox()

    assert dark == (4 * scale, 4 * scale, 69 * scale, 69 * scale)
