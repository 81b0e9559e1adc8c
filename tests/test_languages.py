"""Every sentence exists in both languages, says the same, and can be drawn."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import polib
import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
BOOKS = sorted(ROOT.glob("locale/*/ko/LC_MESSAGES/django.po"))
HANGUL = re.compile("[ㄱ-ㆎ가-힣]")
GAP = re.compile(r"%\(\w+\)s|\{\w+\}")
PARTICLE = re.compile(r"(?:%\((\w+)\)s|\{(\w+)\})(?:을|를|이|가|은|는|와|과|으로|로)(?![가-힣])")
# A sum ends with 원 in every sentence, so its particle is always right.
SUMS = {"w"}
NEVER = ("GPS 인증", "위치 인증")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its own module up while it is made.
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
    return module


def entries() -> Iterator[tuple[str, str, str]]:
    """Room, English, Korean; of a plural, its two English forms one after the other."""
    for path in BOOKS:
        for entry in polib.pofile(path):
            said = entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr
            for english in filter(None, (entry.msgid, entry.msgid_plural)):
                yield path.parts[-4], english, said


def test_every_message_is_translated_and_compiled() -> None:
    assert list(script("messages").troubles()) == []


def test_the_english_holds_no_hangul() -> None:
    assert [english for _, english, _ in entries() if HANGUL.search(english)] == []


def test_both_languages_leave_the_same_gaps() -> None:
    differ = [
        (room, english)
        for room, english, korean in entries()
        if set(GAP.findall(english)) != set(GAP.findall(korean))
    ]
    assert differ == []


def test_no_particle_follows_a_word_that_is_filled_in() -> None:
    wrong = [
        korean
        for _, _, korean in entries()
        for named, braced in PARTICLE.findall(korean)
        if (named or braced) not in SUMS
    ]
    assert wrong == []


def test_nothing_claims_that_a_place_is_certified() -> None:
    sources = [*ROOT.glob("templates/**/*.html"), *BOOKS, *ROOT.glob("attest/**/*.toml")]
    claims = [
        (path.name, words)
        for path in sources
        for words in NEVER
        if words in path.read_text(encoding="utf-8")
    ]
    assert claims == []


@pytest.mark.parametrize("weight", [400, 700])
def test_the_small_face_draws_every_word_of_ours(weight: int) -> None:
    """Else a page waits for a quarter megabyte: run scripts/subset_fonts.py."""
    said = {character for _, english, korean in entries() for character in english + korean}
    for path in script("subset_fonts").sources():
        said.update(HANGUL.findall(path.read_text(encoding="utf-8")))
    first, later, whole = (characters(f"{weight}{kind}") for kind in ("-first", "-ui", ""))
    assert (said & whole) - first - later == set()
    assert first & later == set()


@pytest.mark.parametrize("weight", [400, 700])
def test_the_touch_page_opens_in_its_first_face_alone(weight: int) -> None:
    """And the sheet of styles asks that face for exactly what it has."""
    subset = script("subset_fonts")
    first, whole = characters(f"{weight}-first"), characters(str(weight))

    assert (subset.first_characters() & whole) - first == set()
    sheet = subset.SHEET.read_text(encoding="utf-8")
    (told,) = re.findall(rf"{weight}-first.*?unicode-range: ([^;]+);", sheet, re.DOTALL)
    assert told == subset.ranges(first)


def characters(face: str) -> set[str]:
    font: Any = TTFont(ROOT / f"static/fonts/PretendardGOV-{face}.woff2")
    return {chr(code) for code in font.getBestCmap()}
