"""Is it a workbook, and one that may be unfolded? By content, never by name or by its own word."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Final, Literal, NoReturn
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from attest.errors import SheetRefused

MOST_BYTES: Final = 20 * 1_048_576
MOST_UNFOLDED: Final = 200 * 1_048_576
MOST_MEMBERS: Final = 2_000
_CHUNK = 65_536
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_CIPHERED = 0x1


def kind_of(raw: bytes) -> Literal["xlsx", "xls"]:
    """What *raw* is, once nothing in it can grow without end."""
    if len(raw) > MOST_BYTES:
        raise SheetRefused("sheet.too_large")
    if raw.startswith(_OLE):
        if _LOCKED in raw:
            raise SheetRefused("sheet.encrypted")
        return "xls"
    if raw.startswith(_ZIP):
        _walk(raw)
        return "xlsx"
    raise SheetRefused("sheet.not_a_workbook")


def _walk(raw: bytes) -> None:
    """Unfold every member once, counting: what the archive says of its sizes is not asked."""
    try:
        with ZipFile(BytesIO(raw)) as book:
            members = book.infolist()
            names = {member.filename for member in members}
            if len(members) > MOST_MEMBERS:
                raise SheetRefused("sheet.too_large")
            if len(names) != len(members) or "xl/workbook.xml" not in names:
                raise SheetRefused("sheet.not_a_workbook")
            left = MOST_UNFOLDED
            for member in members:
                left = _unfold(book, member, left)
    except (BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as wrong:
        raise SheetRefused("sheet.not_a_workbook") from wrong


def _unfold(book: ZipFile, member: ZipInfo, left: int) -> int:
    if member.flag_bits & _CIPHERED:
        raise SheetRefused("sheet.encrypted")
    parser = None
    if member.filename.endswith((".xml", ".rels", ".vml")):
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _no_doctype
    with book.open(member) as part:
        while chunk := part.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise SheetRefused("sheet.too_large")
            if parser:
                _fed(parser, chunk)
        if parser:
            _fed(parser, b"", last=True)
    return left


def _fed(parser: expat.XMLParserType, chunk: bytes, *, last: bool = False) -> None:
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError as wrong:
        raise SheetRefused("sheet.not_a_workbook") from wrong


def _no_doctype(*_: object) -> NoReturn:
    # Where entities are declared, a line can be made to mean a gigabyte. No workbook needs one.
    raise SheetRefused("sheet.not_a_workbook")
