"""A sheet is looked at, and comes back with the yes: applied only as it was looked at."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from accounts.csv_sheet import LARGEST
from attest.errors import BatchChanged, ImportRefused


def digest_over(rows: Iterable[Sequence[object]]) -> bytes:
    """Over every row and its fate: what was previewed is what is applied."""
    return sha256(json.dumps(list(rows), ensure_ascii=False).encode()).digest()


def counts_of(fates: Iterable[str], *, among: Sequence[str]) -> dict[str, int]:
    """How many rows meet each of *among*, those that none meets included."""
    found = Counter(fates)
    return {fate: found[fate] for fate in among}


def packed(raw: bytes) -> str:
    """*raw* as a field of the form that carries it along: nothing is kept between."""
    return b64encode(zlib.compress(raw, 9)).decode()


def unpacked(text: str, *, largest: int = LARGEST) -> bytes:
    """What ``packed`` made; ``import.no-file`` where *text* is nothing of the kind."""
    try:
        # No more than a sheet may be, whatever a small text claims to unfold to.
        return zlib.decompressobj().decompress(b64decode(text, validate=True), largest + 1)
    except (ValueError, zlib.error) as wrong:
        raise ImportRefused("import.no-file") from wrong


def digest_in(text: str) -> bytes:
    """Of a preview, as a form brings it back."""
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise BatchChanged("not the digest of a preview") from wrong
