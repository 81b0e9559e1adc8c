"""What lies on an auditor's desk: files, read once, and a plain word where one cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attest.errors import KeysUnusable
from attest.log.trust import Trust

UNREADABLE = "입력을 읽을 수 없습니다. / The input cannot be read: {why}\n"


class Unusable(Exception):
    """Nothing can be said about an input like this."""


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise Unusable(f"{path}: {wrong.strerror}") from wrong


def read_text(path: Path) -> str:
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as wrong:
        raise Unusable(f"{path}: not text") from wrong


def read_trust(path: Path) -> Trust:
    try:
        return Trust.parse(read_text(path))
    except KeysUnusable as wrong:
        raise Unusable(f"{path}: {wrong}") from wrong


def unusable(why: object) -> dict[str, Any]:
    return {"verdict": "unusable", "exit": 2, "why": str(why), "findings": []}


def line_of(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, sort_keys=True) + "\n"
