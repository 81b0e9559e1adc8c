"""The modules of a text in well under a millisecond: bits into a template of its version.

Which bit of which codeword lands on which module is learned once a version from ``qrcode``
itself; the tests hold every module to that package's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain, islice, zip_longest
from operator import itemgetter
from typing import Any

import qrcode
from qrcode.base import Polynomial, rs_blocks
from qrcode.constants import ERROR_CORRECT_M
from qrcode.LUT import rsPoly_LUT
from qrcode.util import ALPHA_NUM

MASK = 2
_FLIP = str.maketrans("01", "10")


def modules(text: str, *, version: int) -> list[str] | None:
    """Rows of ``0`` and ``1`` without quiet zone; None where *version* cannot hold *text*."""
    bits, shapes = _segments(text), rs_blocks(version, ERROR_CORRECT_M)
    room = 8 * sum(shape.data_count for shape in shapes)
    if len(bits) > room:
        return None
    bits += "0" * min(4, room - len(bits))
    bits += "0" * (-len(bits) % 8)
    said = int(bits, 2).to_bytes(len(bits) // 8, "big")
    rest = iter(said + (b"\xec\x11" * room)[: room // 8 - len(said)])
    blocks = [bytes(islice(rest, shape.data_count)) for shape in shapes]
    size = shapes[0].total_count - shapes[0].data_count
    words = [word for column in zip_longest(*blocks) for word in column if word is not None]
    words += chain(*zip(*(_check(block, size) for block in blocks), strict=True))
    plain = f"{int.from_bytes(bytes(words), 'big'):0{8 * len(words)}b}"
    drawn = "".join(_places(version)(plain + plain.translate(_FLIP) + "01"))
    side = 17 + 4 * version
    return [drawn[row : row + side] for row in range(0, side * side, side)]


def _segments(text: str) -> str:
    """Alphanumeric up to the ``#``, one byte, the rest numeric; lengths as versions 10 to 26."""
    head, _, digits = text.partition("#")
    values = [ALPHA_NUM.index(ord(letter)) for letter in head]
    pairs = [f"{a * 45 + b:011b}" for a, b in zip(values[::2], values[1::2], strict=False)]
    odd = f"{values[-1]:06b}" if len(values) % 2 else ""
    threes = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    numbers = [f"{int(three):0{(0, 4, 7, 10)[len(three)]}b}" for three in threes]
    return (
        f"0010{len(head):011b}{''.join(pairs)}{odd}"
        f"0100{1:016b}{ord('#'):08b}0001{len(digits):012b}{''.join(numbers)}"
    )


def _check(block: bytes, size: int) -> bytes:
    """Reed-Solomon: what is left of *block* divided by the generator of *size* codewords."""
    table, top, keep = _remainders(size), 8 * (size - 1), (1 << 8 * size) - 1
    left = 0
    for word in block:
        left = (left << 8 & keep) ^ table[left >> top ^ word]
    return left.to_bytes(size, "big")


@cache
def _remainders(size: int) -> Sequence[int]:
    """What each of the 256 codewords leaves, moved up by *size*."""
    divisor = Polynomial(rsPoly_LUT[size], 0)
    left = [Polynomial([word], size) % divisor for word in range(1, 256)]
    return [0, *(int.from_bytes(bytes(one.num), "big") for one in left)]


@cache
def _places(version: int) -> Callable[[str], Sequence[str]]:
    """Picks each module's value out of: all bits, the same bits turned, ``01``."""
    count = 8 * sum(shape.total_count for shape in rs_blocks(version, ERROR_CORRECT_M))
    plain = _drawn(version, [0] * count)
    found = [0] * len(plain)
    # Draw every bit's own number, one binary digit of it at a time.
    for digit in range(count.bit_length()):
        turned = _drawn(version, [n + 1 >> digit & 1 for n in range(count)])
        found = [f | (a ^ b) << digit for f, a, b in zip(found, plain, turned, strict=True)]
    # A zero drawn dark is under the mask; a module nothing changes is none of the bits.
    spots = [
        n - 1 + count * dark if n else 2 * count + dark
        for n, dark in zip(found, plain, strict=True)
    ]
    return itemgetter(*spots)


def _drawn(version: int, bits: Sequence[int]) -> list[int]:
    code: Any = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    code.data_cache = list(int("".join(map(str, bits)), 2).to_bytes(len(bits) // 8, "big"))
    code.makeImpl(False, MASK)  # noqa: FBT003 -- not a trial, says the package
    return [int(module) for row in code.modules for module in row]
