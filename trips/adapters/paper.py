"""Paper: a document of ``trips/paper/`` and what it is to say become one tagged PDF.

The documents are ours and hold no data; what they say comes to them as JSON, so that no
word of a name or a purpose can be read as a command. The faces lie beside them: nothing is
asked of the machine, and nothing of the network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

FOLDER = Path(__file__).resolve().parent.parent / "paper"
# PDF/UA-1 promises that every character can be read; our faces have no pictures and no controls.
_UNREADABLE = "could not be displayed"


def pdf(name: str, said: Mapping[str, Any], *, at: datetime) -> bytes:
    """Tagged, and PDF/UA-1 where the faces hold all that is said. *at*: when it was made."""
    try:
        return _made(name, said, at, standards=["ua-1"])
    except typst.TypstError as refused:
        if _UNREADABLE not in refused.message:
            raise
        # Printed all the same, an empty box in its place: only the promise is left out.
        return _made(name, said, at, standards=[])


def _made(name: str, said: Mapping[str, Any], at: datetime, *, standards: Any) -> bytes:
    # One for each paper: a compiler is not for two threads at once.
    compiler = typst.Compiler(root=FOLDER, font_paths=_faces(), package_path=FOLDER)
    made = compiler.compile(
        FOLDER / f"{name}.typ",
        sys_inputs={"said": json.dumps(said, ensure_ascii=False)},
        format="pdf",
        pdf_standards=standards,
        timestamp=int(at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


@cache
def _faces() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[FOLDER / "fonts"],
    )
