"""A picture of receipts: looked at in memory for its codes, and never kept."""

from __future__ import annotations

from contextlib import closing

from attest.errors import UploadRefused
from trips.adapters.looking import told
from trips.adapters.pictures import MOST_BYTES, opened

MOST_CODES = 60


def codes_in(content: bytes) -> list[str]:
    """The text of every QR code in the picture, each once; none is an answer as well.

    ``UploadRefused`` says ``too-large``, ``too-many-pixels``, ``not-a-picture`` or ``too-heavy``.
    """
    if len(content) > MOST_BYTES:
        raise UploadRefused("too-large")
    with opened(content) as picture:
        grey = picture.convert("L")
    # Unfolded here, within bounds; the readers are C, and strangers' pixels are kept from us.
    with closing(told(grey.tobytes(), "grey", *map(str, grey.size))) as lines:
        said = list(lines)
    if not said:
        raise UploadRefused("too-heavy")
    found = [text for line in said for text in line["codes"]]
    return list(dict.fromkeys(found))[:MOST_CODES]
