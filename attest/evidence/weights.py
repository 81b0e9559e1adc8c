"""The versioned file of points, limits and sentences behind every assessment.

A changed number is a new version of the file, never a changed line of code. A file that
does not hold together is a mistake of whoever installed it: ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import chain

from attest.contract import (
    Misfit,
    Reader,
    closed,
    flag,
    keyed,
    listed,
    may,
    need,
    nullable,
    number,
    one_of,
    whole,
    words,
)
from attest.strict_json import parsed


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as the file tells it: its family, its points and its sentence."""

    ko: str
    en: str
    family: str = ""
    points: int = 0
    decisive: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ByMode:
    ground: float
    sea: float
    air: float
    mixed: float

    def of(self, mode: str) -> float:
        found: float = getattr(self, mode)
        return found


@dataclass(frozen=True, slots=True)
class Limits:
    inside_fine_m: float
    inside_mid_m: float
    usable_accuracy_m: float
    near_m: float
    varies_min_fixes: int
    varies_min_points: int
    identical_min_fixes: int
    accuracy_presets_m: tuple[float, ...]
    decimals_accuracy_m: float
    decimals_low: int
    decimals_few: int
    address_m: float
    lost_min_fixes: int
    jump_m: float
    jump_kmh: float
    old_fix_ms: int
    clock_minutes_s: int
    clock_days_s: int
    home_utc_offset_min: int
    same_point_fine_m: float
    device_new_s: int
    late_1_s: int
    late_2_s: int
    speed_min_gap_m: float
    speed_min_s: int
    impossible_kmh: float
    mode_kmh: ByMode
    office_min_km: float
    office_max_minutes: float
    office_kmh: ByMode
    site_steps: int
    stay_s: int


@dataclass(frozen=True, slots=True)
class Bars:
    """The numbers of evidence.md §4.1 that turn totals into a verdict."""

    sufficient_support: int
    sufficient_concern_below: int
    witnessed_concern_below: int
    review_concern: int
    review_families: int
    review_family_points: int
    decisive_concern: int
    weak_families: tuple[str, ...]
    strong_site: tuple[str, ...]
    strong_host: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A policy asks that at least one of *any* be among the support."""

    code: str
    any: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """What can be asked for; *replaces* turns a concern into another, or into none."""

    code: str
    effort: int
    when: tuple[str, ...]
    brings: str | None
    stacks: bool
    replaces: Mapping[str, str | None]
    ko: str
    en: str


@dataclass(frozen=True, slots=True)
class Weights:
    format: str
    weights_version: str
    support_caps: Mapping[str, int]
    support: Mapping[str, Line]
    concern_caps: Mapping[str, int]
    concern: Mapping[str, Line]
    integrity: Mapping[str, Line]
    notes: Mapping[str, Line]
    limits: Limits
    verdict: Bars
    policies: Mapping[str, tuple[Group, ...]]
    menu: tuple[Item, ...]

    def line(self, code: str) -> Line:
        for lines in (self.support, self.concern, self.notes, self.integrity):
            if code in lines:
                return lines[code]
        raise ValueError(f"these weights do not know {code}")


def read_weights(text: str | bytes) -> Weights:
    try:
        weights: Weights = _WEIGHTS(parsed(text))
    except Misfit as no:
        raise ValueError(f"weights file: {no.why} at {no.path or 'its top'}") from None
    _hold_together(weights)
    return replace(
        weights,
        support=_of_kind("support", weights.support),
        concern=_of_kind("concern", weights.concern),
        integrity=_of_kind("integrity", weights.integrity),
        notes=_of_kind("note", weights.notes),
    )


def _of_kind(kind: str, lines: Mapping[str, Line]) -> dict[str, Line]:
    return {code: replace(line, kind=kind) for code, line in lines.items()}


def _hold_together(weights: Weights) -> None:
    """Every name one part of the file uses is explained in another."""
    groups = list(chain.from_iterable(weights.policies.values()))
    bars = weights.verdict
    _known(
        "support family",
        (one.family for one in weights.support.values()),
        weights.support_caps,
    )
    _known(
        "concern family",
        (one.family for one in weights.concern.values()),
        weights.concern_caps,
    )
    _known("family", bars.weak_families, weights.concern_caps)
    _known("support", (*bars.strong_site, *bars.strong_host), weights.support)
    _known("policy", (group.code for group in groups), weights.notes)
    _known("support", chain.from_iterable(group.any for group in groups), weights.support)
    _known(
        "support",
        (item.brings for item in weights.menu if item.brings),
        weights.support,
    )
    for item in weights.menu:
        _known("concern", item.replaces, weights.concern)
        _known("concern", filter(None, item.replaces.values()), weights.concern)


def _known(what: str, names: Iterable[str], known: Mapping[str, object]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"weights file: no {what} is called {name}")


_POINTS = whole(0, 100)
_WHOLE = whole(1 - 2**53, 2**53 - 1)
_AMOUNT = number(0, 2**53 - 1)
_NAMES = listed(words, most=100)
_SENTENCES = {"ko": need(words), "en": need(words)}
_SAID = closed(Line, **_SENTENCES)
_WEIGHED = {"family": need(words), "points": need(_POINTS), **_SENTENCES}
_BY_MODE = closed(ByMode, **{mode: need(_AMOUNT) for mode in ("ground", "sea", "air", "mixed")})


# The annotations of a class are its table: each number is read as what it says it is.
_BY_KIND: dict[str, Reader] = {
    "int": _WHOLE,
    "float": _AMOUNT,
    "ByMode": _BY_MODE,
    "tuple[float, ...]": listed(_AMOUNT, most=100),
    "tuple[str, ...]": _NAMES,
}


def _table(kind: type[Limits | Bars]) -> Reader:
    return closed(kind, **{each.name: need(_BY_KIND[str(each.type)]) for each in fields(kind)})


_ITEM = closed(
    Item,
    code=need(words),
    effort=need(_WHOLE),
    when=need(_NAMES),
    brings=need(nullable(words)),
    stacks=need(flag),
    replaces=need(keyed(nullable(words))),
    **_SENTENCES,
)
_WEIGHTS = closed(
    Weights,
    format=need(one_of("evidence-weights/1")),
    weights_version=need(words),
    support_caps=need(keyed(_POINTS)),
    support=need(keyed(closed(Line, **_WEIGHED))),
    concern_caps=need(keyed(_POINTS)),
    concern=need(keyed(closed(Line, **_WEIGHED, decisive=may(flag, default=False)))),
    integrity=need(keyed(_SAID)),
    notes=need(keyed(_SAID)),
    limits=need(_table(Limits)),
    verdict=need(_table(Bars)),
    policies=need(keyed(listed(closed(Group, code=need(words), any=need(_NAMES)), most=100))),
    menu=need(listed(_ITEM, most=100)),
)
