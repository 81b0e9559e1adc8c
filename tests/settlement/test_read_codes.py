"""A folder of pictures and PDF at the command line: every code told, nothing judged or kept."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from bench.scan import sample
from trips.qr import png

TEXT, _ = sample()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As somebody keeps receipts: a folder in a folder, and things that are no pictures."""
    (tmp_path / "11월").mkdir()
    (tmp_path / "11월" / "1.PNG").write_bytes(png(TEXT, scale=4))
    (tmp_path / "2.png").write_bytes(blank("PNG"))
    pages = [Image.open(BytesIO(content)).convert("L") for content in (png(TEXT, scale=4),)]
    pages.append(Image.new("L", pages[0].size, 255))
    pages[0].save(tmp_path / "3.pdf", "PDF", save_all=True, append_images=pages[1:], resolution=150)
    (tmp_path / "notes.txt").write_text("영수증")
    (tmp_path / ".hidden.png").write_bytes(b"no picture")
    return tmp_path


def blank(form: str) -> bytes:
    out = BytesIO()
    Image.new("L", (200, 200), 255).save(out, form)
    return out.getvalue()


def said(capsys: Any) -> list[tuple[str, Any, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [
        (Path(one["file"]).name, one.get("page"), one.get("text", one.get("unread")))
        for one in lines
    ]


def test_every_code_of_a_folder_is_told_with_its_file_and_page(folder: Path, capsys: Any) -> None:
    call_command("read_codes", str(folder))

    assert said(capsys) == [
        ("1.PNG", None, TEXT),
        ("2.png", None, None),
        ("3.pdf", 1, TEXT),
        ("3.pdf", 2, None),
    ]


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(
    folder: Path, capsys: Any
) -> None:
    (folder / "0.png").write_bytes(b"no picture")

    with pytest.raises(CommandError, match="1 files or pages could not be read"):
        call_command("read_codes", str(folder / "0.png"), str(folder / "11월"))

    assert said(capsys) == [("0.png", None, "not-a-picture"), ("1.PNG", None, TEXT)]


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(CommandError):
        call_command("read_codes", str(tmp_path / "none.png"))

    assert said(capsys) == [("none.png", None, "FileNotFoundError")]
