"""Cut the faces every page loads: `.venv/bin/python scripts/subset_fonts.py`.

Two cuts of a face hold each character our own words use: `-first` ASCII, the marks below
and the words of the touch page as it opens, `-ui` what other pages and later states say. A
page that shows another character, a person's name say, loads the whole face. Which one a
browser fetches for a character, `unicode-range` in static/css/fonts.css tells; it is written
here. Files named as arguments lend their Hangul too, for words that are still to be written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
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
# What the touch page says before anybody presses (ux.md §13: 80 KB with its letters).
FIRST = [
    "base.html",
    "trips/today.html",
    "trips/parts/card.html",
    "trips/parts/touch_button.html",
    "trips/parts/site_link.html",
    "trips/parts/when.html",
    "trips/parts/money.html",
    "parts/topbar.html",
    "parts/bottombar.html",
    "parts/pills.html",
    "parts/footer.html",
]
# And what code says on it: vehicles, and the bar at its foot.
SPOKEN = ["Public transport", "Official car", "Own car", "Passenger", "On foot"]
SPOKEN += ["Today", "My trips", "Access diary", "All", "Approvals"]
DATES = "년월일시분초월화수목금토일원"
SHEET = ROOT / "static/css/fonts.css"
_SAID = re.compile(r'translate "([^"]*)"|blocktranslate[^%]*%}(.*?){%', re.DOTALL)
_SLOT = re.compile(r"{{\s*(\w+)\s*}}")
_RANGE = re.compile(r"(-first\.woff2\"\) format\(\"woff2\"\);\n  unicode-range: )[^;]*;")
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


def first_characters() -> set[str]:
    """Every character of the touch page as it opens, but for names and places."""
    korean: dict[str, str] = {}
    for book in ROOT.glob("locale/*/ko/LC_MESSAGES/django.po"):
        for entry in polib.pofile(str(book)):
            korean[entry.msgid] = entry.msgstr or "".join(entry.msgstr_plural.values())
    said = set(ASCII + MARKS + DATES).union(*(korean[one] for one in SPOKEN))
    for name in FIRST:
        text = (ROOT / "templates" / name).read_text(encoding="utf-8")
        said.update(text)
        for plain, framed in _SAID.findall(text):
            said.update(korean.get(plain or _SLOT.sub(r"%(\1)s", framed), ""))
    return {character for character in said if character.isprintable()}


def ranges(characters: set[str]) -> str:
    """*characters* as ``unicode-range`` names them."""
    spans: list[list[int]] = []
    for code in sorted(map(ord, characters)):
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return ", ".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in spans)


def cut(weight: int, characters: set[str], *, kind: str) -> set[str]:
    """Write the cut, and say which of *characters* it draws."""
    options = subset.Options(
        flavor="woff2", layout_features=FEATURES, hinting=False, notdef_outline=True
    )
    face = FONTS / f"PretendardGOV-{weight}.woff2"
    font = subset.load_font(face, options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(characters)))
    there = {chr(code) for code in font.getBestCmap()}
    if absent := characters - there:
        print(f"not in the face, drawn by another font: {' '.join(sorted(absent))}")
    cutter.subset(font)
    out = FONTS / f"PretendardGOV-{weight}-{kind}.woff2"
    subset.save_font(font, out, options)
    print(f"{out.relative_to(ROOT)}: {out.stat().st_size:,} bytes")
    return characters & there


def main() -> None:
    every = ui_characters([Path(name) for name in sys.argv[1:]])
    first = first_characters() & every
    print(f"{len(every)} characters, {len(first)} of them first")
    for weight in (400, 700):
        drawn = cut(weight, first, kind="first")
        cut(weight, every - first, kind="ui")
    sheet = _RANGE.sub(rf"\g<1>{ranges(drawn)};", SHEET.read_text(encoding="utf-8"))
    SHEET.write_text(sheet, encoding="utf-8")


if __name__ == "__main__":
    main()
