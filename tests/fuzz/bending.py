"""Ways to bend bytes: at random, and by spelling the same CBOR in another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

# Heads that mean something: lengths of every width, no length, tags, simple values, floats.
HEADS = bytes.fromhex("0017181b1f203738405f58595b60787f80829f9ba0a1bfbbc1d2d818f4f6f7f8f9fafbff")


def bent(data: bytes, dice: Random, others: Sequence[bytes] = ()) -> bytes:
    """*data* changed in one to three places; never *data* itself."""
    while True:
        found = data
        for _ in range(dice.randint(1, 3)):
            found = _bent_once(found, dice, others)
        if found != data:
            return found


def _bent_once(data: bytes, dice: Random, others: Sequence[bytes]) -> bytes:
    at, size = dice.randrange(len(data) + 1), dice.randint(1, 12)
    before, after = data[:at], data[at:]
    match dice.randrange(8):
        case 0:
            return before + bytes(b ^ 1 << dice.randrange(8) for b in after[:1]) + after[1:]
        case 1:
            return before + bytes((dice.choice(HEADS),)) + after[1:]
        case 2:
            return before + dice.randbytes(size) + after[size:]
        case 3:
            return before + after[size:]
        case 4:
            return before + dice.randbytes(size) + after
        case 5:
            return before + after[:size] + after
        case 6 if others:
            return before + dice.choice(others)[at:]
        case _:
            return before or after[1:]


def respelt(data: bytes) -> Iterator[bytes]:
    """The same CBOR items in every other spelling: long heads, no lengths, binary64, tags."""
    for here, head, content in heads(data):
        major, rest = data[here] >> 5, data[here + head :]
        for low, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if major <= 6 and head < 1 + width:
                number = _argument(data, here, head).to_bytes(width, "big")
                yield data[:here] + bytes((major << 5 | low,)) + number + rest
        yield data[:here] + b"\xc1" + data[here:]
        if 2 <= major <= 3:
            whole = data[here : here + head + content]
            after = rest[content:]
            yield data[:here] + bytes((major << 5 | 31,)) + whole + b"\xff" + after
        if 4 <= major <= 5:
            yield data[:here] + bytes((major << 5 | 31,)) + rest + b"\xff"


def heads(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each head of *data* is, its own length, and that of a string behind it."""
    here = 0
    while here < len(data):
        low, major = data[here] & 31, data[here] >> 5
        head = 1 + (1 << (low - 24) if 24 <= low < 28 else 0)
        content = _argument(data, here, head) if 2 <= major <= 3 else 0
        yield here, head, content
        here += head + content


def _argument(data: bytes, here: int, head: int) -> int:
    if head == 1:
        return data[here] & 31
    return int.from_bytes(data[here + 1 : here + head], "big")
