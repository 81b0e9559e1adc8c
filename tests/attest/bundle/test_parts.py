"""A bundle in parts: wherever it was broken off, it goes on to the very same bytes."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from attest.bundle import parquet, workbook
from attest.bundle.archive import plain_member
from attest.bundle.packing import Packer, archive_of, joined, packed, unpacked
from attest.bundle.parts import Desk, parts_laid
from attest.bundle.write import lay
from attest.errors import ExportRefused
from tests.attest.bundle.town import Town, codes, judged

FILES = {"a/one.txt": b"", "a/two.csv": "가,나\r\n".encode() * 9_000, "b": bytes(range(256))}


class Torn(Exception):
    """The worker is no more."""


class TornDesk(Desk):
    """A shelf whose worker dies after so many pieces."""

    left = -1

    def keep(self, name: str, raw: bytes) -> None:
        if not self.left:
            raise Torn
        self.left -= 1
        super().keep(name, raw)


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "PART", 5)
    monkeypatch.setattr(workbook, "_PARTS", 2)
    monkeypatch.setattr(parquet, "GROUP", 5)


def test_an_archive_is_byte_by_byte_what_the_library_writes() -> None:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6) as made:
        for name, raw in FILES.items():
            with made.open(plain_member(name), "w") as member:
                member.write(raw)

    ours = b"".join(archive_of((name, packed(raw)) for name, raw in FILES.items()))
    assert ours == out.getvalue()


@pytest.mark.parametrize("cuts", [[0], [1, 1], [70_000], [3, 65_536, 65_537]])
def test_pieces_laid_end_to_end_are_one_stream(cuts: list[int]) -> None:
    raw = bytes(n * n % 251 for n in range(200_000))
    pieces, at = [], 0
    for end in (*cuts, len(raw)):
        packer = Packer()
        packer.write(raw[at:end])
        pieces.append(packer.close())
        at = max(at, end)

    whole = joined(lambda: pieces)
    assert b"".join(unpacked(whole.stream())) == raw
    one = packed(raw)
    assert (whole.sha256, whole.size, whole.crc) == (one.sha256, one.size, one.crc)


def test_an_archive_too_large_for_its_form_is_refused_before_it_is_begun() -> None:
    huge = packed(b"")
    object.__setattr__(huge, "size", 0xFFFF_FFFF)
    with pytest.raises(ExportRefused):
        next(archive_of([("one", huge)]))


@pytest.mark.parametrize("said", [{}, {"parquet": True}])
def test_broken_off_after_any_piece_it_goes_on_to_the_same_bytes(
    town: Town, said: dict[str, Any]
) -> None:
    content = town.content(**said)
    whole = b"".join(lay(content, shelf=Desk()).chunks())
    assert codes(judged(whole)) == set()

    kept = Desk()
    lay(content, shelf=kept)
    assert parts_laid(kept) > 2
    for number in range(len(kept)):
        desk = TornDesk()
        desk.left = number
        with pytest.raises(Torn):
            lay(content, shelf=desk)
        desk.left = -1
        assert b"".join(lay(content, shelf=desk).chunks()) == whole
