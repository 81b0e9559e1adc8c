"""Cut the faces every page loads: `.venv/bin/python scripts/subset_fonts.py`.

A cut holds each character our own words use, and ASCII, and the marks below. A page
that shows another one, a person's name say, loads the whole face by its unicode-range.
Files named as arguments lend their Hangul too, for words that are still to be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "static/fonts"
WORDS = [
    "templates/**/*.html",
    "templates/**/*.txt",
    "locale/**/*.po",
    "static/js/**/*.js",
    "static/css/**/*.css",
    "config/**/*.py",
    "*/templatetags/*.py",
    "accounts/**/*.py",
    "ledger/**/*.py",
    "trips/**/*.py",
    "settlement/**/*.py",
    "audit/**/*.py",
    "attest/**/*.py",
    "attest/**/*.toml",
    "trips/data/words/**/*",
]
MARKS = "· … – ○ △ ◇ ✕ ■ ℃ ㎡"
FEATURES = ["kern", "ccmp", "locl"]  # its digits are all of one width already
ASCII = "".join(map(chr, range(0x20, 0x7F)))


def sources() -> Iterator[Path]:
    for pattern in WORDS:
        yield from (path for path in ROOT.glob(pattern) if path.is_file())


def is_hangul(character: str) -> bool:
    return "가" <= character <= "힣" or "ㄱ" <= character <= "ㆎ"


def ui_characters(lenders: list[Path]) -> set[str]:
    """Every character a page of ours may show without knowing anybody's name."""
    said = set(ASCII + MARKS)
    for path in sources():
        said.update(path.read_text(encoding="utf-8"))
    for path in lenders:
        said.update(filter(is_hangul, path.read_text(encoding="utf-8")))
    return {character for character in said if character.isprintable()}


def cut(weight: int, characters: set[str]) -> None:
    options = subset.Options(
        flavor="woff2", layout_features=FEATURES, hinting=False, notdef_outline=True
    )
    face = FONTS / f"PretendardGOV-{weight}.woff2"
    font = subset.load_font(face, options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(characters)))
    if absent := characters - {chr(code) for code in font.getBestCmap()}:
        print(f"not in the face, drawn by another font: {' '.join(sorted(absent))}")
    cutter.subset(font)
    out = FONTS / f"PretendardGOV-{weight}-ui.woff2"
    subset.save_font(font, out, options)
    print(f"{out.relative_to(ROOT)}: {out.stat().st_size:,} bytes")


def main() -> None:
    characters = ui_characters([Path(name) for name in sys.argv[1:]])
    print(f"{len(characters)} characters")
    for weight in (400, 700):
        cut(weight, characters)


if __name__ == "__main__":
    main()
