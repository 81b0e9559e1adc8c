"""The 시·군·구 in force, from the state's code list: to choose a destination by.

A trip carries ``unit``, which the same-city rule compares: the districts of one city share it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import takewhile

# Words that say "somewhere" only: no place can be compared, found or paid by them.
_NOWHERE = frozenset(
    (
        *("관내", "관외", "시내", "시외", "현장", "외근", "외부", "출장지", "인근", "근처"),
        *("각지", "관내출장", "관외출장", "관내일원", "관내전역"),
    )
)


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    unit: str
    towns: tuple[str, ...]


@cache
def units() -> tuple[Unit, ...]:
    text = files("trips").joinpath("data", "administrative-units.json").read_text(encoding="utf-8")
    rows = json.loads(text)["units"]
    return tuple(Unit(r["code"], r["name"], r["unit"], tuple(r["towns"])) for r in rows)


@cache
def _by_code() -> dict[str, Unit]:
    found = {one.code: one for one in units()}
    # The unit itself is a good answer too, where no district of that code stands alone.
    for one in units():
        found.setdefault(one.unit, one)
    return found


def unit_of(code: str) -> str | None:
    """What a trip to the 시·군·구 of *code* carries; none for a code not in force."""
    found = _by_code().get(code)
    return found.unit if found else None


@cache
def unit_words(unit: str) -> str:
    """The name of a unit for people; the code itself where the list no longer has it.

    A city of districts has no name in the list but the words that all of theirs begin with.
    """
    found = _by_code().get(unit)
    if found is None or found.code == unit:
        return found.name if found else unit
    names = (one.name.split() for one in units() if one.unit == unit)
    shared = takewhile(lambda words: len(set(words)) == 1, zip(*names, strict=False))
    return " ".join(words[0] for words in shared)


def find_units(words: str, *, most: int = 20) -> list[tuple[Unit, str]]:
    """Units whose name holds every word, then those with such a 읍·면·동; with that town."""
    parts = words.split()
    if not parts:
        return []
    named = [(one, "") for one in units() if all(part in one.name for part in parts)]
    *before, last = parts
    for one in units():
        if all(part in one.name for part in before):
            named += [(one, town) for town in one.towns if town.startswith(last)]
    return named[:most]


def split_unit(text: str) -> tuple[Unit, str] | None:
    """``경상남도 진주시 상대동`` as its unit and the rest; the province may be left out."""
    said = " ".join(text.split())
    for name, one in _spellings():
        if said == name or said.startswith(name + " "):
            return one, said[len(name) :].strip()
    return None


@cache
def _spellings() -> tuple[tuple[str, Unit], ...]:
    """Full names, and those without province that mean one unit only; the longest first."""
    short: dict[str, list[Unit]] = {}
    for one in units():
        _, _, rest = one.name.partition(" ")
        short.setdefault(rest or one.name, []).append(one)
    found = {one.name: one for one in units()}
    found |= {name: many[0] for name, many in short.items() if len(many) == 1}
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


def says_where(text: str) -> bool:
    """Whether *text* names somewhere; ``관내`` and its like do not."""
    said = "".join(text.split())
    return bool(said) and said not in _NOWHERE
