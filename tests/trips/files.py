"""Files as people send them, and as people who mean no good do."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

UPLOADS = "/api/v1/uploads"


def slip(
    shade: int = 120, *, form: str = "JPEG", size: tuple[int, int] = (640, 480), **said: Any
) -> bytes:
    """A picture of a slip; another *shade* is another slip."""
    picture = Image.new("RGB", size, (200, 180, 60))
    picture.paste((0, 0, 0), (2 * shade, 0, 2 * shade + 40, 40))
    out = BytesIO()
    picture.save(out, form, **said)
    return out.getvalue()


def located(shade: int = 120) -> bytes:
    """As a phone's camera writes it: where, with what, and turned."""
    exif = Image.Exif()
    exif[0x010F] = "Gaon Phone Works"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 15.0, 13.5), 3: "E", 4: (128.0, 38.0, 25.4)})
    return slip(shade, exif=exif.tobytes(), comment=b"35.2537519,128.6404273")


def pages(count: int, *, size: tuple[int, int] = (620, 877)) -> bytes:
    sheets = [Image.new("RGB", size, (n * 7 % 256, 200, 90)) for n in range(count)]
    out = BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def claims_to_be(width: int, height: int, content: bytes = b"not zlib") -> bytes:
    """A PNG of a few bytes that says it is *width* × *height*."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def file_of(content: bytes, name: str = "slip.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


def send(api: APIClient, content: bytes, name: str = "slip.jpg", kind: str = "image/jpeg") -> Any:
    return api.post(UPLOADS, {"file": file_of(content, name, kind)}, format="multipart")


def sent(api: APIClient, content: bytes) -> str:
    answer = send(api, content)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])
