"""What the token commands share: arguments and files, read strictly or not at all."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import NoReturn


class Unusable(Exception):
    """The command was not given what it needs: exit 2."""


class Arguments(ArgumentParser):
    """Says what is wrong as the one JSON line, not as a usage text."""

    def error(self, message: str) -> NoReturn:
        raise Unusable(message)


def hexadecimal(said: str) -> bytes:
    # fromhex alone would allow spaces.
    if not re.fullmatch("([0-9a-fA-F]{2})+", said):
        raise ValueError("not hexadecimal")
    return bytes.fromhex(said)


def whole(said: str) -> int:
    if not re.fullmatch("[0-9]{1,15}", said):
        raise ValueError("not a whole number")
    return int(said)


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Unusable(f"{path} is not a text in UTF-8") from None


def read_document(path: Path, *, most: int) -> bytes:
    """What is in *path*, as far as its reader looks: a longer one is refused, not held."""
    with path.open("rb") as file:
        return file.read(most + 1)


def read_json(text: str) -> object:
    try:
        said: object = json.loads(text)
    except (ValueError, RecursionError):
        raise Unusable("not a JSON document") from None
    return said
